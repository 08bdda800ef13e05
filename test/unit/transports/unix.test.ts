/** What only Unix sockets have: files with modes, that outlive their process, and names of limited length. */
import { spawnSync } from 'node:child_process'
import { chmodSync, lstatSync, mkdirSync, readdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import t, { type Test } from 'tap'
import { lossy } from '../../../src/policies/lossy.ts'
import { Messenger } from '../../../src/transactions/messenger.ts'
import { Arena, bytesOf } from '../../../src/testing/conformance/transport-arena.ts'
import { formatAddress, parseAddress } from '../../../src/transports/address.ts'
import type { Address, Listener } from '../../../src/transports/transport.ts'
import { unix } from '../../../src/transports/unix.ts'
import type { UnixOptions } from '../../../src/transports/unix-options.ts'
import { noUnixSockets } from '../../support/hosts.ts'
import { orSkip } from '../../support/or-skip.ts'
import { socketDirectory } from '../../support/socket-directory.ts'

const test = orSkip(t, noUnixSockets)
const skip = process.platform !== 'linux' && 'only Linux has abstract names'

const at = (path: string): Address => parseAddress(`unix://${path}`)

/** Listens, and closes when the test is over. */
async function listen(t: Test, path: string, options?: UnixOptions): Promise<Listener> {
  const listener = await unix(options).listen(at(path), (link) => {
    link.handlers = { opened: () => {}, data: () => {}, writable: () => {}, closed: () => {} }
  })
  t.teardown(() => listener.close())
  return listener
}

/** Leaves a socket behind, as a process does that was killed. */
function leaveStale(path: string): void {
  const script = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`
  spawnSync(process.execPath, ['-e', script, path])
}

const refusesTaken = { code: 'INK_ADDRESS_IN_USE', message: /choose another path/ }

test('parse gives one text for one place', async (t) => {
  const cases = [
    ['unix:///run/osd.sock', 'unix:///run/osd.sock'],
    ['unix:///run//x/../osd.sock', 'unix:///run/osd.sock'],
  ]
  for (const [text, canonical] of cases) t.equal(formatAddress(unix().parse(parseAddress(text!))), canonical)
  for (const text of ['tcp://127.0.0.1:1', 'unix://relative', 'unix:///', 'unix:///run/', 'unix://name:1', 'unix://@'])
    t.throws(() => unix().parse(parseAddress(text)), { code: 'INK_BAD_ADDRESS' }, text)
  t.throws(() => unix().parse({ scheme: 'unix', host: '/a\0b', port: 0 }), { code: 'INK_BAD_ADDRESS' })
})

test('an abstract name', { skip }, async (t) => {
  t.equal(formatAddress(unix().parse(parseAddress('unix://@osd.3'))), 'unix://@osd.3')
  t.equal(unix().parse(parseAddress(`unix://@${'n'.repeat(107)}`)).host.length, 108)
  t.throws(() => unix().parse(parseAddress(`unix://@${'n'.repeat(108)}`)), {
    code: 'INK_BAD_ADDRESS',
    message: /1 bytes too long: an abstract name has at most 107/,
  })
  t.throws(() => unix().parse(parseAddress('unix://@two words')), { code: 'INK_BAD_ADDRESS' })
})

test('a path that the kernel would cut off is refused, and says by how much', async (t) => {
  const directory = `/${'d'.repeat(60)}`
  t.throws(() => unix().parse(at(`${directory}/${'n'.repeat(60)}`)), {
    code: 'INK_BAD_ADDRESS',
    message:
      /^'unix:\/\/\S+ is (15|19) bytes too long: the path of a Unix socket has at most (107|103); choose a shorter/,
  })
  // While it is made, a socket has a name of eight bytes.
  const deep = `/${'d'.repeat(103)}`
  t.throws(() => unix().parse(at(`${deep}/s`)), { code: 'INK_BAD_ADDRESS', message: /bytes too long/ })
})

test('options are checked at once', async (t) => {
  for (const options of [{ mode: '0600' }, { mode: 0o1777 }, { directoryMode: -1 }, { path: '/x' }, null])
    t.throws(() => unix(options as UnixOptions), { code: 'INK_BAD_OPTION' }, JSON.stringify(options))
})

test('files have the modes that were asked for', async (t) => {
  const base = socketDirectory(t)
  await t.rejects(listen(t, `${base}/none/a`), { code: 'INK_BIND_FAILED' }, 'the directory must be there')
  await listen(t, `${base}/made/a`, { directoryMode: 0o700 })
  t.equal(statSync(`${base}/made`).mode & 0o777, 0o700)
  t.equal(statSync(`${base}/made/a`).mode & 0o777, 0o600)
  await listen(t, `${base}/b`, { mode: 0o666, directoryMode: 0o755 })
  t.equal(statSync(`${base}/b`).mode & 0o777, 0o666)
  t.strictSame(readdirSync(base).sort(), ['b', 'made'], 'and nothing else lies there')
})

