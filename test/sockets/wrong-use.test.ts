/**
 * Wrong use from JavaScript: an error at once, where the mistake is, with a stable code and a sentence that helps.
 *
 * Each case is what a caller may write by mistake, past the types.
 */
import t, { type Test } from 'tap'
import {
  ERROR_CODES,
  InkwireError,
  Messenger,
  defineMessage,
  native,
  sharedSecret,
  lossy,
  losslessServer,
  peer,
  tcp,
} from '../../src/index.ts'
import type { Connection, MessengerOptions } from '../../src/index.ts'
import { msgr2 } from '../../src/ceph/index.ts'
import { actor } from '../support/actor.ts'
import { rejection } from '../support/until.ts'

/** Past the types, as JavaScript goes. */
const wrong = (value: unknown): never => value as never

type Case = readonly [what: string, code: string, sentence: RegExp, attempt: () => unknown]

/** An error at once, or a rejection that needs nothing to happen first. */
async function tryAll(t: Test, cases: readonly Case[]): Promise<void> {
  for (const [what, code, sentence, attempt] of cases) {
    const error = await rejection(what, (async () => attempt())())
    t.ok(error instanceof InkwireError, `${what}: an InkwireError`)
    t.match(error, { code, message: sentence }, what)
    t.ok(code in ERROR_CODES, `${code} is listed`)
  }
}

t.test('making a messenger', async (t) => {
  const make = (options: unknown) => () => new Messenger(options as MessengerOptions)
  const policies = { default: peer() }
  await tryAll(t, [
    ['nothing', 'INK_BAD_OPTION', /new Messenger\(\)/, make(undefined)],
    ['null', 'INK_BAD_OPTION', /new Messenger\(\)/, make(null)],
    ['no name', 'INK_BAD_OPTION', /name must be an entity name such as "osd.3"/, make({ policies })],
    ['a name without type', 'INK_BAD_OPTION', /"osd.3" or "client.admin"/, make({ name: '3', policies })],
    ['a number for a name', 'INK_BAD_OPTION', /not .*3/, make({ name: 3, policies })],
    ['an unknown option', 'INK_BAD_OPTION', /polices/, make({ name: 'osd.1', policies, polices: {} })],
    ['no policies', 'INK_BAD_OPTION', /polic/, make({ name: 'osd.1' })],
    [
      'a factory not called',
      'INK_UNKNOWN_POLICY',
      /peer\(\)|call/,
      make({ name: 'osd.1', policies: { default: peer } }),
    ],
    ['a string', 'INK_UNKNOWN_POLICY', /peer/, make({ name: 'osd.1', policies: { default: 'peer' } })],
    ['a hand-made policy', 'INK_UNKNOWN_POLICY', /\(\)/, make({ name: 'osd.1', policies: { default: { ...peer() } } })],
    [
      'a transport not called',
      'INK_BAD_OPTION',
      /forget to call/,
      make({ name: 'osd.1', policies, transports: [tcp] }),
    ],
    ['no transports', 'INK_BAD_OPTION', /\[tcp\(\)\]/, make({ name: 'osd.1', policies, transports: [] })],
    ['an unknown limit', 'INK_BAD_OPTION', /yieldms/i, make({ name: 'osd.1', policies, limits: { yieldms: 1 } })],
    ['a negative limit', 'INK_BAD_OPTION', /yieldMs/, make({ name: 'osd.1', policies, limits: { yieldMs: -1 } })],
    ['a wrong auth', 'INK_BAD_OPTION', /auth/, make({ name: 'osd.1', policies, auth: 'none' })],
    [
      'a secret that msgr2 would not use',
      'INK_BAD_OPTION',
      /auth does nothing with wire: msgr2\(\).*keyring or a key/,
      make({ name: 'osd.1', wire: msgr2(), auth: sharedSecret({ secret: 'x'.repeat(32) }) }),
    ],
    [
      'an unknown clock',
      'INK_BAD_OPTION',
      /"clok"; did you mean "clock"/,
      make({ name: 'osd.1', policies, runtime: { clok: {} } }),
    ],
    ['an option of native', 'INK_BAD_OPTION', /did you mean "checksum"/, () => native(wrong({ checksums: 'none' }))],
    ['a wrong wire', 'INK_BAD_OPTION', /wire/, make({ name: 'osd.1', policies, wire: 'native' })],
    ['half a clock', 'INK_BAD_OPTION', /clock/, make({ name: 'osd.1', policies, runtime: { clock: {} } })],
    ['an unknown policy option', 'INK_BAD_OPTION', /standby/, () => peer(wrong({ standby: 1 }))],
    ['a policy option out of range', 'INK_BAD_OPTION', /highWater/, () => peer({ highWater: 2 })],
    ['an option of another policy', 'INK_BAD_OPTION', /standbyMs/, () => lossy(wrong({ standbyMs: 1 }))],
  ])
})

