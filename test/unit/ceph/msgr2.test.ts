/** The options of msgr2(): what is wrong is said at once, and never shows a key. */
import t from 'tap'
import { msgr2, type Msgr2Options } from '../../../src/ceph/msgr2.ts'

const KEY = 'AQAUCAFrbfcxExAAx2d3m1O1h3gTH/w5qIC3jQ=='

t.test('what makes no sense is refused', (t) => {
  const folder = t.testdir({ empty: '# nothing', broken: `[client.admin]\n key = ${KEY.slice(4)}\n` })
  const wrong: [Msgr2Options, RegExp][] = [
    [{ key: KEY, keyring: `${folder}/empty` }, /not both/],
    [{ keyring: `${folder}/empty` }, /holds no key/],
    [{ keyring: `${folder}/broken` }, /line 2 of the keyring .* is no key of Ceph/],
    [{ keyring: `${folder}/missing` }, /cannot be read/],
    [{ key: 'secret' }, /the key given to msgr2\(\) is no key of Ceph/],
    [{ modes: ['plain'] as never }, /'crc' and 'secure'/],
    [{ modes: ['secure'] }, /needs a keyring or a key/],
    [{ keys: 1 } as never, /keys/],
  ]
  for (const [options, message] of wrong) {
    t.throws(() => msgr2(options), { code: 'INK_BAD_OPTION', message })
    try {
      msgr2(options)
    } catch (thrown) {
      t.notMatch(String(thrown), KEY.slice(6, 30), 'no key is shown')
    }
  }
  t.end()
})

t.test('a keyring and a key do', (t) => {
  const folder = t.testdir({
    keyring: `[mon.]\n\tkey = ${KEY}\n[client.admin]\n\tkey = ${KEY}\n\tcaps mon = "allow *"\n`,
  })
  t.match(msgr2({ keyring: `${folder}/keyring` }), { name: 'msgr2', capabilities: { lanes: 1 } })
  t.notMatch(JSON.stringify(msgr2({ key: KEY, modes: ['crc'] })), KEY)
  t.end()
})
