/** Every rule of the protocol as a case: our own messenger keeps them all, and what breaks one is found by the case that is named after it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { losslessServer, lossy, Messenger, sharedSecret } from '../../../src/index.ts'
import type { MessengerOptions } from '../../../src/index.ts'
import { EXIT, inkwire } from './shell.ts'

/** What a target keeps a link that says nothing: longer than a case waits for an answer, so that no end comes from that alone. */
const HANDSHAKE_MS = 60_000
const PATIENT = ['--timeout', '20', '--patience', '60']

async function target(t: Test, options: Partial<MessengerOptions> = {}): Promise<string> {
  const messenger = new Messenger({
    name: 'osd.0',
    policies: { default: losslessServer() },
    limits: { handshakeTimeoutMs: HANDSHAKE_MS },
    ...options,
  })
  t.teardown(() => {
    for (const connection of messenger.connections) connection.markDown()
    return messenger.close()
  })
  return await messenger.bind('tcp://127.0.0.1:0')
}

t.test('our own messenger keeps every rule, also the strict ones, and a report says so', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'inkwire-spec-'))
  t.teardown(() => {
    rmSync(directory, { recursive: true, force: true })
  })
  const address = await target(t)
  const junit = join(directory, 'report.xml')
  const listed = (await inkwire(['spec', '--list'])).out.trim().split('\n')
  const sections = [...new Set(listed.map((line) => line.split('/')[0]!))].filter((section) => section !== 'liveness')
  const { code, out } = await inkwire(['spec', address, ...sections, '--strict', '--junit', junit, ...PATIENT])
  t.equal(code, EXIT.ok, out)
  t.match(out, /\n(\d+) cases in .*: \1 passed, 0 failed, 0 skipped\n$/)
  const report = readFileSync(junit, 'utf8')
  const impatient = await target(t, { limits: { handshakeTimeoutMs: 300 } })
  const silent = await inkwire(['spec', impatient, 'liveness', ...PATIENT])
  t.match(silent, { code: EXIT.ok, out: /\n5 cases in .*: 5 passed, 0 failed, 0 skipped\n$/ })
  t.match(report, /<testsuite name="banner" tests="6" failures="0" skipped="0">/)
  t.equal(report.match(/<testcase /g)?.length, listed.length - 5)
  t.equal(new Set(listed.map((line) => line.split(':')[0])).size, listed.length, 'each has a name of its own')
  const chapters = readFileSync(new URL('../../../docs/CLI.md', import.meta.url), 'utf8')
  for (const line of listed)
    t.ok(chapters.includes(`\`${line.split('/')[0]!}\``), `docs/CLI.md has ${line.split('/')[0]!}`)
})

t.test('a service that wants proofs, or is lossy, is tried as far as a stranger comes', async (t) => {
  const guarded = await target(t, { auth: sharedSecret({ secret: 'a secret that no stranger has, of bytes enough' }) })
  const some = await inkwire(['spec', guarded, 'banner', 'auth', 'messages/gap', 'open/opened', ...PATIENT])
  t.equal(some.code, EXIT.ok, some.out)
  t.match(some.out, /^skip {2}messages\/gap .*\n +it answers a dialler without a proof with AUTH_REJECTED$/m)
  const light = await target(t, { policies: { default: lossy() } })
  const lossless = await inkwire(['spec', light, 'resume/after-a-cut', '--policy', 'lossy', ...PATIENT])
  t.match(lossless.out, /skip {2}resume\/after-a-cut/)
})

/** Something that is wrong with an implementation: what it makes of what ours says, or when it ends a link. */
interface Fault {
  readonly name: string
  /** The cases that must find it; others may, too. */
  readonly found: readonly string[]
  readonly passes: readonly string[]
  answer(bytes: Buffer): Buffer
  readonly ends: boolean
  readonly greets?: Buffer
}

const same = (bytes: Buffer): Buffer => bytes
const BANNER = Buffer.from('494e4b574952450a0100010000000000', 'hex')

