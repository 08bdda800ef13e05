/** What all four factories have in common: defaults, partial nested options, ranges. */
import { inspect } from 'node:util'
import t from 'tap'
import { LIMITS } from '../../../src/policies/limits.ts'
import { peer } from '../../../src/policies/peer.ts'
import type { PeerOptions } from '../../../src/policies/peer.ts'

t.test('left out, an option has its default', (t) => {
  t.match(peer(), {
    kind: 'peer',
    throttle: LIMITS.throttle,
    window: LIMITS.window,
    replay: LIMITS.replay,
    highWater: LIMITS.highWater,
    keepalive: LIMITS.keepalive,
    backoff: LIMITS.backoff,
    connectTimeoutMs: LIMITS.connectTimeoutMs,
    ackOn: 'processed',
    onReset: 'hand-back',
    concurrency: LIMITS.concurrency,
    bodies: 'keep',
  })
  t.strictSame(peer({ window: undefined }), peer(), 'undefined counts as left out')
  t.end()
})

t.test('a nested option keeps its siblings', (t) => {
  const policy = peer({ throttle: { bytes: 1024 }, backoff: { maxMs: 500 }, keepalive: { intervalMs: 5000 } })
  t.strictSame(policy.throttle, { messages: Infinity, bytes: 1024 })
  t.strictSame(policy.backoff, { ...LIMITS.backoff, maxMs: 500 })
  t.strictSame(policy.keepalive, { intervalMs: 5000, timeoutMs: 30000 })
  t.end()
})

t.test('keepalive: false is off', (t) => {
  t.strictSame(peer({ keepalive: false }).keepalive, { intervalMs: Infinity, timeoutMs: Infinity })
  t.end()
})

t.test('a policy is frozen to its leaves and keeps nothing of the options', (t) => {
  const window = { bytes: 4096 }
  const policy = peer({ window })
  window.bytes = 1
  t.equal(policy.window.bytes, 4096)
  t.ok(Object.isFrozen(policy))
  for (const part of [policy.throttle, policy.window, policy.replay, policy.keepalive, policy.backoff]) {
    t.ok(Object.isFrozen(part))
  }
  t.notMatch(inspect(policy), /Symbol/)
  t.end()
})

t.test('what cannot be is refused with a sentence', (t) => {
  const cases: [unknown, RegExp][] = [
    ['lossy', /^peer\(\) takes an object of options, got a string/],
    [{ keepAlive: false }, /^peer\(\) has no option "keepAlive"; did you mean "keepalive"\?/],
    [{ throttle: { byte: 1 } }, /^peer\(\) throttle has no option "byte"; did you mean "bytes"\?/],
    [{ throttle: 64 }, /^peer\(\) throttle takes an object of options, got a number/],
    [{ throttle: { bytes: '64k' } }, /throttle\.bytes must be a whole number from 1 to \d+, or Infinity, got "64k"/],
    [{ throttle: { messages: 0 } }, /throttle\.messages/],
    [{ window: { bytes: Infinity } }, /window\.bytes must be a whole number from 1 to 2147483647, got Infinity/],
    [{ window: { messages: 2 ** 24 + 1 } }, /window\.messages/],
    [{ replay: { messages: Infinity } }, /replay\.messages/],
    [{ highWater: 0 }, /highWater must be a number from 0\.01 to 1, got 0/],
    [{ standbyMs: -1 }, /standbyMs/],
    [{ standbyMs: 2 ** 31 }, /standbyMs must be a whole number from 1 to 2147483647, or Infinity/],
    [{ keepalive: true }, /keepalive is on unless it is false/],
    [{ keepalive: { intervalMs: 30000 } }, /timeoutMs must be greater/],
    [{ keepalive: { intervalMs: 60000 } }, /timeoutMs must be greater than intervalMs.*got 30000 and 60000: set both/],
    [{ backoff: { firstMs: 20000 } }, /backoff\.maxMs must not be below firstMs, got 10000 and 20000/],
    [{ backoff: { jitter: 2 } }, /backoff\.jitter must be a number from 0 to 1, got 2/],
    [{ connectTimeoutMs: Infinity }, /connectTimeoutMs/],
    [{ ackOn: 'process' }, /ackOn must be 'processed' or 'received', got "process"; did you mean "processed"/],
    [{ onReset: true }, /onReset must be 'hand-back' or 'requeue', got true/],
    [{ concurrency: 0 }, /concurrency/],
    [{ bodies: 'give' }, /bodies/],
  ]
  for (const [options, message] of cases) {
    t.throws(() => peer(options as PeerOptions), { code: 'INK_BAD_OPTION', message }, message.source)
  }
  t.end()
})
