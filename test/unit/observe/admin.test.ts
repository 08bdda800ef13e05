/** The admin socket: its owner's alone, bounded in everything, and taken over from the dead only. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { memory, Messenger, peer } from '../../../src/index.ts'
import { AdminClient } from '../../../src/observe/admin/admin-client.ts'
import { Lines } from '../../../src/observe/admin/lines.ts'
import { CLIENTS_MAX, REQUEST_BYTES_MAX } from '../../../src/observe/admin/protocol.ts'
import { readStat, STAT_BYTES, writeStat, type Stat } from '../../../src/observe/admin/stat-layout.ts'
import { observe } from '../../../src/observe/index.ts'

const run = mkdtempSync(join(tmpdir(), 'inkwire-admin-'))
t.teardown(() => {
  rmSync(run, { recursive: true, force: true })
})
const messenger = new Messenger({ name: 'osd.0', transports: [memory()], policies: { default: peer() } })
t.teardown(() => messenger.close())

/** Says something to the socket, and gives all that it answers until it hangs up. */
function said(path: string, ...what: (string | Uint8Array)[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path)
    let heard = ''
    socket.on('data', (chunk) => (heard += chunk.toString()))
    socket.on('close', () => {
      resolve(heard)
    })
    socket.on('error', () => undefined)
    for (const one of what) socket.write(one)
    socket.end()
  })
}

t.test('only the owner may open it, and it is gone with its observer', async (t) => {
  const path = join(run, 'a.asok')
  const observer = observe(messenger, { admin: path })
  await observer.ready
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.equal(statSync(`${path}.stat`).mode & 0o777, 0o600)
  const client = new AdminClient(path)
  t.match(await client.ask('hello'), { name: 'osd.0', pid: process.pid })
  t.match(await client.ask('snapshot'), { v: 1, name: 'osd.0', peers: [] })
  await t.rejects(client.ask('why', 'osd.1'), { code: 'INK_BAD_ARGUMENT' })
  observer.close()
  observer.close()
  await t.rejects(client.ask('hello'), { code: 'INK_CONNECTION_REFUSED' })
  t.equal(statSync(path, { throwIfNoEntry: false }), undefined)
})

t.test('what a dead process left is taken over; what answers, or is something else, is not', async (t) => {
  const path = join(run, 'b.asok')
  const leave = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  t.throws(() => execFileSync(process.execPath, ['-e', leave], { stdio: 'ignore' }))
  t.ok(statSync(path).isSocket(), 'it is left behind')
  const observer = observe(messenger, { admin: path })
  await observer.ready
  const second = observe(messenger, { admin: path, stat: join(run, 'other.stat') })
  await t.rejects(second.ready, { code: 'INK_ADDRESS_IN_USE', message: /another process answers there/ })
  second.close()
  t.match(await new AdminClient(path).ask('health'), { status: 'SERVING' })
  observer.close()
  writeFileSync(join(run, 'c.asok'), 'a file of somebody')
  const third = observe(messenger, { admin: join(run, 'c.asok') })
  await t.rejects(third.ready, { code: 'INK_ADDRESS_IN_USE', message: /something else/ })
  third.close()
  symlinkSync(join(run, 'c.asok'), join(run, 'd.stat'))
  t.throws(() => observe(messenger, { stat: join(run, 'd.stat') }), { code: 'INK_BIND_FAILED' })
  for (const admin of ['', 'tcp://127.0.0.1:1', `/${'x'.repeat(200)}`])
    t.throws(() => observe(messenger, { admin }), { code: 'INK_BAD_OPTION' })
})

t.test('whoever asks nonsense, too much or too many things at once is answered, or cut off', async (t) => {
  const path = join(run, 'e.asok')
  const observer = observe(messenger, { admin: path })
  await observer.ready
  for (const [line, message] of [
    ['what?', /one line of JSON/],
    ['{"v":2,"id":1,"ask":"hello"}', /speaks version 1/],
    ['{"v":1,"id":"x","ask":"hello"}', /id is a whole number/],
    ['{"v":1,"id":1,"ask":"constructor"}', /ask is one of hello, /],
    ['{"v":1,"id":1,"ask":"why"}', /why needs a peer/],
    ['null', /speaks version 1/],
  ] as const)
    t.match(await said(path, `${line}\n`), message, line)
  t.match(
    await said(path, '{"v":1,"id":1,', '"ask":"health"}\n\n{"v":1,"id":2,"ask":"health"}\n'),
    /"id":1.*\n.*"id":2.*\n$/,
  )
  t.match(await said(path, 'x'.repeat(REQUEST_BYTES_MAX + 1)), /at most 4096 bytes/)
  t.match(await said(path, new Uint8Array(50).fill(0xff), '\n'), /one line of JSON/)
  const clients = Array.from({ length: CLIENTS_MAX }, () => new AdminClient(path))
  await Promise.all(clients.map((client) => client.ask('hello')))
  t.match(await said(path, ''), /8 clients are here already/)
  for (const client of clients) client.close()
  observer.close()
})

t.test('a stat file reads as it was written, and torn or foreign bytes say so', (t) => {
  const totals = Object.fromEntries(['peers', 'open', 'sentMessages'].map((name, index) => [name, index]))
  const stat = {
    ...{ name: 'osd.0', pid: 7, atMs: 1.5e12, startedMs: 1.4e12, everyMs: 1000, loopLagMs: 3, life: 'running' },
    totals,
    peers: Array.from({ length: 100 }, (_, index) => ({ name: `client.${index}` })),
  } as unknown as Stat
  const bytes = writeStat(stat, 5)
  t.equal(bytes.length, STAT_BYTES)
  const read = readStat(bytes) as Stat
  t.match(read, { name: 'osd.0', pid: 7, atMs: 1.5e12, everyMs: 1000, life: 'running', totals: { open: 1 } })
  t.equal(read.peers.length, 64)
  t.equal(read.peers[63]?.name, 'client.63')
  bytes.set(writeStat(stat, 6).subarray(0, 4000))
  t.equal(readStat(bytes), 'torn')
  t.equal(readStat(new Uint8Array(STAT_BYTES)), 'foreign')
  t.equal(readStat(new Uint8Array(10)), 'foreign')
  t.end()
})

t.test('lines come whole, wherever their bytes are cut', (t) => {
  const bytes = new TextEncoder().encode('erste\nzweite ä\n\nrest')
  for (let cut = 0; cut <= bytes.length; cut++) {
    const lines = new Lines(100)
    t.strictSame([...lines.add(bytes.subarray(0, cut))!, ...lines.add(bytes.subarray(cut))!], ['erste', 'zweite ä', ''])
  }
  const small = new Lines(4)
  t.strictSame(small.add(new TextEncoder().encode('abc\n')), ['abc'])
  t.equal(small.add(new TextEncoder().encode('abcde')), null)
  t.end()
})
