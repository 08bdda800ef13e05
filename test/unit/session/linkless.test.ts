/** What each policy does without a link, and how a connection ends. */
import t from 'tap'
import { losslessClient } from '../../../src/policies/lossless-client.ts'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import { lossy } from '../../../src/policies/lossy.ts'
import { peer } from '../../../src/policies/peer.ts'
import type { Policy } from '../../../src/policies/policy.ts'
import { afterLink, expired } from '../../../src/session/linkless.ts'
import type { Machine, MachineConfig } from '../../../src/session/machine.ts'
import { configOf, input, machine } from './samples.ts'

function next(policy: Policy, role: MachineConfig['role'], change: Partial<Machine>, hasWork: boolean): string {
  const { machine: after, effects } = afterLink(configOf(policy, role), machine(change), input({ hasWork }), 'cut')
  const closed = effects.find((effect) => effect.type === 'closed')
  return closed === undefined ? after.state.name : `closed ${closed.cause} ${closed.code}`
}

const NEVER = { session: null, tentative: null }
const FAILED = { failures: 1 }

t.test('the table of policies', (t) => {
  const rows: [
    policy: Policy,
    role: MachineConfig['role'],
    change: Partial<Machine>,
    hasWork: boolean,
    expected: string,
  ][] = [
    [lossy(), 'initiator', {}, true, 'closed fault INK_RESET'],
    [lossy(), 'initiator', { ...NEVER, ...FAILED }, false, 'backoff'],
    [lossy(), 'responder', NEVER, false, 'closed fault INK_RESET'],
    [losslessClient(), 'initiator', {}, false, 'connecting'],
    [losslessClient(), 'initiator', FAILED, true, 'backoff'],
    [losslessServer(), 'responder', {}, true, 'standby'],
    [losslessServer(), 'responder', NEVER, false, 'closed fault INK_RESET'],
    [losslessServer(), 'responder', { session: null, tentative: { id: 't', instance: 'i' } }, false, 'standby'],
    [peer(), 'initiator', {}, false, 'standby'],
    [peer(), 'initiator', {}, true, 'connecting'],
    [peer(), 'initiator', { ...NEVER, ...FAILED }, false, 'backoff'],
    [peer(), 'responder', { ...NEVER, ...FAILED }, false, 'closed fault INK_RESET'],
    [peer(), 'responder', { ...FAILED }, true, 'backoff'],
    [peer(), 'initiator', { life: { name: 'closing', deadlineMs: 9000 } }, false, 'closed local INK_CLOSED'],
    [peer(), 'initiator', { life: { name: 'closing', deadlineMs: 9000 } }, true, 'connecting'],
  ]
  for (const [policy, role, change, hasWork, expected] of rows) {
    t.equal(
      next(policy, role, change, hasWork),
      expected,
      `${policy.kind} ${role} ${JSON.stringify(change)} ${hasWork ? 'with work' : ''}`,
    )
  }
  t.end()
})

t.test('a session is kept for as long as its policy says, a promise for less', (t) => {
  const config = configOf(peer({ standbyMs: 1000 }))
  const lost = machine({ linklessSinceMs: 1000 })
  t.notOk(expired(config, lost, input({ nowMs: 1999 })))
  t.ok(expired(config, lost, input({ nowMs: 2000 })))
  t.ok(expired(config, { ...lost, session: null }, input({ nowMs: 1500 })), 'tentativeMs')
  t.notOk(expired(config, machine(), input({ nowMs: Infinity })), 'never had a link')
  t.equal(
    next(peer({ standbyMs: 1000 }), 'initiator', { linklessSinceMs: 0 }, true),
    'closed fault INK_STANDBY_EXPIRED',
  )
  t.end()
})

