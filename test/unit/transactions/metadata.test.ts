/** Metadata of calls: what a handler is told beside the request, what its own calls pass on, and notes of those who lie. */
import t from 'tap'
import { Messenger as Shell } from '../../../src/messenger/messenger.ts'
import { losslessClient } from '../../../src/policies/lossless-client.ts'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import type { Metadata } from '../../../src/messenger/calls.ts'
import type { Service, ServiceSession } from '../../../src/messenger/service.ts'
import type { Messenger } from '../../../src/transactions/messenger.ts'
import { callMany } from '../../../src/transactions/call-many.ts'
import { seededRandom } from '../../../src/testing/simulator/random.ts'
import { CALLS } from '../../../src/transactions/machine/limits.ts'
import { openMark, readHead, readOpen, wordsIn } from '../../../src/transactions/machine/words.ts'
import { NO_METADATA, metadataOf, noteOf } from '../../../src/transactions/metadata.ts'
import { Echo, Other, bytes, pair } from './lab.ts'

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const ELSEWHERE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const TRACE = { traceparent: TRACEPARENT, tracestate: 'rojo=1', baggage: 'user=a%20b' }

/** What the handlers of `Echo` are told. */
function heardBy(server: Messenger): Metadata[] {
  const heard: Metadata[] = []
  server.serve(Echo, (body, { metadata }) => {
    heard.push({ ...metadata })
    return { body }
  })
  return heard
}

t.test('a handler is told the metadata of its call, and who gives none costs nothing', async (t) => {
  await pair(async ({ server, connection }) => {
    let metadata: Metadata = {}
    let again = false
    server.serve(
      Echo,
      (body, call) => {
        metadata = call.metadata
        again = call.metadata === metadata
        return { body }
      },
      { orderKey: (_body, call) => call.metadata['shard'] },
    )
    await connection.call(Echo, '', { metadata: { ...TRACE, shard: '7', none: undefined, empty: '' } })
    t.strictSame({ ...metadata }, { ...TRACE, shard: '7', empty: '' })
    t.ok(Object.isFrozen(metadata))
    t.ok(again, 'it is read once')
    t.equal(metadata['constructor'], undefined, 'it has no names but its own')
    await connection.call(Echo, '')
    t.equal(metadata, NO_METADATA)
    t.ok(Object.isFrozen(metadata))
    await connection.call(Echo, '', { metadata: {} })
    t.equal(metadata, NO_METADATA)
    t.equal(noteOf('call()', undefined, NO_METADATA), null, 'and nothing is sent')
  })
})

t.test('it comes with every way of calling, also with a request of many pieces, and over the loopback', async (t) => {
  await pair(async ({ server, connection }) => {
    const heard = heardBy(server)
    const metadata = { traceparent: TRACEPARENT }
    await connection.call(Echo, '', { metadata, data: bytes(300_000) })
    await connection.transact(Echo, '', { metadata }).end()
    await callMany([connection], Echo, '', { metadata })
    await server.loopback.call(Echo, '', { metadata })
    t.strictSame(heard, [metadata, metadata, metadata, metadata])
  })
})

t.test('calls that are made in a handler are in its trace, unless they are told not to', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    const heard = heardBy(server)
    let options: { inherit?: boolean; metadata?: Metadata } = {}
    server.serve(Other, async () => {
      await settle(1)
      await server.loopback.call(Echo, '', options)
    })
    const nested = async (outer: Metadata | undefined, inner: typeof options): Promise<Metadata | undefined> => {
      options = inner
      await connection.call(Other, '', { metadata: outer })
      return heard.pop()
    }
    t.strictSame(await nested({ ...TRACE, shard: '7' }, {}), TRACE, 'what is not of the trace stays')
    t.strictSame(await nested(undefined, {}), {})
    t.strictSame(await nested(TRACE, { inherit: false }), {})
    t.strictSame(await nested(TRACE, { inherit: false, metadata: { a: 'b' } }), { a: 'b' })
    t.strictSame(await nested(TRACE, { metadata: { a: 'b' } }), { ...TRACE, a: 'b' })
    t.strictSame(await nested(TRACE, { metadata: { baggage: '' } }), { ...TRACE, baggage: '' })
    const { baggage } = TRACE
    const other = await nested(TRACE, { metadata: { traceparent: ELSEWHERE } })
    t.strictSame(other, { traceparent: ELSEWHERE, baggage }, 'a tracestate goes only with its traceparent')
    t.strictSame(await nested({ tracestate: 'rojo=1', baggage }, {}), { baggage })
    options = {}
    await connection.call(Other, '', { metadata: TRACE, timeoutMs: 60_000 })
    t.strictSame(heard.pop(), TRACE, 'also with a deadline')
  })
})

