/**
 * cephx against Ceph 16's own: its client logs in at an Inkwire that calls itself a monitor and holds the keyring, an
 * Inkwire service takes clients by the secrets that a real monitor gave it, and tickets are renewed over open sessions.
 */
import { execFile, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { msgr2, type Msgr2Options } from '../../../src/ceph/index.ts'
import { lossy, Messenger, peer, type Connection, type Message } from '../../../src/index.ts'
import { Writer } from '../../../src/ceph/msgr2/codec.ts'
import type { Lab } from '../../../examples/ceph-lab/lab.ts'
import { addressOfOsd, credentials, missingCeph, startCluster } from '../../support/ceph/ceph-cluster.ts'
import { heldPort } from '../../support/held-port.ts'
import { orSkip } from '../../support/or-skip.ts'
import { until } from '../../support/until.ts'
import { KEYS, keyOf, keyringFile } from '../../support/ceph/simulated-cluster.ts'

const run = promisify(execFile)
const test = orSkip(t, missingCeph)

const MON_MAP = 4
const MON_GET_MAP = 5
const MON_SUBSCRIBE = 15
const MON_COMMAND = 50
const MON_COMMAND_ACK = 51
const CONFIG = 62

/**
 * A client of Ceph's own library: logs in, sends a command every moment until its input ends, and prints what came back last.
 * It ends without taking itself down, in which that library crashes now and then.
 */
const CLIENT = `
import json, os, rados, select, sys
address, keyring, name = sys.argv[1:4]
patience = int(sys.argv[4])
conf = {'mon_host': address, 'keyring': keyring, 'client_mount_timeout': str(patience), 'log_file': '/dev/null'}
conf.update(option.split('=') for option in sys.argv[5:])
cluster = rados.Rados(name=name, conf=conf)
try:
    cluster.connect(timeout=patience)
    while True:
        answer = cluster.mon_command(json.dumps({'prefix': 'hello'}), b'', timeout=patience)[1].decode()
        if select.select([sys.stdin], [], [], 0.2)[0]: break
    print(answer)
except rados.Error as error:
    print('refused:', error)
sys.stdout.flush()
os._exit(0)
`

interface Asking {
  /** It goes on until then; left out: one command. */
  readonly goOn?: Promise<unknown>
  /** How long it waits for a login and for an answer. */
  readonly patienceS?: number
  readonly conf?: readonly string[]
}

async function askAsCeph(
  address: string,
  keyring: string,
  name: string,
  { goOn = Promise.resolve(), patienceS = 30, conf = [] }: Asking = {},
): Promise<string> {
  const words = [`[${address}]`, keyring, name, `${patienceS}`, ...conf]
  const running = run('/usr/bin/python3', ['-c', CLIENT, ...words])
  void goOn.finally(() => running.child.stdin?.end())
  return (await running).stdout.trim()
}

/** The map of a cluster with one monitor, as Ceph's own tool makes it. */
async function monitorMap(t: Test, address: string): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'inkwire-monmap-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'map')
  await run('monmaptool', ['--create', '--clobber', '--enable-all-features', '--addv', 'a', `[${address}]`, path])
  const map = new Uint8Array(readFileSync(path))
  // Its epoch: a client goes on looking for a cluster whose map has none.
  map[22] = 1
  return map
}

/** Says as much as a client of Ceph needs to send a command, and answers that with the name that sent it. */
function answer(message: Message, connection: Connection, map: Uint8Array): void {
  const { type, tid } = message
  if (type === MON_GET_MAP || type === MON_SUBSCRIBE) {
    connection.send({ type: MON_MAP, version: 1, front: new Writer().blob(map).done() })
    connection.send({ type: CONFIG, version: 1, front: new Writer().u32(0).done() })
  } else if (type === MON_COMMAND) {
    const front = new Writer().u64(1n).u16(0xffff).u64(0n).u32(0).text('').u32(0).done()
    connection.send({
      type: MON_COMMAND_ACK,
      version: 1,
      tid,
      front,
      data: `hello, ${connection.peer.principal ?? 'nobody'}`,
    })
  }
}

async function monitor(t: Test, options: Msgr2Options) {
  const messenger = new Messenger({ name: 'mon.0', policies: { default: lossy() }, wire: msgr2(options) })
  t.teardown(() => messenger.shutdown())
  const refusals: string[] = []
  messenger.events$.subscribe((event) => {
    if (event.type === 'linkRefused' || event.type === 'authFailed') refusals.push(event.reason)
  })
  const address = await messenger.bind('v2:127.0.0.1:0/0')
  const map = await monitorMap(t, address)
  messenger.use({
    dispatch: (message, connection) => {
      answer(message, connection, map)
    },
  })
  return { messenger, address, refusals }
}

