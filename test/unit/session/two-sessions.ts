/** Two sessions joined by hand: what they say to each other is carried to and fro, without a wire. */
import { peer } from '../../../src/policies/peer.ts'
import type { PeerOptions } from '../../../src/policies/peer.ts'
import type { SessionEvent } from '../../../src/session/event.ts'
import type { Path } from '../../../src/session/path/path.ts'
import type { Run } from '../../../src/session/path/run.ts'
import { Session } from '../../../src/session/session.ts'
import type { Action } from '../../../src/session/action.ts'
import { HybridClock } from '../../../src/wire/hlc.ts'
import { EVERYTHING } from '../../../src/wire/wire.ts'
import { configOf, inbound } from './samples.ts'

const RUNS = { batchMessages: 10, batchBytes: 100, chunkBytes: 50 }
const ACKS = { ackDelayMs: 5, ackEveryMessages: 100, ackEveryBytes: 1000 }
const PROTOCOL = { capabilities: { ...EVERYTHING, batchMax: 100 } }

export function make(self: string, options: PeerOptions = {}, role: 'initiator' | 'responder' = 'initiator'): Session {
  const rest = { self, channel: 0, runs: RUNS, acks: ACKS, protocol: PROTOCOL }
  return new Session({ ...configOf(peer(options), role), ...rest }, new HybridClock())
}

let links = 0
export function handle(session: Session, event: SessionEvent, nowMs = 0): Action[] {
  links++
  return session.handle(event, { nowMs, random: 0, freshId: `id${links}`, freshLink: links, canDial: true })
}

export function only<Type extends Action['type']>(
  actions: readonly Action[],
  type: Type,
): Extract<Action, { type: Type }> {
  const found = actions.find((action): action is Extract<Action, { type: Type }> => action.type === type)
  if (found === undefined) throw new Error(`no ${type} in ${actions.map((action) => action.type).join()}`)
  return found
}

/** `a` dials `b`; the acceptor's link has number 1000 + the dialler's. Returns the numbers and what both adopted. */
export function open(a: Session, b: Session): { link: number; accepted: number; adopted: [Action, Action] } {
  const { link, offer } = only(handle(a, { type: 'connect' }), 'dial')
  const accepted = link + 1000
  const { answer } = only(handle(b, { type: 'offer', link: accepted, instance: 'A', offer, replaced: false }), 'answer')
  const first = handle(a, { type: 'opened', link, instance: 'B', answer })
  const told = first.map(({ type }) => type).filter((type) => type !== 'remoteReset')
  if (told.join() !== 'confirm,adopt,begun') throw new Error(`opened: ${told.join()}`)
  const second = handle(b, { type: 'confirmed', link: accepted })
  return { link, accepted, adopted: [only(first, 'adopt'), only(second, 'adopt')] }
}

/** The link that carries a session. */
export function pathOf({ path }: Session): Path {
  if (path === null) throw new Error('no link carries the session')
  return path
}

/** What it puts on its link next. */
export function next(session: Session, nowMs = 0): Run | null {
  return pathOf(session).next(nowMs, nowMs, 0)
}

/** Carries what waits from one to the other; answers the messages that arrived new. */
export function carry(from: Session, to: Session): ReturnType<typeof inbound>[] {
  const arrived: ReturnType<typeof inbound>[] = []
  for (let run = next(from); run !== null; run = next(from)) {
    const path = pathOf(to)
    const skip = path.batch(run.header, 0)
    for (let index = 0; index < run.count; index++) {
      path.admit(1, index < skip)
      if (index < skip) continue
      const message = inbound(run.header.firstSeq + index, run.header.lane)
      path.complete(message, 0)
      arrived.push(message)
    }
  }
  return arrived
}

/** A bare ack of one is told to the other: its marks, and what may be sent. */
export function ack(from: Session, to: Session): void {
  const marks = pathOf(from).tellMarks()
  for (const [lane, { received, processed }] of marks.entries()) {
    if (!pathOf(to).marks(lane, received, processed)) throw new Error('impossible marks')
  }
  const { messages, bytes } = pathOf(from).tellCredit(true)
  pathOf(to).sending.grant(messages, bytes)
}

/** The link is cut after a while, and there is work: what is dialled at once. */
export function lose(session: Session, link: number): Extract<Action, { type: 'dial' }> {
  const actions = handle(session, { type: 'fault', link, reason: 'cut' }, 1000)
  return only([...actions, ...handle(session, { type: 'work' }, 1000)], 'dial')
}

/** `a` loses its link with `b` and dials again at once; what both say to each other until it carries the session. */
export function resume(a: Session, b: Session, link: number): { link: number; accepted: number } {
  const { link: next, offer } = lose(a, link)
  const accepted = next + 1000
  const { answer } = only(handle(b, { type: 'offer', link: accepted, instance: 'A', offer, replaced: false }), 'answer')
  handle(a, { type: 'opened', link: next, instance: 'B', answer })
  handle(b, { type: 'confirmed', link: accepted })
  return { link: next, accepted }
}

export function lanes(middle: { received: number; processed: number }): { received: number; processed: number }[] {
  return [0, 1, 2].map((index) => (index === 1 ? middle : { received: 0, processed: 0 }))
}