t.test('what is inherited and has no room is left out, and fails nobody', async (t) => {
  const fill = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`k${index}`, '']))
  t.strictSame({ ...metadataOf(noteOf('', fill, TRACE)!) }, { ...fill, traceparent: TRACEPARENT })
  const long = { a: 'x'.repeat(500), b: 'x'.repeat(200) }
  const { traceparent, baggage } = { ...metadataOf(noteOf('', long, TRACE)!) }
  t.strictSame([traceparent, baggage], [undefined, TRACE.baggage], 'nor is a tracestate without its traceparent')
  t.equal(metadataOf(noteOf('', long, TRACE)!)['tracestate'], undefined)
})

t.test('a handler that is registered in another one inherits nothing of that', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    const heard = heardBy(server)
    const Third = { ...Other, type: 3 }
    server.serve(Other, () => {
      server.serve(Third, async () => {
        await server.loopback.call(Echo, '')
      })
    })
    await connection.call(Other, '', { metadata: TRACE, timeoutMs: 10 })
    await settle(1000)
    await connection.call(Third, '')
    t.strictSame(heard, [{}], 'neither its trace, nor that its time is up')
  })
})

t.test('what cannot be metadata is refused at once, with a sentence that says why', async (t) => {
  await pair(async ({ server, connection }) => {
    const heard = heardBy(server)
    const wrong: [given: unknown, message: RegExp][] = [
      ['traceparent', /call\(\): metadata is an object of strings such as \{ traceparent \}, not "traceparent"/],
      [null, /is an object of strings/],
      [new Map([['a', 'b']]), /is an object of strings/],
      [new Headers(), /is an object of strings/],
      [['a'], /not an array/],
      [{ Traceparent: 'x' }, /has a key "Traceparent": keys are 1 to 64 of a-z/],
      [{ '': 'x' }, /has a key ""/],
      [{ 'a b': 'x' }, /has a key "a b"/],
      [{ ['k'.repeat(65)]: 'x' }, /has a key "k/],
      [{ a: 1 }, /has strings as values; a is 1/],
      [{ a: 'x\r\ny' }, /a is not: encode it/],
      [{ a: 'Ä' }, /a is not: encode it/],
      [{ a: 'x'.repeat(513) }, /at most 512 printable characters/],
      [Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, ''])), /at most 16 entries, not 17/],
      [{ a: 'x'.repeat(380), b: 'x'.repeat(380) }, /is at most 768 bytes, .* not 769/],
    ]
    for (const [metadata, message] of wrong) {
      const options = { metadata: metadata as Metadata }
      await t.rejects(connection.call(Echo, '', options), { code: 'INK_BAD_ARGUMENT', message })
      t.throws(() => connection.transact(Echo, '', options), { code: 'INK_BAD_ARGUMENT' })
    }
    t.strictSame(heard, [], 'nobody was called')
    const largest = { a: 'x'.repeat(380), b: 'x'.repeat(379) }
    await connection.call(Echo, '', { metadata: largest })
    const widest = { ['k'.repeat(64)]: ` ${'~'.repeat(511)}` }
    await connection.call(Echo, '', { metadata: widest })
    t.strictSame(heard, [largest, widest])
  })
})

/** The words of a key and a value. */
function entry(key: string, value: string): number[] {
  return [key.length, value.length & 0xff, value.length >> 8, ...Buffer.from(key + value, 'latin1')]
}