const FAULTS: readonly Fault[] = [
  {
    name: 'it never ends a link',
    found: ['frames/bad-checksum', 'messages/gap', 'goodbye/ends', 'order/open-first', 'hello/bad-name'],
    passes: ['banner/answer', 'keepalive/answer', 'messages/acked'],
    answer: same,
    ends: false,
  },
  {
    name: 'it speaks first',
    found: ['banner/silent-before-hello'],
    passes: ['banner/wrong-magic'],
    // Its own banner came already.
    answer: (bytes) => (bytes.subarray(0, 16).equals(BANNER) ? bytes.subarray(16) : bytes),
    ends: true,
    greets: BANNER,
  },
  {
    name: 'it alters a byte of each frame of a session',
    found: ['keepalive/answer', 'messages/acked'],
    passes: ['banner/answer', 'hello/answer', 'frames/bad-checksum'],
    answer: (bytes) => {
      const copy = Buffer.from(bytes)
      // ACK, FAILED and KEEPALIVE_ACK, with whatever is behind them.
      if (copy[0]! >= 12 && copy[0]! <= 15) copy[copy.length - 1]! ^= 1
      return copy
    },
    ends: true,
  },
]

/** Our own messenger behind somebody who makes this fault of it. */
async function faulty(t: Test, address: string, fault: Fault): Promise<string> {
  const sockets = new Set<Socket>()
  const own = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('error', () => undefined)
  }
  const server = createServer({ allowHalfOpen: true }, (peer) => {
    own(peer)
    const ours = own(connect({ host: '127.0.0.1', port: Number(address.split(':').at(-1)), noDelay: true }))
    if (fault.greets !== undefined) peer.write(fault.greets)
    peer.on('data', (bytes) => ours.write(bytes))
    peer.on('close', () => ours.destroy())
    ours.on('data', (bytes) => peer.write(fault.answer(bytes)))
    if (fault.ends) ours.on('close', () => peer.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
}

t.test('what breaks a rule is found by the cases of that rule', async (t) => {
  const address = await target(t)
  for (const fault of FAULTS) {
    const mutated = await faulty(t, address, fault)
    const { code, out } = await inkwire([
      ...['spec', mutated, ...fault.found, ...fault.passes, '--strict', '--json'],
      ...['--timeout', '2'],
    ])
    const results = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>)
    const verdictOf = (wanted: string): string | undefined =>
      results.find((one) => `${one['section']!}/${one['case']!}` === wanted)?.['verdict']
    for (const one of fault.found) t.equal(verdictOf(one), 'failed', `${fault.name}: ${one}`)
    for (const one of fault.passes) t.equal(verdictOf(one), 'passed', `${fault.name}: ${one}`)
    t.match(results.at(-1), { end: { failed: fault.found.length, skipped: 0 } })
    t.equal(code, EXIT.unwell)
  }
})

t.test('who is not there, and what is no case, are said at once', async (t) => {
  t.match(await inkwire(['spec', 'tcp://127.0.0.1:1', 'banner']), { code: EXIT.unreachable, err: /nothing to try/ })
  const address = await target(t)
  t.match(await inkwire(['spec', address, 'banners']), { code: EXIT.usage, err: /no section or case "banners"/ })
  t.match(await inkwire(['spec', 'osd.0']), { code: EXIT.usage, err: /such as tcp:/ })
  t.match(await inkwire(['spec', address, '--policy', 'safe']), { code: EXIT.usage, err: /--policy is one of/ })
  t.match(await inkwire(['spec']), { code: EXIT.usage, err: /needs an address/ })
  // Somebody else's port.
  const web = createServer((socket) => socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  t.teardown(() => web.close())
  const port = (web.address() as AddressInfo).port
  t.match(await inkwire(['spec', `tcp://127.0.0.1:${port}`]), { code: EXIT.unreachable, err: /greets nobody/ })
})
