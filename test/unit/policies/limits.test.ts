/** The table of limits: whole, frozen, and overridden only within ranges. */
import t from 'tap'
import { LIMITS, MESSENGER_LIMIT_NAMES, resolveLimits } from '../../../src/policies/limits.ts'
import type { MessengerLimits } from '../../../src/policies/limits.ts'
import { AUTH_BOUNDS } from '../../../src/auth/shared-secret-options.ts'
import { MAX_DRIFT_MS } from '../../../src/wire/hlc.ts'
import { FRAME_BYTES_MIN, RECORD_BYTES_MAX } from '../../../src/wire/native/format.ts'

t.test('the defaults resolve to themselves', (t) => {
  const resolved = resolveLimits()
  t.ok(Object.isFrozen(resolved))
  for (const name of MESSENGER_LIMIT_NAMES) t.equal(resolved[name], LIMITS[name], name)
  t.strictSame(resolveLimits({}), resolved)
  t.end()
})

t.test('the table is frozen to its leaves', (t) => {
  t.ok(Object.isFrozen(LIMITS))
  for (const value of Object.values(LIMITS) as unknown[]) t.ok(Object.isFrozen(value))
  t.end()
})

t.test('an override changes one limit and no other', (t) => {
  const resolved = resolveLimits({ yieldMs: 5 })
  t.equal(resolved.yieldMs, 5)
  t.equal(resolved.ackDelayMs, LIMITS.ackDelayMs)
  t.end()
})

t.test('what cannot be is refused by name, range and value', (t) => {
  const cases: [unknown, RegExp][] = [
    [{ yieldMS: 5 }, /no option "yieldMS"; did you mean "yieldMs"/],
    [{ yieldMs: 0 }, /limits\.yieldMs must be a whole number from 1 to \d+, got 0/],
    [{ yieldMs: 1.5 }, /got 1\.5/],
    [{ yieldMs: '30' }, /got "30"/],
    [{ handshakeTimeoutMs: Infinity }, /got Infinity/],
    [{ handshakeTimeoutMs: 2 ** 31 }, /limits\.handshakeTimeoutMs/],
    [{ ackDelayMs: NaN }, /got NaN/],
    [{ window: {} }, /no option "window"/],
    [[], /takes an object of options, got an array/],
    [null, /got null/],
  ]
  for (const [given, message] of cases) {
    t.throws(() => resolveLimits(given as Partial<MessengerLimits>), { code: 'INK_BAD_OPTION', message })
  }
  t.end()
})

t.test('each limit can be set to both ends of its range, and to nothing beyond', (t) => {
  const [kib, mib, timerMs] = [1024, 1024 ** 2, 2 ** 31 - 1]
  const ranges: Record<keyof MessengerLimits, [least: number, most: number]> = {
    handshakeBytes: [kib, 64 * kib],
    handshakeTimeoutMs: [10, timerMs],
    frameBytes: [4 * kib, 64 * mib],
    batchBytes: [1, 64 * mib],
    batchMessages: [1, 65_535],
    chunkBytes: [kib, 64 * mib],
    halfOpenLinksMax: [1, 1_048_576],
    refusalsToldMax: [0, 1_048_576],
    dialsPerSecondMax: [1, 1_048_576],
    redialsPerSecondMax: [1, 1_048_576],
    redialTriesMax: [1, 1_048_576],
    connectionsMax: [1, 1_048_576],
    heldBytesMax: [64 * kib, 2 ** 40],
    heldBytesPerNameMax: [64 * kib, 2 ** 40],
    connectionsPerNameMax: [1, 1_048_576],
    goneInstancesMax: [1, 1_048_576],
    tentativeMs: [1, timerMs],
    yieldMs: [1, timerMs],
    drainTimeoutMs: [0, timerMs],
    ackDelayMs: [0, 1000],
    ackEveryMessages: [1, 16_777_216],
    ackEveryBytes: [1, 64 * mib],
    dispatchTurnMs: [1, 1000],
    maxDriftMs: [0, 86_400_000],
  }
  for (const name of MESSENGER_LIMIT_NAMES) {
    const [least, most] = ranges[name]
    for (const fits of [least, most]) t.equal(resolveLimits({ [name]: fits })[name], fits, `${name}: ${fits}`)
    for (const beyond of [least - 1, most + 1])
      t.throws(() => resolveLimits({ [name]: beyond }), { code: 'INK_BAD_OPTION' }, `${name}: ${beyond}`)
  }
  t.end()
})

t.test('the defaults of one side fit into the frames of another', (t) => {
  t.ok(LIMITS.batchBytes + LIMITS.batchMessages * RECORD_BYTES_MAX <= LIMITS.frameBytes)
  t.ok(LIMITS.chunkBytes + RECORD_BYTES_MAX <= LIMITS.frameBytes)
  t.throws(() => resolveLimits({ frameBytes: FRAME_BYTES_MIN - 1 }), { code: 'INK_BAD_OPTION' })
  t.doesNotThrow(() => resolveLimits({ frameBytes: FRAME_BYTES_MIN }), 'what the protocol allows is allowed here')
  t.end()
})

t.test('numbers that two rooms state are equal in both', (t) => {
  t.strictSame({ ...LIMITS.auth }, { ...AUTH_BOUNDS })
  t.equal(LIMITS.maxDriftMs, MAX_DRIFT_MS)
  t.end()
})