/**
 * On a machine that stands still for seconds a ticket has ended before it was renewed, and the key that it was made with is
 * gone: then another one is asked for. Without renewal nothing would arrive any more.
 */
function isNoStandstill(reason: string): boolean {
  return !/expired|not held here \(any more\)/.test(reason)
}

for (const mode of ['crc', 'secure'] as const) {
  test(`Ceph's own client logs in here and is answered (${mode})`, { timeout: 120_000 }, async (t) => {
    const keyring = keyringFile(t)
    const { address, refusals } = await monitor(t, { keyring, modes: [mode] })
    t.equal(await askAsCeph(address, keyring, 'client.admin'), 'hello, client.admin')
    t.equal(await askAsCeph(address, keyring, 'client.other'), 'hello, client.other')
    t.strictSame(refusals, [])
  })
}

test("Ceph's own client is refused, and why is said here", { timeout: 120_000 }, async (t) => {
  const { address, refusals } = await monitor(t, { keyring: keyringFile(t, ['mon.', 'client.admin']) })
  const wrong = join(keyringFile(t), '..', 'wrong')
  writeFileSync(wrong, `[client.admin]\n\tkey = ${keyOf(77)}\n[client.other]\n\tkey = ${KEYS['client.other'] ?? ''}\n`)
  t.match(await askAsCeph(address, wrong, 'client.admin'), /^refused:.*[Pp]ermission/)
  t.match(await askAsCeph(address, wrong, 'client.other'), /^refused:.*[Pp]ermission/)
  const none = await askAsCeph(address, wrong, 'client.admin', { patienceS: 8, conf: ['auth_client_required=none'] })
  t.match(none, /^refused:/)
  const empty = join(wrong, '..', 'empty')
  writeFileSync(empty, '')
  t.match(await askAsCeph(address, empty, 'client.admin', { patienceS: 8 }), /^refused:/)
  const reasons = [/client.admin did not prove/, /holds no key for client.other/, /does not prove its name/]
  for (const reason of [...reasons, /client.admin gives no proof: it has no key/]) {
    t.ok(
      refusals.some((refusal) => reason.test(refusal)),
      String(reason),
    )
  }
})

t.test(
  "Ceph's own client renews its tickets here, and is known again by them",
  { skip: missingCeph, timeout: 120_000 },
  async (t) => {
    const keyring = keyringFile(t)
    const { messenger, address, refusals } = await monitor(t, { keyring, authTicketMs: 5000, serviceTicketMs: 4000 })
    const names = new Set<string | null>()
    let sessions = 0
    messenger.use({
      onAccept: ({ peer }) => {
        sessions++
        names.add(peer.name)
      },
    })
    const seen = new EventEmitter()
    const conf = ['mon_client_ping_interval=1']
    const asking = askAsCeph(address, keyring, 'client.admin', { goOn: once(seen, 'enough'), conf })
    await until('the map and the session', () => sessions >= 2)
    const beganMs = performance.now()
    await until('what its first tickets are encrypted with is gone', () => performance.now() > beganMs + 10_500)
    const sessionsBefore = sessions
    for (const connection of messenger.connections) connection.markDown()
    await until('it logs in again', () => sessions > sessionsBefore)
    seen.emit('enough')
    t.equal(await asking, 'hello, client.admin')
    t.equal(names.size, 2, 'one number for its search of the map, and the same one before and after')
    t.strictSame(refusals.filter(isNoStandstill), [])
  },
)

/** An Inkwire in a real cluster; `got` names who sent what. */
function member(t: Test, name: string, options: Msgr2Options) {
  const messenger = new Messenger({ name, policies: { default: lossy() }, wire: msgr2(options) })
  t.teardown(() => messenger.shutdown())
  const got: string[] = []
  const troubles: string[] = []
  messenger.use({
    dispatch: ({ type }, { peer }) => {
      got.push(`${type} ${peer.principal ?? peer.name ?? ''}`)
    },
    onReset: (connection) => troubles.push(`${connection.peer.name ?? ''} reset`),
  })
  messenger.events$.subscribe((event) => {
    if (event.type === 'linkRefused' || event.type === 'authFailed') troubles.push(event.reason)
  })
  return { messenger, got, troubles }
}

/** Sends a message on a connection of its own, and ends that. */
async function visit(messenger: Messenger, address: string, type: number, arrived: () => boolean): Promise<void> {
  const connection = messenger.connect(address, { type: 'osd', anonymous: true })
  connection.send({ type })
  await until(`message ${type} at ${address}`, arrived)
  await connection.close()
}

async function keyFor(cluster: Lab, name: string): Promise<string> {
  return (
    await cluster.run('ceph', 'auth', 'get-or-create-key', name, 'mon', 'allow profile osd', 'osd', 'allow *')
  ).trim()
}