test(
  'a user whom the mode keeps out is told so',
  { skip: process.getuid?.() === 0 && 'root is kept out nowhere' },
  async (t) => {
    const path = `${socketDirectory(t)}/a`
    const arena = new Arena(unix(), () => `unix://${path}`)
    await arena.listen()
    chmodSync(path, 0)
    t.match(await arena.dial(at(path)).closed, { end: 'failed', message: /keeps this user out/ })
    await arena.clear()
  },
)

test('a socket whose process was killed is taken over', async (t) => {
  const path = `${socketDirectory(t)}/a`
  leaveStale(path)
  t.ok(lstatSync(path).isSocket())
  const arena = new Arena(unix(), () => `unix://${path}`)
  t.match(await arena.dial(at(path)).closed, { end: 'refused', message: /Nobody listens there/ })
  const { dialled, accepted } = await arena.pair()
  dialled.link.write([bytesOf('new here')])
  await accepted.received(8)
  await arena.clear()
  t.strictSame(readdirSync(join(path, '..')), [])
})

test('of many who take over at once exactly one gets it, and can be reached', async (t) => {
  const directory = socketDirectory(t)
  for (let round = 0; round < 5; round++) {
    const path = `${directory}/${round}`
    leaveStale(path)
    const all = await Promise.allSettled(Array.from({ length: 5 }, () => listen(t, path)))
    const refusals = all.filter((one) => one.status === 'rejected')
    t.equal(refusals.length, 4)
    for (const { reason } of refusals) t.match(reason, refusesTaken)
    const peer = connect(path)
    await new Promise((resolve, reject) => peer.once('connect', resolve).once('error', reject))
    peer.destroy()
  }
  t.equal(readdirSync(directory).length, 5)
})

test('somebody living is not taken over, and neither is a file of another kind', async (t) => {
  const directory = socketDirectory(t)
  const living = `${directory}/living`
  await listen(t, living)
  await t.rejects(listen(t, living), { ...refusesTaken, cause: { message: /somebody listens there/ } })
  writeFileSync(`${directory}/file`, 'precious')
  mkdirSync(`${directory}/directory`)
  for (const name of ['file', 'directory'])
    await t.rejects(listen(t, `${directory}/${name}`), { ...refusesTaken, cause: { message: /no socket/ } })
  t.strictSame(readdirSync(directory).sort(), ['directory', 'file', 'living'])
})

test('who closes removes its own file only', async (t) => {
  const path = `${socketDirectory(t)}/a`
  const first = await listen(t, path)

  // Somebody tidies up, and another comes.
  unlinkSync(path)
  await listen(t, path)
  await first.close()
  t.ok(lstatSync(path).isSocket())
})

test('aborting while it begins leaves nothing behind', async (t) => {
  const directory = socketDirectory(t)
  const controller = new AbortController()
  const listening = unix().listen(at(`${directory}/a`), () => {}, { signal: controller.signal })
  controller.abort(new Error('changed my mind'))
  await t.rejects(listening, { code: 'INK_ABORTED', cause: { message: 'changed my mind' } })
  t.strictSame(readdirSync(directory), [])
})

test('both ends know the address of who listens; who dials has none', async (t) => {
  const address = `unix://${socketDirectory(t)}/a`
  const arena = new Arena(unix(), () => address)
  const { dialled, accepted } = await arena.pair()
  t.strictSame([dialled.link.localAddress, dialled.link.remoteAddress], ['', address])
  t.strictSame([accepted.link.localAddress, accepted.link.remoteAddress], [address, ''])
  t.ok(dialled.link.capabilities.local)
  await arena.clear()
})

test('messengers meet at a path, however long', async (t) => {
  const directory = `${socketDirectory(t)}/${'long-'.repeat(12)}`
  const options = { policies: { default: lossy() }, transports: [unix({ directoryMode: 0o700 })] }
  const osd = new Messenger({ name: 'osd.0', ...options })
  const client = new Messenger({ name: 'client.a', ...options })
  t.teardown(() => Promise.all([client.close(), osd.close()]))
  const address = await osd.bind(`unix://${directory}/osd.0.sock`)
  const arrived = new Promise((resolve) => osd.messages$.subscribe(({ data }) => resolve(String(Buffer.from(data)))))
  client.connect(address).send({ type: 1, data: Buffer.from('hello') })
  t.equal(await arrived, 'hello')
})
