/** Whoever comes to share memory may say and do what he likes: he gets a reason, and harms nobody. */
import { spawn } from 'node:child_process'
import {
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import t, { type Test } from 'tap'
import { End, bytesOf } from '../../../src/testing/conformance/transport-arena.ts'
import { parseAddress } from '../../../src/transports/address.ts'
import { WORD } from '../../../src/transports/ring/ring.ts'
import { sharedMemory, type SharedMemoryOptions } from '../../../src/transports/shared/shared-memory.ts'
import { decodeOffer, encodeAnswer, encodeHello } from '../../../src/transports/shared/set-up.ts'
import { systemPath } from '../../../src/transports/unix-socket.ts'
import { seededRandom } from '../../../src/testing/simulator/random.ts'
import { noMappedMemory, noSharedMemory } from '../../support/hosts.ts'
import { orSkip } from '../../support/or-skip.ts'
import {
  FILE_HEADER_BYTES,
  FRONT_BYTES,
  namelessFile,
  sealed,
  segmentBytes,
  Stranger,
} from '../../support/shared-stranger.ts'
import { until } from '../../support/until.ts'

const test = orSkip(t, noSharedMemory)
let count = 0

interface Place {
  readonly host: string
  readonly links: End[]
  readonly missed: string[]
}

async function listen(t: Test, options: SharedMemoryOptions = { access: 'file' }): Promise<Place> {
  const host = `@inkwire-hostile-${process.pid}-${++count}`
  const place: Place = { host, links: [], missed: [] }
  const listener = await sharedMemory(options).listen(
    parseAddress(`shm://${host}`),
    (link) => place.links.push(new End(link)),
    { onMissed: (reason) => place.missed.push(reason) },
  )
  t.teardown(async () => {
    for (const { link } of place.links) link.reset()
    await listener.close()
  })
  return place
}

function come(t: Test, { host }: Place): Stranger {
  const stranger = new Stranger(host)
  t.teardown(() => stranger.leave())
  return stranger
}

/** The one link that arrived. */
async function linkOf({ links }: Place): Promise<End> {
  await until('a link', () => links.length > 0)
  return links[0]!
}

test('memory that is not what was agreed is not taken, and the reason is told to both', async (t) => {
  const place = await listen(t)
  const bytes = segmentBytes(4096)
  const directory = mkdtempSync(join(tmpdir(), 'ink-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const secret = join(directory, 'secret')
  writeFileSync(secret, Buffer.alloc(bytes, 7), { mode: 0o600 })
  const named = openSync(secret, 'r+')
  t.teardown(() => closeSync(named))
  const cases: readonly [what: string, fd: number, reason: RegExp][] = [
    ['a file that has a name', named, /no memory, or has a name/],
    ['a terminal, a pipe, or whatever this is', 1, /no memory, or has a name|ENOENT|ENXIO/],
    ['nothing at all', 999_999, /ENOENT/],
    ['memory that anybody may open', namelessFile(t, bytes, 0o666), /others than its owner|not made for this link/],
    ['memory of another size', namelessFile(t, bytes - 1), /has \d+ bytes instead of \d+/],
    ['memory of another link', namelessFile(t, bytes), /not made for this link/],
  ]
  for (const [what, fd, reason] of cases) {
    const stranger = come(t, place)
    await stranger.nonce()
    t.match(await stranger.offer({ fd }), reason, what)
    await until('it is sent away', () => stranger.isClosed)
    t.match(place.missed.pop(), reason)
  }
  t.ok(readFileSync(secret).equals(Buffer.alloc(bytes, 7)), 'nobody has written to the file')
  t.equal(place.links.length, 0)
})

test('rings of a size that was not allowed are not made', async (t) => {
  const place = await listen(t, { access: 'file', ringBytesMax: 8192 })
  for (const ringBytes of [0, 5000, 16_384, 2 ** 31, 2 ** 32 - 1]) {
    const stranger = come(t, place)
    await stranger.nonce()
    t.match(await stranger.offer({ ringBytes }), /rings would have \d+ bytes, and at most 8192/)
  }
  const stranger = come(t, place)
  await stranger.nonce()
  t.match(await stranger.offer({ kind: 'mapped' }), /cannot be mapped here/)
})

test('memory that can be cut off is not mapped', { skip: noMappedMemory }, async (t) => {
  const place = await listen(t, { access: 'mapped' })
  const stranger = come(t, place)
  const fd = namelessFile(t, FRONT_BYTES + 2 * (256 + 4096))
  writeSync(fd, await stranger.nonce(), 0, 16, 0)
  t.match(await stranger.offer({ kind: 'mapped', fd }), /can be cut off, which would end this process/)
})

test('who says something else, or nothing, or comes too often, is sent away', async (t) => {
  const hasty = await listen(t, { access: 'file', setUpTimeoutMs: 20 })
  const silent = come(t, hasty)
  await until('it is sent away', () => silent.isClosed)
  t.match(hasty.missed, [/its time was up/])
  const patient = await listen(t, { access: 'file', setUpsMax: 3 })
  const babbler = come(t, patient)
  babbler.say(bytesOf('GET / HTTP/1.1'))
  await until('it is sent away', () => babbler.isClosed)
  t.match(patient.missed.pop(), /it said something else/)
  const crowd = Array.from({ length: 5 }, () => come(t, patient))
  await until('two of them made room', () => crowd.filter(({ isClosed }) => isClosed).length === 2)
  t.match(patient.missed, [/no room/, /no room/])
  const half = come(t, patient)
  await half.nonce()
  half.say(bytesOf('inkr'))
  half.leave()
  await until('it is missed', () => patient.missed.some((reason) => /it has gone/.test(reason)))
})

test('memory that is cut off is a fault with a reason', async (t) => {
  const place = await listen(t)
  const stranger = come(t, place)
  const fd = await stranger.share(t)
  const end = await linkOf(place)
  ftruncateSync(fd, 0)
  stranger.say(Uint8Array.of(0))
  t.match(await end.closed, { end: 'failed', message: /spoilt: its memory was cut off/ })
})

test('a byte that is no bell ends the link', async (t) => {
  const place = await listen(t)
  const stranger = come(t, place)
  await stranger.share(t)
  const end = await linkOf(place)
  stranger.say(Uint8Array.of(0, 0, 7))
  t.match(await end.closed, { end: 'failed', message: /no bell/ })
})

test('words that cannot be are faults: without a seal, too large, or set back', async (t) => {
  const mine = FRONT_BYTES
  const cases: readonly [word: number, values: readonly Uint8Array[], reason: RegExp][] = [
    [WORD.WRITTEN, [Buffer.alloc(8, 0x5a)], /none that the other side can have written/],
    [WORD.WRITTEN, [sealed(5000)], /written what cannot be there/],
    [WORD.WRITTEN, [sealed(100), sealed(50)], /written what cannot be there/],
    [WORD.END, [sealed(77)], /ends it with a word that means nothing/],
  ]
  for (const [word, values, reason] of cases) {
    const place = await listen(t)
    const stranger = come(t, place)
    const fd = await stranger.share(t)
    const end = await linkOf(place)
    for (const value of values) {
      const before = end.count
      writeSync(fd, value, 0, 8, mine + word * 8)
      stranger.say(Uint8Array.of(0))
      if (value !== values.at(-1)) await until('it is read', () => end.count > before)
    }
    t.match(await end.closed, { end: 'failed', message: reason })
  }
})

test('whatever is scribbled over all of it, the link ends or goes on, and the process lives', async (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seededRandom(seed)
    const place = await listen(t)
    const stranger = come(t, place)
    const fd = await stranger.share(t)
    const end = await linkOf(place)
    for (let turn = 0; turn < 30 && !end.events.includes('closed'); turn++) {
      const ring = random.pick([FRONT_BYTES, FRONT_BYTES + FILE_HEADER_BYTES + 4096])
      const value = random.chance(0.5) ? sealed(random.integer(0, 9000)) : Buffer.from([1, 2, 3, 4, 5, 6, 7, 8])
      writeSync(fd, value, 0, 8, ring + random.pick(Object.values(WORD)) * 8)
      end.link.write([bytesOf('x'.repeat(random.integer(1, 3000)))])
      stranger.say(Uint8Array.of(0))
      await new Promise(setImmediate)
    }
    if (!end.events.includes('closed')) end.link.reset()
    const { end: how } = await end.closed
    t.ok(['failed', 'remote', 'local', 'reset'].includes(how), `seed ${seed}: ${how}`)
  }
})

test('what answers a dial may be anybody: the dial fails and says why', async (t) => {
  const answers: readonly [what: string, flights: readonly Uint8Array[], reason: RegExp][] = [
    ['another protocol', [bytesOf('SSH-2.0-OpenSSH')], /does not set up shared memory/],
    [
      'a refusal',
      [encodeHello({ maps: false, nonce: new Uint8Array(16) }), encodeAnswer({ refused: 'no \u001b[31mroom' })],
      /cannot use the memory of this one: no \?\[31mroom/,
    ],
    [
      'an answer that is none',
      [encodeHello({ maps: false, nonce: new Uint8Array(16) }), Uint8Array.of(9)],
      /does not set up/,
    ],
  ]
  for (const [what, flights, reason] of answers) {
    const host = `@inkwire-hostile-${process.pid}-${++count}`
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.write(flights[0]!)
      socket.on('data', (bytes) => {
        t.equal(typeof decodeOffer(bytes), 'object', 'an offer')
        socket.write(flights[1]!)
      })
    })
    await new Promise<void>((resolve) => server.listen(systemPath(host), resolve))
    t.teardown(() => server.close())
    const end = new End(sharedMemory({ access: 'file' }).dial(parseAddress(`shm://${host}`)))
    t.match(await end.closed, { end: 'failed', message: reason }, what)
    t.notOk(end.events.includes('opened'))
  }
})

const notRoot = process.geteuid?.() !== 0 && 'only root can be another user'

test('SW-4: another user can neither offer memory nor open it', { skip: notRoot }, async (t) => {
  const place = await listen(t)
  const script = `
    const fs = require('node:fs'), net = require('node:net')
    const fd = fs.openSync('/dev/shm', fs.constants.O_RDWR | 0o20000000 | fs.constants.O_DIRECTORY, 0o600)
    fs.ftruncateSync(fd, ${segmentBytes(4096)})
    const socket = net.connect('\\0' + process.argv[1].padEnd(107, '\\0'))
    socket.once('data', (hello) => {
      fs.writeSync(fd, hello.subarray(12, 28), 0, 16, 0)
      const offer = Buffer.alloc(24)
      hello.copy(offer, 0, 0, 8)
      offer[8] = 1
      offer.writeUInt32LE(4096, 12)
      offer.writeUInt32LE(process.pid, 16)
      offer.writeUInt32LE(fd, 20)
      socket.write(offer)
      socket.once('data', (answer) => { console.log(answer.subarray(2).toString()); process.exit() })
    })`
  const child = spawn(process.execPath, ['-e', script, place.host.slice(1)], { uid: 65_534, gid: 65_534, cwd: '/' })
  t.teardown(() => child.kill('SIGKILL'))
  let said = ''
  child.stdout.on('data', (bytes) => (said += String(bytes)))
  child.stderr.on('data', (bytes) => (said += String(bytes)))
  await until('an answer', () => said !== '')
  t.match(said, /belongs to another user/)
  t.match(place.missed, [/belongs to another user/])
  t.equal(place.links.length, 0)
})
