/** What the tests of the session room share: machines in every state, inputs, configurations, messages, chance. */
import { losslessClient } from '../../../src/policies/lossless-client.ts'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import { lossy } from '../../../src/policies/lossy.ts'
import { peer } from '../../../src/policies/peer.ts'
import type { Policy } from '../../../src/policies/policy.ts'
import type { ConnectionState, Machine, MachineConfig, Pledge } from '../../../src/session/machine.ts'
import type { Input, SessionEvent } from '../../../src/session/event.ts'
import { NEWBORN } from '../../../src/session/transition.ts'
import { InboundMessage } from '../../../src/wire/message.ts'
import type { OutboundMessage, Settle } from '../../../src/wire/message.ts'
import type { Ballot, Grant, SessionOffer } from '../../../src/wire/wire.ts'

export const SELF = '5'
export const POLICIES: readonly Policy[] = [
  lossy(),
  losslessClient(),
  losslessServer({ standbyMs: 1000 }),
  peer({ standbyMs: 1000 }),
  peer({ onReset: 'requeue' }),
]
export const GRANT: Grant = { window: { messages: 8, bytes: 80 }, free: { messages: 8, bytes: 80 } }

export function configOf(policy: Policy, role: MachineConfig['role'] = 'initiator'): MachineConfig {
  return { policy, role, self: SELF, handshakeTimeoutMs: 100, yieldMs: 30, tentativeMs: 500 }
}

export function input(change: Partial<Input> = {}): Input {
  const nothing = { hasWork: false, owesAcks: false, progressed: false, isUseful: true }
  return { nowMs: 5000, random: 0.5, freshId: 'fresh', freshLink: 99, canDial: true, ...nothing, ...change }
}

export function ballot(epoch: number, dialler = '1'): Ballot {
  return { epoch, dialler }
}

export function pledge(link: number, change: Partial<Pledge> = {}): Pledge {
  const { best } = machine()
  return {
    link,
    ballot: best,
    id: 's',
    resumed: true,
    instance: 'i',
    marks: [],
    grant: GRANT,
    deadlineMs: 4000,
    ...change,
  }
}

export function offer(epoch: number, change: Partial<SessionOffer> = {}): SessionOffer {
  return { ballot: ballot(epoch), channel: 0, policy: 'peer', fresh: 'new', resume: [], grant: GRANT, ...change }
}

/** A machine that has lived: session `s` with instance `i`, best ballot 7. */
export function machine(change: Partial<Machine> = {}): Machine {
  return { ...NEWBORN, best: ballot(7), session: 's', instance: 'i', linklessSinceMs: null, ...change }
}

/** Every state, some in several variants. Links: 1 open or dialled, 2 promised. All waits are over at 5000. */
export function states(): ConnectionState[] {
  const promised = pledge(2)
  return [
    { name: 'idle' },
    { name: 'connecting', link: 1, ballot: ballot(7), deadlineMs: 4000, yields: 0 },
    { name: 'connecting', link: 1, ballot: ballot(7), deadlineMs: 9000, yields: 0 },
    { name: 'accepting', pledge: promised },
    { name: 'accepting', pledge: { ...promised, deadlineMs: 9000 } },
    { name: 'open', link: 1, ballot: ballot(6), sinceMs: 0, rival: null },
    { name: 'open', link: 1, ballot: ballot(6), sinceMs: 4999, rival: null },
    { name: 'open', link: 1, ballot: ballot(6), sinceMs: 0, rival: promised },
    { name: 'standby', probeMs: 4000, expiresMs: Infinity },
    { name: 'standby', probeMs: Infinity, expiresMs: 4000 },
    { name: 'standby', probeMs: 9000, expiresMs: 9000 },
    { name: 'backoff', untilMs: 4000 },
    { name: 'backoff', untilMs: 9000 },
    { name: 'yielding', untilMs: 4000, yields: 1 },
    { name: 'yielding', untilMs: 9000, yields: 1 },
    { name: 'draining', link: 1, deadlineMs: 4000 },
    { name: 'draining', link: 1, deadlineMs: 9000 },
    { name: 'closed' },
  ]
}

