/** Every recorded byte in the clear is understood, and comes out the same when it is written again. */
import t from 'tap'
import { captures, decode, encode } from '../../../support/ceph/captures.ts'

for (const { name, client, server } of captures().filter(({ name }) => !name.startsWith('cephx-secure'))) {
  t.test(`${name} is understood and written again byte for byte`, (t) => {
    for (const [side, bytes] of Object.entries({ client, server })) {
      const whole = decode(bytes)
      t.strictSame(
        whole.filter(({ kind }) => kind === 'fault'),
        [],
        `${side}: no fault`,
      )
      t.ok(Buffer.from(bytes).equals(encode(whole)), `${side}: the same bytes`)
      t.strictSame(decode(bytes, undefined, 7), whole, `${side}: split anywhere`)
    }
    t.end()
  })
}
