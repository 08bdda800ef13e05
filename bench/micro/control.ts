/** The control plane: one step of the state machine, and one decision about an arriving link. */
import { losslessServer } from '../../src/policies/lossless-server.ts'
import { losslessClient } from '../../src/policies/lossless-client.ts'
import { arbitrate, type Incoming } from '../../src/session/arbitration.ts'
import { NEWBORN, transition } from '../../src/session/transition.ts'
import type { MachineConfig } from '../../src/session/machine.ts'
import type { Input } from '../../src/session/event.ts'
import type { SessionOffer } from '../../src/wire/wire.ts'
import type { Suite } from './suite.ts'

const ID = '0123456789abcdef'.repeat(2)
const BUDGET = { messages: 65536, bytes: 2 ** 26 }

export function controlSuite(): Suite {
  const offer: SessionOffer = {
    ballot: { epoch: 1, dialler: '0a' },
    channel: 0,
    policy: 'losslessClient',
    fresh: ID,
    resume: [],
    grant: { window: BUDGET, free: BUDGET },
  }
  const client: MachineConfig = config('initiator')
  const server: MachineConfig = config('responder')
  const incoming: Incoming = { instance: ID, offer, replaced: false }
  const arrived = { type: 'offer', link: 1, instance: ID, offer, replaced: false } as const
  return {
    name: 'control',
    cases: [
      { name: 'transition: connect', run: () => transition(client, NEWBORN, { type: 'connect' }, INPUT) },
      { name: 'transition: an offer arrives', run: () => transition(server, NEWBORN, arrived, INPUT) },
      { name: 'arbitrate', run: () => arbitrate({ policy: 'losslessServer', machine: NEWBORN }, incoming) },
    ],
  }
}

const INPUT: Input = {
  nowMs: 1000,
  random: 0.5,
  freshId: ID,
  freshLink: 1,
  canDial: true,
  hasWork: false,
  owesAcks: false,
  progressed: false,
  isUseful: true,
}

function config(role: 'initiator' | 'responder'): MachineConfig {
  const policy = role === 'initiator' ? losslessClient() : losslessServer()
  return { policy, role, self: '0b', handshakeTimeoutMs: 5000, yieldMs: 30, tentativeMs: 60_000 }
}