/** An open session with a link beside its own, of either side. Links: 1 open, 2 beside; link 3 carried it before. */
export function moveStates(): ConnectionState[] {
  const open = { name: 'open', link: 1, ballot: ballot(6), sinceMs: 0, rival: null } as const
  const [late, early] = [4000, 9000].map((deadlineMs) => pledge(2, { moves: true, deadlineMs })) as [Pledge, Pledge]
  return [
    { ...open, move: { name: 'dialling', link: 2, ballot: ballot(7), purpose: 'switch', deadlineMs: 4000 } },
    { ...open, move: { name: 'dialling', link: 2, ballot: ballot(7), purpose: 'standby', deadlineMs: 9000 } },
    { ...open, move: { name: 'ready', pledge: early } },
    { ...open, move: { name: 'ready', pledge: late } },
    { ...open, move: { name: 'parting', pledge: early } },
    { ...open, move: { name: 'parting', pledge: late } },
    { ...open, move: { name: 'left', link: 2, deadlineMs: 4000 } },
    { ...open, move: { name: 'left', link: 2, deadlineMs: 9000 } },
    { ...open, rival: early },
    { ...open, rival: late },
    { name: 'connecting', link: 1, ballot: ballot(7), deadlineMs: 9000, yields: 0, moves: true },
    { name: 'accepting', pledge: early },
  ]
}

/** Every event of a session that moves. */
export function moveEvents(): SessionEvent[] {
  const marks = [{ received: 2, processed: 1 }]
  return [
    { type: 'move', purpose: 'switch' },
    { type: 'move', purpose: 'standby' },
    { type: 'take' },
    { type: 'confirmed', link: 2, marks },
    ...[1, 2].map((link): SessionEvent => ({ type: 'parted', link, epoch: 7, stays: false })),
    { type: 'parted', link: 1, epoch: 7, stays: true },
    { type: 'parted', link: 1, epoch: 8, stays: false },
    ...['s', 'u'].map((id): SessionEvent => ({
      type: 'offer',
      link: 3,
      instance: 'i',
      offer: offer(8, { resume: [{ id, marks: [] }], move: { holdMs: 9 } }),
      replaced: false,
    })),
  ]
}

/** Every event, for each link that a state may hold and one that none does. */
export function events(): SessionEvent[] {
  const answers = [
    { id: 's', resumed: true },
    { id: 's', resumed: false },
    { id: 'new', resumed: false },
    { id: 'new', resumed: true },
  ]
  const perLink = [1, 2, 3].flatMap((link): SessionEvent[] => [
    ...['i', 'j'].flatMap((instance) =>
      answers.map((answer): SessionEvent => ({
        type: 'opened',
        link,
        instance,
        answer: { ...answer, marks: [], policy: 'peer', grant: GRANT },
      })),
    ),
    { type: 'yielded', link, epoch: 9 },
    { type: 'rejected', link, code: 'INK_REFUSED', reason: 'later' },
    { type: 'rejected', link, code: 'INK_POLICY_MISMATCH', reason: 'never' },
    { type: 'confirmed', link },
    { type: 'fault', link, reason: 'cut' },
    { type: 'goodbye', link, code: 'INK_PEER_CLOSED', reason: 'bye' },
  ])
  return [
    { type: 'connect' },
    { type: 'work' },
    { type: 'deadline' },
    { type: 'close', deadlineMs: 8000 },
    { type: 'drained' },
    { type: 'markDown', cause: 'local', code: 'INK_MARKED_DOWN', reason: 'down' },
    ...perLink,
    ...offers().map(({ instance, replaced, made }): SessionEvent => ({
      type: 'offer',
      link: 3,
      instance,
      offer: made,
      replaced,
    })),
  ]
}

/** Offers of the same and of another instance, below, above and out of range, that resume nothing or something. */
export function offers(): { instance: string; replaced: boolean; made: SessionOffer }[] {
  const found = [{ instance: 'i', replaced: true, made: offer(8) }]
  for (const instance of ['i', 'j']) {
    for (const epoch of [7, 8, 0xffffffff]) {
      for (const policy of ['lossy', 'losslessClient', 'peer'] as const) {
        for (const id of ['s', 't', 'u']) {
          const resume = id === 'u' ? [] : [{ id, marks: [] }]
          found.push({ instance, replaced: false, made: offer(epoch, { policy, resume }) })
        }
      }
    }
  }
  return found
}

export function outbound(bytes = 1, priority = 127, settle: Settle | null = null): OutboundMessage {
  return {
    type: 1,
    version: 0,
    priority,
    tid: 0,
    front: null,
    middle: null,
    data: new Uint8Array(bytes),
    extension: null,
    bytes,
    frontBytes: 0,
    middleBytes: 0,
    settle,
  }
}

export function inbound(seq: number, lane = 1, bytes = 1): InboundMessage {
  return new InboundMessage(1, 0, 127, 0, seq, lane, 0, 0, new ArrayBuffer(0), 0, bytes, 0, 0)
}

/** Small, seeded and good enough: mulberry32. A failing seed is in the name of its test. */
export function chance(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}