const LIES: [note: number[], why: string][] = [
  [[], 'nothing'],
  [[1], 'a format, and nothing'],
  [[2, ...entry('a', 'b')], 'another format'],
  [[1, 1], 'cut within its lengths'],
  [[1, 1, 1, 0], 'cut before the key'],
  [[1, ...entry('a', 'bc').slice(0, -1)], 'cut within the value'],
  [[1, ...entry('a', 'b'), 1, 0xff, 0xff, 97], 'a length beyond the end'],
  [[1, ...entry('', 'b')], 'no key'],
  [[1, ...entry('A', 'b')], 'a key of capitals'],
  [[1, ...entry('a', 'b\n')], 'a line'],
  [[1, ...entry('a', '\u00ef\u00bb\u00bfb')], 'a byte order mark'],
  [[1, ...entry('a', 'b'), ...entry('a', 'c')], 'a key twice'],
  [[1, ...entry('k'.repeat(65), '')], 'a key too long'],
  [[1, ...entry('a', 'x'.repeat(513))], 'a value too long'],
  [[1, ...Array.from({ length: 17 }, (_, index) => entry(`k${index}`, '')).flat()], 'too many'],
]

t.test('a note that is no metadata is an empty map, whole', (t) => {
  for (const [note, why] of LIES) t.equal(metadataOf(Uint8Array.from(note)), NO_METADATA, why)
  const proto = metadataOf(Uint8Array.from([1, ...entry('__proto__', 'x')]))
  t.equal(JSON.stringify(proto), '{"__proto__":"x"}', 'a name like any other')
  const random = seededRandom(3)
  const honest = noteOf('', { ...TRACE, a: '' }, NO_METADATA)!
  const outcomes = { nothing: 0, something: 0 }
  for (let round = 0; round < 3000; round++) {
    const [at = 0, byte = 0, length = 0] = random.bytes(3)
    const note = honest.slice(0, round % 2 === 0 ? honest.length : length)
    if (at < note.length) note[at] = byte
    const metadata = metadataOf(note)
    outcomes[metadata === NO_METADATA ? 'nothing' : 'something']++
    const said = noteOf('', { ...metadata }, NO_METADATA)
    if (said !== null && JSON.stringify(metadataOf(said)) !== JSON.stringify(metadata)) t.fail([...note].join())
  }
  t.ok(outcomes.nothing > 100 && outcomes.something > 100, JSON.stringify(outcomes))
  t.end()
})

t.test('a note is kept without the bytes that it came with', (t) => {
  const words = wordsIn(openMark(0, 1, 0, noteOf('', TRACE, NO_METADATA)))
  const { note } = readOpen(readHead(words)!, words, words, words)!
  words.fill(0)
  t.strictSame({ ...metadataOf(note) }, TRACE)
  t.end()
})

t.test('a call whose note is a lie is served, without metadata, and so are those it makes', async (t) => {
  await pair(
    async ({ sim, server, events, settle }) => {
      const heard = heardBy(server)
      server.serve(Other, async () => {
        await server.loopback.call(Echo, '')
      })
      const sessions: ServiceSession[] = []
      const liar: Service = {
        name: 'liar',
        number: 1,
        atOnce: true,
        adopted: (session) => sessions.push(session),
        message: () => 'taken',
      }
      const stranger = new Shell({
        name: 'client.x',
        policies: { default: losslessClient() },
        ...sim.process('client.x').options,
      })
      stranger.useService(liar)
      stranger.connect('sim://osd.0:6800')
      await settle()
      const notes = [...LIES.map(([note]) => note), Array.from({ length: CALLS.noteBytesMax }, () => 1)]
      for (const [index, note] of notes.entries()) {
        sessions[0]!.send(wordsIn(openMark(1, index + 1, 0, Uint8Array.from(note))), { type: Other.type })
      }
      await settle(1000)
      t.strictSame(
        heard,
        notes.map(() => ({})),
      )
      t.strictSame(
        events.filter(({ type }) => type === 'fault' || type === 'dispatchError'),
        [],
      )
      await stranger.shutdown()
    },
    [losslessClient(), losslessServer()],
  )
})
