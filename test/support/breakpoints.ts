/** The places that a handshake passes, for tests that break it at each. */
import type { Breakpoint } from '../../src/testing/faults/fault-plan.ts'

/** What a dialler passes before it offers a session, in the order in which it does. */
export const DIALLING: readonly Breakpoint[] = [
  'banner write',
  'banner read',
  'HELLO write',
  'HELLO read',
  'AUTH_REQUEST write',
  'AUTH_DONE read',
]

/** The same places as the other end passes them: what one writes, the other one reads. */
export function mirrored(points: readonly Breakpoint[]): Breakpoint[] {
  return points.map((point) => {
    if (point === 'dial' || point === 'accept') return point === 'dial' ? 'accept' : 'dial'
    const [frame, direction] = point.split(' ')
    return `${frame} ${direction === 'read' ? 'write' : 'read'}` as Breakpoint
  })
}
