/** Whom an endpoint follows, and whether what `endpoint()` is given makes sense. */
import { InkwireError } from '../common/errors.ts'
import { describe, optionObject } from '../common/options.ts'
import { checkMethods } from './dispatcher-check.ts'
import type { EndpointHandlers } from './endpoint-life.ts'

const METHODS = ['appear', 'connect', 'disconnect', 'disappear'] as const

/** Whom an endpoint follows: one peer, or all of a type. */
export type EndpointTarget = { readonly name: string } | { readonly type: string }

/** True when there may be a peer that both follow. */
export function overlaps(a: EndpointTarget, b: EndpointTarget): boolean {
  if ('name' in a && 'name' in b) return a.name === b.name
  const typeOf = (target: EndpointTarget): string =>
    'name' in target ? (target.name.split('.')[0] ?? '') : target.type
  return typeOf(a) === typeOf(b)
}

/** @throws InkwireError `INK_BAD_ARGUMENT`. */
export function checkTarget(target: EndpointTarget): void {
  const given = optionObject('endpoint()', target, ['name', 'type'])
  const [value, ...more] = Object.values(given)
  if (more.length === 0 && typeof value === 'string' && value !== '') return
  throw new InkwireError(
    'INK_BAD_ARGUMENT',
    `endpoint() takes { name: 'osd.3' } or { type: 'osd' }, and not both, not ${describe(value)}`,
  )
}

/** @throws InkwireError `INK_BAD_ARGUMENT`. */
export function checkHandlers(handlers: EndpointHandlers): void {
  if (typeof handlers !== 'object' || (handlers as unknown) === null) {
    const text = `endpoint() takes handlers such as { connect(session) {}, disconnect(session) {} }`
    throw new InkwireError('INK_BAD_ARGUMENT', `${text}, not ${describe(handlers)}`)
  }
  checkMethods('endpoint()', handlers, METHODS)
}