t.test('a peer that has not said where it can be dialled is waited for, but not for ever', (t) => {
  const stranded = (policy: Policy) =>
    afterLink(configOf(policy, 'responder'), machine(), input({ hasWork: true, canDial: false }), 'cut').machine.state
  t.strictSame(stranded(peer()), { name: 'standby', probeMs: Infinity, expiresMs: 5000 + 600_000 })
  t.match(stranded(peer({ standbyMs: 3_600_000 })), { expiresMs: 5000 + 3_600_000 })
  t.match(stranded(losslessServer({ standbyMs: 3_600_000 })), { expiresMs: 5000 + 3_600_000 })
  t.match(stranded(losslessServer({ standbyMs: Infinity })), { expiresMs: Infinity })
  t.end()
})

t.test('a waiting peer asks now and then, less often after failures; a server never does', (t) => {
  const probe = (policy: Policy, failures: number): number => {
    const { machine: after } = afterLink(configOf(policy), machine({ failures }), input({ random: 0 }), 'cut')
    return after.state.name === 'standby' ? after.state.probeMs - 5000 : -1
  }
  t.equal(probe(peer(), 0), 1000)
  t.equal(probe(peer(), 7), 3200)
  t.equal(probe(losslessServer(), 0), Infinity)
  t.end()
})

t.test('a session that a peer asked for and that carried nothing is kept no longer than one that was promised', (t) => {
  const kept = (policy: Policy, role: MachineConfig['role'], isUseful: boolean): number => {
    const config = { ...configOf(policy, role), tentativeMs: 700 }
    const { state } = afterLink(config, machine({}), input({ nowMs: 1000, isUseful }), 'cut').machine
    return state.name === 'standby' ? state.expiresMs - 1000 : NaN
  }
  t.equal(kept(losslessServer({ standbyMs: 9000 }), 'responder', true), 9000)
  t.equal(kept(losslessServer({ standbyMs: 9000 }), 'responder', false), 700)
  t.equal(kept(losslessServer({ standbyMs: 300 }), 'responder', false), 300)
  t.equal(kept(peer(), 'responder', false), 700, 'also one that could be dialled')
  t.equal(kept(peer(), 'initiator', false), Infinity, 'a caller has asked for this one')
  t.end()
})

t.test('a link that was of use is replaced at once, but not more often than the first backoff', (t) => {
  const config = configOf(peer({ backoff: { firstMs: 50, jitter: 0 } }))
  const fine = machine({ failures: 0 })
  const after = (notBeforeMs: number, nowMs: number): Machine['state'] =>
    afterLink(config, fine, input({ hasWork: true, nowMs }), 'cut', notBeforeMs).machine.state
  t.match(after(1050, 1050), { name: 'connecting' })
  t.strictSame(after(1050, 1010), { name: 'backoff', untilMs: 1050 })
  const failed = afterLink(config, machine({ failures: 2 }), input({ hasWork: true, nowMs: 1000 }), 'cut', 1050)
  t.strictSame(failed.machine.state, { name: 'backoff', untilMs: 1100 }, 'after failures the longer wait counts')
  t.end()
})

t.test(
  'all places of a peer are dialled before anything is waited for, and a silent one has more time in each round',
  (t) => {
    const config = configOf(losslessClient({ backoff: { firstMs: 100, maxMs: 1000, jitter: 0 } }))
    const told = (failures: number, places: number): string => {
      const { state } = afterLink(config, machine({ failures }), input({ places }), 'cut').machine
      if (state.name === 'connecting') return `dials for ${state.deadlineMs - 5000}`
      return state.name === 'backoff' ? `waits for ${state.untilMs - 5000}` : state.name
    }
    const { connectTimeoutMs } = config.policy
    t.equal(told(0, 1), `dials for ${connectTimeoutMs}`)
    t.strictSame(
      [1, 2].map((failures) => told(failures, 1)),
      ['waits for 100', 'waits for 200'],
    )
    t.strictSame(
      [0, 1, 2, 3, 4, 5, 6].map((failures) => told(failures, 3)),
      [
        'dials for 500',
        'dials for 500',
        'dials for 500',
        'waits for 100',
        'dials for 1000',
        'dials for 1000',
        'waits for 200',
      ],
    )
    t.equal(told(301, 3), `dials for ${connectTimeoutMs}`, 'never more than the policy gives')
    t.equal(told(1, 0), 'waits for 100', 'also where everybody has refused')
    t.end()
  },
)
