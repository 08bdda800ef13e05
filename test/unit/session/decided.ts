/**
 * What the machine decides, told as one number per state and event: over machines, policies, inputs and times that are
 * drawn from a fixed seed. Reasons are left out, since they are for people.
 */
import { losslessClient } from '../../../src/policies/lossless-client.ts'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import { lossy } from '../../../src/policies/lossy.ts'
import { peer } from '../../../src/policies/peer.ts'
import type { ConnectionState, Effect, Machine, StateName } from '../../../src/session/machine.ts'
import type { EventName, SessionEvent } from '../../../src/session/event.ts'
import { deadlineOf, linksOf } from '../../../src/session/holdings.ts'
import { transition } from '../../../src/session/transition.ts'
import { crc32c } from '../../../src/wire/crc32c.ts'
import {
  GRANT,
  ballot,
  chance,
  configOf,
  events,
  input,
  machine,
  moveEvents,
  moveStates,
  offer,
  states,
} from './samples.ts'

/** For each state and event, what became of all that was drawn; by itself (`open+move`) what concerns a link beside. */
export type Decisions = Partial<Record<StateName | `${StateName}+move`, Partial<Record<EventName, string>>>>

const DRAWS = 24
const BACKOFF = { firstMs: 10, maxMs: 80, jitter: 0.5 }
const POLICIES = [
  lossy({ backoff: BACKOFF, connectTimeoutMs: 700 }),
  losslessClient({ backoff: BACKOFF, connectTimeoutMs: 700, standbyMs: 900 }),
  losslessServer({ standbyMs: 900 }),
  peer({ backoff: BACKOFF, connectTimeoutMs: 700, standbyMs: 900, probeMs: 60 }),
  peer({ backoff: BACKOFF, connectTimeoutMs: 700, onReset: 'requeue', probeMs: 5 }),
]
const marks = (received: number) => [{ received, processed: received - 1 }]
const [S, T, U] = ['s', 't', 'u'].map((id, index) => ({ id, marks: marks(index + 2) })) as [Entry, Entry, Entry]
type Entry = { id: string; marks: ReturnType<typeof marks> }

/** What samples.ts has, and links that offer or answer more than one thing. */
function allEvents(): SessionEvent[] {
  const found = events()
  for (const instance of ['i', 'j']) {
    for (const resume of [[S, T], [T, S], [U, T], [S]]) {
      for (const made of [ballot(8), ballot(7, '0'), ballot(7, '1'), ballot(7, '2'), ballot(6, '0')])
        found.push({ type: 'offer', link: 3, instance, offer: offer(0, { ballot: made, resume }), replaced: false })
    }
    for (const link of [1, 2]) {
      for (const [id, resumed] of [
        ['t', true],
        ['t', false],
        ['s', true],
      ] as const) {
        const answer = { id, resumed, marks: marks(4), policy: 'peer', grant: GRANT } as const
        found.push({ type: 'opened', link, instance, answer })
      }
    }
  }
  return found
}

/** Everything that is decided, as numbers. */
export function decide(): Decisions {
  const sums = new Map<string, number>()
  // Those that were there first have numbers of their own: what came later changes none of them.
  draw(sums, '', states(), allEvents())
  draw(sums, '+move', states(), moveEvents())
  draw(sums, '+move', moveStates(), [...allEvents(), ...moveEvents()])
  const decisions: Record<string, Record<string, string>> = {}
  for (const [where, sum] of sums) {
    const [state = '', event = ''] = where.split(' ')
    decisions[state] = { ...decisions[state], [event]: (sum >>> 0).toString(16).padStart(8, '0') }
  }
  return decisions
}

function draw(
  sums: Map<string, number>,
  about: string,
  before: readonly ConnectionState[],
  events: readonly SessionEvent[],
): void {
  const random = chance(1)
  const pick = <T>(choices: readonly T[]): T => choices[random(choices.length)] as T
  for (const state of before) {
    for (const event of events) {
      for (let one = 0; one < DRAWS; one++) {
        const drawn: Machine = machine({
          state,
          life: pick([
            { name: 'running' },
            { name: 'running' },
            { name: 'closing', deadlineMs: 4500 },
            { name: 'closing', deadlineMs: 9500 },
          ]),
          session: pick(['s', 's', null]),
          instance: pick(['i', 'i', null]),
          tentative: pick([null, { id: 't', instance: 'i' }, { id: 't', instance: 'j' }]),
          failures: pick([0, 0, 1, 3]),
          linklessSinceMs: pick([null, 3000, 4100, 4999]),
        })
        const config = configOf(pick(POLICIES), pick(['initiator', 'responder'] as const))
        const given = input({
          nowMs: pick([3999, 4000, 5000, 9000]),
          random: pick([0, 0.25, 0.75]),
          hasWork: pick([true, false]),
          progressed: pick([true, false]),
          canDial: pick([true, true, false]),
        })
        const { machine: after, effects } = transition(config, drawn, event, given)
        const told = JSON.stringify([after, effects, deadlineOf(after), linksOf(after.state)], spoken)
        const where = `${state.name}${about} ${event.type}`
        sums.set(where, crc32c(new TextEncoder().encode(told), 0, undefined, sums.get(where) ?? 0))
      }
    }
  }
}

/** Without reasons, also the one why a link is dropped, and whatever the order of fields. */
function spoken(key: string, value: unknown): unknown {
  if (key === 'reason') return undefined
  // What there is none of is as good as not said.
  if (key === 'move' && value === null) return undefined
  if ((key === 'moves' || key === 'moved') && value === false) return undefined
  if (isDrop(value)) return { link: value.link, type: value.type }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

function isDrop(value: unknown): value is Extract<Effect, { type: 'drop' }> {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'drop'
}