t.test('binding and connecting', async (t) => {
  const { messenger, address } = await actor(t, 'osd.1', { osd: peer(), mds: losslessServer(), client: lossy() })
  const bind = (to: unknown, options?: unknown) => () => messenger.bind(to as string, options as undefined)
  const connect = (to: unknown, options?: unknown) => () => messenger.connect(to as string, options as undefined)
  const somewhere = 'tcp://127.0.0.1:6800'
  await tryAll(t, [
    ['bind nothing', 'INK_BAD_ADDRESS', /address/i, bind(undefined)],
    ['bind nonsense', 'INK_BAD_ADDRESS', /tcp:\/\//, bind('127.0.0.1:6800')],
    ['bind an unknown scheme', 'INK_BAD_ADDRESS', /rdma.*(tcp|memory)/, bind('rdma://host:1')],
    ['bind a taken address', 'INK_ADDRESS_IN_USE', /in use|taken/, bind(address)],
    ['bind a foreign address', 'INK_BIND_FAILED', /192\.0\.2\.1/, bind('tcp://192.0.2.1:0')],
    ['bind with a wrong option', 'INK_BAD_OPTION', /advertize/, bind('tcp://127.0.0.1:0', { advertize: somewhere })],
    ['bind with a wrong advertise', 'INK_BAD_ADDRESS', /./, bind('tcp://127.0.0.1:0', { advertise: 'x' })],
    ['bind with a wrong signal', 'INK_BAD_ARGUMENT', /signal/, bind('tcp://127.0.0.1:0', { signal: 1 })],
    ['connect to nothing', 'INK_BAD_ADDRESS', /address/i, connect(undefined)],
    ['connect to port 0', 'INK_BAD_ADDRESS', /port 0 is only for bind/, connect('tcp://127.0.0.1:0')],
    ['connect to port 99999', 'INK_BAD_ADDRESS', /65535/, connect('tcp://10.0.0.1:99999')],
    ['connect to half an IP', 'INK_BAD_ADDRESS', /neither an IP address nor a host name/, connect('tcp://10.0.0:1')],
    ['connect to a wildcard', 'INK_BAD_ADDRESS', /0\.0\.0\.0/, connect('tcp://0.0.0.0:6800')],
    ['connect to no policy', 'INK_UNKNOWN_POLICY', /mon/, connect(somewhere, { type: 'mon' })],
    ['connect without default', 'INK_UNKNOWN_POLICY', /default/, connect(somewhere)],
    ['connect as a server', 'INK_BAD_OPTION', /never dials/, connect(somewhere, { type: 'mds' })],
    ['connect with a string policy', 'INK_UNKNOWN_POLICY', /lossy\(\)/, connect(somewhere, { policy: 'lossy' })],
    ['connect with a wrong option', 'INK_BAD_OPTION', /typ/, connect(somewhere, { typ: 'osd' })],
    [
      'connect with half an anonymous',
      'INK_BAD_OPTION',
      /anonymous must be true or false/,
      connect(somewhere, { anonymous: 1 }),
    ],
    ['connect with a wrong name', 'INK_BAD_OPTION', /name/, connect(somewhere, { name: 7 })],
    [
      'connect, another policy',
      'INK_BAD_OPTION',
      /connected already, as peer/,
      () => {
        messenger.connect(somewhere, { type: 'osd' })
        messenger.connect(somewhere, { type: 'osd', policy: lossy() })
      },
    ],
  ])
})

async function checkSending(t: Test, connection: Connection): Promise<void> {
  const send = (message: unknown) => () => connection.send(message as { type: number })
  await tryAll(t, [
    ['nothing', 'INK_BAD_ARGUMENT', /\{ type: 17, data \}/, send(undefined)],
    ['a string', 'INK_BAD_ARGUMENT', /\{ type: 17, data \}/, send('hello')],
    ['bytes', 'INK_BAD_ARGUMENT', /message\.type/, send(new Uint8Array(3))],
    ['no type', 'INK_BAD_ARGUMENT', /message\.type must be a whole number from 0 to 65535/, send({ data: 'x' })],
    ['a string type', 'INK_BAD_ARGUMENT', /message\.type/, send({ type: '1' })],
    ['a large type', 'INK_BAD_ARGUMENT', /message\.type/, send({ type: 65_536 })],
    [
      'a number as data',
      'INK_BAD_ARGUMENT',
      /message\.data must be a Uint8Array or a string/,
      send({ type: 1, data: 5 }),
    ],
    ['an array as data', 'INK_BAD_ARGUMENT', /message\.data/, send({ type: 1, data: [1, 2] })],
    ['an ArrayBuffer', 'INK_BAD_ARGUMENT', /message\.data/, send({ type: 1, data: new ArrayBuffer(4) })],
    ['an object as front', 'INK_BAD_ARGUMENT', /message\.front/, send({ type: 1, front: {} })],
    ['a priority of 256', 'INK_BAD_ARGUMENT', /message\.priority/, send({ type: 1, priority: 256 })],
    ['a body', 'INK_BAD_ARGUMENT', /a message has no "body"; there are: type, front/, send({ type: 1, body: 'x' })],
    ['datta', 'INK_BAD_ARGUMENT', /has no "datta"; did you mean "data"\?/, send({ type: 1, datta: 'x' })],
    ['half a tid', 'INK_BAD_ARGUMENT', /message\.tid/, send({ type: 1, tid: 1.5 })],
    ['a bigint tid', 'INK_BAD_ARGUMENT', /message\.tid/, send({ type: 1, tid: 1n })],
    [
      'too large',
      'INK_MESSAGE_TOO_LARGE',
      /2000 bytes is above the limit of 1000/,
      send({ type: 1, data: new Uint8Array(2000) }),
    ],
    [
      'deliver too large',
      'INK_MESSAGE_TOO_LARGE',
      /limit/,
      () => connection.deliver({ type: 1, data: new Uint8Array(2000) }),
    ],
    ['deliver nothing', 'INK_BAD_ARGUMENT', /message/, () => connection.deliver(wrong(undefined))],
    [
      'deliver, wrong signal',
      'INK_BAD_ARGUMENT',
      /signal/,
      () => connection.deliver({ type: 1 }, { signal: wrong(1) }),
    ],
    ['drained, wrong signal', 'INK_BAD_ARGUMENT', /signal/, () => connection.drained({ signal: wrong('now') })],
    [
      'drained, the signal itself',
      'INK_BAD_ARGUMENT',
      /\{ signal: AbortSignal \}/,
      () => connection.drained(wrong(new AbortController().signal)),
    ],
    [
      'drained, a time',
      'INK_BAD_ARGUMENT',
      /drained\(\) has no "timeoutMs"/,
      () => connection.drained(wrong({ timeoutMs: 1 })),
    ],
    [
      'deliver, a time',
      'INK_BAD_ARGUMENT',
      /deliver\(\) has no "timeout"/,
      () => connection.deliver({ type: 1 }, wrong({ timeout: 1 })),
    ],
    [
      'close, an unknown time',
      'INK_BAD_ARGUMENT',
      /close\(\) has no "timeout"; did you mean "timeoutMs"/,
      () => connection.close(wrong({ timeout: 1 })),
    ],
    ['close, wrong time', 'INK_BAD_ARGUMENT', /timeoutMs/, () => connection.close({ timeoutMs: wrong('1s') })],
    ['close, wrong signal', 'INK_BAD_ARGUMENT', /signal/, () => connection.close({ signal: wrong({}) })],
  ])
}

t.test('sending', async (t) => {
  const small = { replay: { bytes: 1000 } } as const
  const [a, b] = [await actor(t, 'osd.1', peer(small)), await actor(t, 'osd.2', peer(small))]
  const connection = a.messenger.connect(b.address)
  await checkSending(t, connection)
  await connection.deliver({ type: 1, data: 'still works' })
  t.equal(b.messages.length, 1, 'nothing of all that was sent')
})

t.test('sending on the loopback', async (t) => {
  const { messenger } = await actor(t, 'osd.1', peer({ replay: { bytes: 1000 } }))
  await checkSending(t, messenger.loopback)
  await messenger.loopback.deliver({ type: 1, data: 'still works' })
})

t.test('dispatchers and typed messages', async (t) => {
  const { messenger } = await actor(t, 'osd.1', peer())
  const codec = {
    encode: (): Uint8Array => {
      throw new Error('no')
    },
    decode: (bytes: Uint8Array) => bytes,
  }
  const Put = defineMessage<Uint8Array>({ type: 7, name: 'Put', codec })
  messenger.on(Put, () => undefined)
  await tryAll(t, [
    ['use nothing', 'INK_BAD_ARGUMENT', /dispatch\(message, connection\)/, () => messenger.use(wrong(undefined))],
    ['use a function', 'INK_BAD_ARGUMENT', /dispatch/, () => messenger.use(wrong(() => undefined))],
    [
      'use a wrong method',
      'INK_BAD_ARGUMENT',
      /onReset must be a function/,
      () => messenger.use(wrong({ onReset: 1 })),
    ],
    ['on a number', 'INK_BAD_ARGUMENT', /defineMessage/, () => messenger.on(wrong(7), () => undefined)],
    ['on without handler', 'INK_BAD_ARGUMENT', /handler must be a function/, () => messenger.on(Put, wrong(undefined))],
    ['on twice', 'INK_BAD_ARGUMENT', /type 7 has a handler already/, () => messenger.on(Put, () => undefined)],
    ['define nothing', 'INK_BAD_ARGUMENT', /defineMessage/, () => defineMessage(wrong(undefined))],
    [
      'define without codec',
      'INK_BAD_ARGUMENT',
      /encode\(\) and decode\(\)/,
      () => defineMessage(wrong({ type: 1, name: 'X' })),
    ],
    ['define with a wrong type', 'INK_BAD_ARGUMENT', /65535/, () => defineMessage({ type: -1, name: 'X', codec })],
    ['encode what cannot be', 'INK_BAD_ARGUMENT', /body of Put does not encode/, () => Put(new Uint8Array(0))],
  ])
})

t.test('after the end', async (t) => {
  const [a, b] = [await actor(t, 'osd.1', peer()), await actor(t, 'osd.2', peer())]
  const connection = a.messenger.connect(b.address)
  await connection.deliver({ type: 1 })
  const closing = connection.close()
  t.equal(connection.close(), closing, 'closing twice is one end')
  t.throws(() => connection.send({ type: 1 }), {
    code: 'INK_CLOSED',
    message: /osd\.2.*closing.*connect\(\) gives a new one/,
  })
  await closing
  await tryAll(t, [
    ['send', 'INK_CLOSED', /send\(\): the connection to osd.2 is closed/, () => connection.send({ type: 1 })],
    ['deliver', 'INK_CLOSED', /deliver|send/, () => connection.deliver({ type: 1 })],
    ['drained', 'INK_CLOSED', /drained\(\)/, () => connection.drained()],
  ])
  await connection.close()
  t.strictSame(connection.markDown(), { undelivered: [], unknown: [] }, 'marking down what is closed is nothing')
  await a.messenger.shutdown()
  await a.messenger.shutdown()
  await tryAll(t, [
    ['bind', 'INK_CLOSED', /osd\.1 is shut down/, () => a.messenger.bind('tcp://127.0.0.1:0')],
    ['connect', 'INK_CLOSED', /osd\.1 is shut down/, () => a.messenger.connect(b.address)],
    ['loopback', 'INK_CLOSED', /loopback is closed/, () => a.messenger.loopback.send({ type: 1 })],
  ])
})
