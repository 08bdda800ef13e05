/** Policies by peer type. */
import t from 'tap'
import { lossy } from '../../../src/policies/lossy.ts'
import { peer } from '../../../src/policies/peer.ts'
import { PolicySet } from '../../../src/policies/policy-set.ts'
import type { PolicyMap } from '../../../src/policies/policy-set.ts'

t.test('a named type has its own policy, every other the default', (t) => {
  const osd = peer()
  const fallback = lossy()
  const set = new PolicySet({ default: fallback, osd })
  t.equal(set.resolve('osd'), osd)
  t.equal(set.resolve('client'), fallback)
  t.equal(set.resolve('default'), fallback)
  t.strictSame(set.entries(), [
    ['osd', osd],
    ['default', fallback],
  ])
  t.end()
})

t.test('a type that is named without a policy is as if it were not named', (t) => {
  const [mon, fallback] = [peer(), lossy()]
  const set = new PolicySet({ osd: undefined, mon, default: fallback })
  t.equal(set.find('osd'), fallback)
  t.equal(set.find('mon'), mon)
  t.end()
})

t.test('without a default, a type that is not named is unknown', (t) => {
  const set = new PolicySet({ osd: peer() })
  t.equal(set.find('mon'), undefined)
  t.equal(set.find('constructor'), undefined, 'what every object has is no type')
  t.throws(() => set.resolve('mon'), { code: 'INK_UNKNOWN_POLICY', message: /type "mon": add it .*named are: osd/ })
  t.end()
})

t.test('a later change of the map changes nothing', (t) => {
  const map: Record<string, ReturnType<typeof peer>> = { osd: peer() }
  const set = new PolicySet(map)
  map['mon'] = peer()
  t.equal(set.find('mon'), undefined)
  t.end()
})

t.test('what cannot be is refused', (t) => {
  const cases: [unknown, string, RegExp][] = [
    [null, 'INK_BAD_OPTION', /got null/],
    [undefined, 'INK_BAD_OPTION', /such as \{ default: lossy\(\) \}, got undefined/],
    [[peer()], 'INK_BAD_OPTION', /got an array/],
    [{}, 'INK_BAD_OPTION', /policies is empty/],
    [{ osd: undefined }, 'INK_BAD_OPTION', /policies is empty/],
    [{ 'osd.1': peer() }, 'INK_BAD_OPTION', /by type, so write "osd"/],
    [{ OSD: peer() }, 'INK_BAD_OPTION', /a type is a lower-case letter/],
    [{ ['x'.repeat(33)]: peer() }, 'INK_BAD_OPTION', /a type is/],
    [{ osd: peer }, 'INK_UNKNOWN_POLICY', /policies\.osd must come from .*got a function; call it/],
    [{ osd: 'peer' }, 'INK_UNKNOWN_POLICY', /got a string/],
    [{ osd: { ...peer() } }, 'INK_UNKNOWN_POLICY', /got an object/],
    [{ default: null }, 'INK_UNKNOWN_POLICY', /policies\.default .*got null/],
  ]
  for (const [map, code, message] of cases) t.throws(() => new PolicySet(map as PolicyMap), { code, message })
  t.end()
})