const SHORT = { 'auth mon ticket ttl': 8, 'auth service ticket ttl': 4, 'mon tick interval': 1 }

/** In crc mode a look is enough; in secure mode, until every ticket of the beginning has ended twice. */
const WATCH_MS = { crc: 1000, secure: 10_000 } as const

for (const mode of ['crc', 'secure'] as const) {
  test(
    `with a real monitor: a service takes clients, and tickets are renewed before they end (${mode})`,
    { timeout: 120_000 },
    async (t) => {
      const cluster = await startCluster(t, { auth: 'cephx', mode, conf: SHORT })
      const service = member(t, 'osd.1', { key: await keyFor(cluster, 'osd.1') })
      const client = member(t, 'client.admin', credentials(cluster))
      const address = await service.messenger.bind('v2:127.0.0.1:0/0')
      const sessions = [service, client].map(({ messenger }) => messenger.connect(cluster.monitor, { type: 'mon' }))
      await until('both are logged in', () => sessions.every(({ state }) => state === 'open'))
      const endMs = performance.now() + WATCH_MS[mode]
      // A connection every moment: each shows the ticket of that moment.
      let visits = 0
      while (performance.now() < endMs) {
        visits++
        await visit(client.messenger, address, 900, () => service.got.length === visits)
        const nextMs = performance.now() + 100
        await until('a moment passes', () => performance.now() > nextMs)
      }
      t.ok(
        service.got.every((text) => text === '900 client.admin'),
        `${visits} visits`,
      )
      const troubles = service.troubles.filter((text) => !/^client/.test(text) && isNoStandstill(text))
      t.strictSame([troubles, client.troubles], [[], []])
      t.ok(
        sessions.every(({ state }) => state === 'open'),
        'all over one session each with the monitor',
      )
      const osd = client.messenger.connect(await addressOfOsd(cluster), { type: 'osd' })
      await until('a real OSD takes the renewed ticket too', () => osd.state === 'open')
    },
  )
}

const MON_PROBE = 67

test('a real monitor and an Inkwire one show each other the key of mon.', { timeout: 120_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'inkwire-monitors-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const keyring = keyringFile(t)
  const ours = new Messenger({ name: 'mon.1', policies: { default: peer() }, wire: msgr2({ keyring }) })
  t.teardown(() => ours.shutdown())
  const from: string[] = []
  const refusals: string[] = []
  ours.use({
    dispatch: ({ type }, connection) => {
      if (type === MON_PROBE) from.push(`${connection.peer.name ?? ''} is ${connection.peer.principal ?? 'unproven'}`)
    },
  })
  ours.events$.subscribe((event) => {
    if ('reason' in event) refusals.push(`${event.type}: ${event.reason}`)
  })
  const address = await ours.bind('v2:127.0.0.1:0/0')
  const theirs = await startMonitor(t, folder, keyring, address)
  await until('its probe came', () => from.length > 0)
  // Its rank is a matter of the order of the addresses.
  t.match(from[0], /^mon\.[01] is mon\.$/)
  // One that nobody dials, so that it is ours which shows a ticket.
  const visitor = new Messenger({ name: 'mon.2', policies: { default: peer() }, wire: msgr2({ keyring }) })
  t.teardown(() => visitor.shutdown())
  const visit = visitor.connect(theirs, { type: 'mon' })
  await until('the visitor is let in', () => visit.state === 'open')
  t.strictSame(refusals, [])
})

/** Starts `mon.a`, which believes that `mon.b` is at this address. Gives its own. */
async function startMonitor(t: Test, folder: string, keyring: string, other: string): Promise<string> {
  const address = `v2:127.0.0.1:${await heldPort(t)}/0`
  const fsid = 'b1a5c0de-0000-4000-8000-000000000001'
  const map = join(folder, 'map')
  await run('monmaptool', ['--create', '--fsid', fsid, '--enable-all-features', '--addv', 'a', `[${address}]`, map])
  await run('monmaptool', ['--addv', 'b', `[${other}]`, map])
  const conf = join(folder, 'ceph.conf')
  const lines = ['fsid = ' + fsid, 'ms bind msgr1 = false', `run dir = ${folder}`, `log file = ${join(folder, 'log')}`]
  writeFileSync(conf, ['[global]', ...lines, '[mon.a]', `mon data = ${join(folder, 'data')}`, ''].join('\n'))
  await run('ceph-mon', ['-c', conf, '-i', 'a', '--mkfs', '--monmap', map, '--keyring', keyring])
  const monitor = spawn('ceph-mon', ['-c', conf, '-i', 'a', '-f'], { stdio: 'ignore' })
  t.teardown(async () => {
    const ended = new Promise((resolve) => monitor.once('exit', resolve))
    monitor.kill('SIGKILL')
    await ended
  })
  return address
}
