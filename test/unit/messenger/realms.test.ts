/** Bytes and errors of another realm (node:vm, jest with jsdom), and a process whose timers are not its own. */
import { execFileSync } from 'node:child_process'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { Messenger, defineMessage, memory, peer, sharedSecret } from '../../../src/index.ts'

const bytes = runInNewContext('Uint8Array.from({ length: 32 }, (_, i) => i)') as Uint8Array

t.test('bytes of another realm are bytes: as segments, from codecs, as secrets', async (t) => {
  t.notOk(bytes instanceof Uint8Array, 'they are foreign')
  const messenger = new Messenger({ name: 'osd.1', policies: { default: peer() } })
  t.teardown(() => messenger.shutdown())
  const got: string[] = []
  messenger.use({
    dispatch: ({ front, middle, data }) => got.push(Buffer.concat([front, middle, data]).toString('hex')),
  })
  const Foreign = defineMessage({ type: 9, name: 'Foreign', codec: { encode: () => bytes, decode: () => null } })
  const writer = { finish: () => bytes }
  const Written = defineMessage({ type: 10, name: 'Written', codec: { encode: () => writer, decode: () => null } })
  for (const message of [
    { type: 1, data: bytes },
    { type: 1, front: bytes },
    { type: 1, middle: bytes },
  ])
    await messenger.loopback.deliver(message)
  await messenger.loopback.deliver(Foreign(null))
  await messenger.loopback.deliver(Written(null))
  t.strictSame(got, new Array(5).fill(Buffer.from(bytes).toString('hex')))
  t.doesNotThrow(() => sharedSecret({ secret: bytes }))
  t.throws(() => messenger.loopback.send({ type: 1, data: runInNewContext('new Uint16Array(4)') as Uint8Array }), {
    code: 'INK_BAD_ARGUMENT',
  })
})

t.test('they pass a link, with a secret of another realm at both ends', async (t) => {
  const hub = memory()
  const auth = sharedSecret({ secret: bytes })
  const make = (name: string): Messenger =>
    new Messenger({ name, policies: { default: peer() }, transports: [hub], auth })
  const [a, b] = [make('osd.1'), make('osd.2')]
  t.teardown(() => Promise.all([a.shutdown(), b.shutdown()]))
  let got = ''
  b.use({ dispatch: ({ data }) => void (got = Buffer.from(data).toString('hex')) })
  await a.connect(await b.bind('memory://b')).deliver({ type: 1, data: bytes })
  t.equal(got, Buffer.from(bytes).toString('hex'))
})

/**
 * What fake timers do, all at once, after the package was imported. Node itself needs its ticks to listen and to dial, so the
 * sockets are there before.
 */
const PROGRAM = `
import { Messenger, memory, peer } from '../../../src/index.ts'
const hub = memory()
const policies = { default: peer() }
const [a, b] = ['osd.1', 'osd.2'].map((name) => new Messenger({ name, policies }))
b.use({ dispatch: nothing })
function nothing() { return 0 }
const socket = a.connect(await b.bind('tcp://127.0.0.1:0'))
await socket.deliver({ type: 1 })
process.nextTick = nothing
for (const name of ['setTimeout', 'clearTimeout', 'setImmediate', 'setInterval', 'queueMicrotask']) globalThis[name] = nothing
performance.now = () => 0
Date.now = () => 0
for (let tid = 0; tid < 10; tid++) await socket.deliver({ type: 1, tid })
const [c, d] = ['osd.3', 'osd.4'].map((name) => new Messenger({ name, policies, transports: [hub] }))
d.use({ dispatch: nothing })
const inside = c.connect(await d.bind('memory://d'))
for (let tid = 0; tid < 10; tid++) await inside.deliver({ type: 1, tid })
await b.loopback.deliver({ type: 1 })
await Promise.all([c.shutdown(), d.shutdown()])
console.log('delivered')
process.reallyExit(0)
`

t.test('a process that replaces its timers and ticks hangs no messenger', (t) => {
  const register = new URL('../../../scripts/typescript/register.mjs', import.meta.url).href
  const args = ['--import', register, '--input-type=module', '--eval', PROGRAM]
  const said = execFileSync(process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8', timeout: 60_000 })
  t.equal(said.trim(), 'delivered')
  t.end()
})
