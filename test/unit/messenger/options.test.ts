/** The options of a messenger: complete and right, or a sentence that helps. */
import t from 'tap'
import { checkConnectOptions, resolveOptions } from '../../../src/messenger/options.ts'
import type { ConnectOptions, MessengerOptions } from '../../../src/messenger/options.ts'
import { msgr2 } from '../../../src/ceph/msgr2.ts'
import { LIMITS } from '../../../src/policies/limits.ts'
import { lossy } from '../../../src/policies/lossy.ts'
import { memory } from '../../../src/transports/memory.ts'
import { FakeClock } from './fake-clock.ts'

const policies = { default: lossy() }

t.test('a name and policies are enough', (t) => {
  const options = resolveOptions({ name: 'osd.3', policies })
  t.match(options, { name: 'osd.3', type: 'osd', wire: { name: 'native' } })
  t.strictSame([...options.transports.keys()], ['tcp', 'memory'])
  t.equal(options.limits.drainTimeoutMs, LIMITS.drainTimeoutMs)
  t.end()
})

t.test('what is given replaces the default, the rest stays', (t) => {
  const clock = new FakeClock()
  const transports = [memory()]
  const options = resolveOptions({
    ...{ name: 'client.?', policies, transports },
    limits: { drainTimeoutMs: 5 },
    runtime: { clock },
  })
  t.strictSame([...options.transports.values()], transports)
  t.match(options.limits, { drainTimeoutMs: 5, connectionsMax: LIMITS.connectionsMax })
  clock.pass(77)
  t.equal(options.runtime.clock.nowMs(), clock.nowMs())
  t.type(options.runtime.random.next(), 'number')
  t.end()
})

t.test('a protocol that knows its peers may leave policies out, and what is given binds', (t) => {
  const own = resolveOptions({ name: 'osd.3', wire: msgr2() }).policies
  t.strictSame([own.find('osd')?.kind, own.find('client')?.kind], ['peer', 'lossy'])
  const given = resolveOptions({ name: 'osd.3', wire: msgr2(), policies: { mon: lossy() } }).policies
  t.strictSame([given.find('osd'), given.find('mon')?.kind], [undefined, 'lossy'])
  t.end()
})

t.test('what is wrong throws at once', (t) => {
  const wrong: [options: unknown, message: RegExp, code?: string][] = [
    [undefined, /new Messenger\(\)/],
    ['osd.0', /new Messenger\(\)/],
    [{ policies }, /name must be an entity name such as "osd\.3"/],
    [{ name: 'osd', policies }, /name must be an entity name .* not "osd"/],
    [{ name: 'OSD.1', policies }, /name/],
    [{ name: 'osd.1 ', policies }, /name/],
    [{ name: `osd.${'1'.repeat(65)}`, policies }, /name/],
    [{ name: 'osd.0' }, /needs policies, as in/],
    [{ name: 'osd.0', policies: null }, /policies must be an object/],
    [{ name: 'osd.0', policies: null, wire: msgr2() }, /policies must be an object/],
    [{ name: 'osd.0', policies: {} }, /policies is empty/],
    [{ name: 'osd.0', policies: { default: lossy } }, /call it/, 'INK_UNKNOWN_POLICY'],
    [{ name: 'osd.0', policies, transport: [] }, /did you mean "transports"/],
    [{ name: 'osd.0', policies, transports: [] }, /at least one/],
    [{ name: 'osd.0', policies, transports: memory() }, /transports must be an array/],
    [{ name: 'osd.0', policies, transports: [memory] }, /did you forget to call it/],
    [{ name: 'osd.0', policies, limits: { drainTimeoutMs: -1 } }, /drainTimeoutMs/],
  ]
  for (const [options, message, code = 'INK_BAD_OPTION'] of wrong) {
    t.throws(() => resolveOptions(options as MessengerOptions), { code, message }, String(message))
  }
  t.end()
})

t.test('the options of connect() are checked too', (t) => {
  t.doesNotThrow(() => {
    checkConnectOptions({ type: 'osd', name: 'osd.1', policy: lossy(), anonymous: true })
  })
  const wrong: [options: unknown, message: RegExp, code?: string][] = [
    [{ typ: 'osd' }, /did you mean "type"/],
    [{ type: 5 }, /type must be a string, not 5/],
    [{ name: 5 }, /name must be a string/],
    [{ policy: { kind: 'lossy' } }, /policy must come from/, 'INK_UNKNOWN_POLICY'],
    [{ policy: lossy }, /policy must come from/, 'INK_UNKNOWN_POLICY'],
    ['osd', /takes an object/],
  ]
  for (const [options, message, code = 'INK_BAD_OPTION'] of wrong) {
    const check = () => {
      checkConnectOptions(options as ConnectOptions)
    }
    t.throws(check, { code, message }, String(message))
  }
  t.end()
})
