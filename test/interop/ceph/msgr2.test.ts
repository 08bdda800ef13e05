/**
 * Inkwire as a client of a real Ceph: monitor and OSD, in every combination of authentication and mode.
 *
 * The messages are Ceph's own: MON_COMMAND and COMMAND, which both answer.
 */
import { execFile } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import t, { type Test } from 'tap'
import { lossy } from '../../../src/policies/lossy.ts'
import { Messenger, type Connection, type Message } from '../../../src/index.ts'
import { msgr2, type Msgr2Options } from '../../../src/ceph/msgr2.ts'
import { Reader, Writer } from '../../../src/ceph/msgr2/codec.ts'
import type { Lab } from '../../../examples/ceph-lab/lab.ts'
import { addressOfOsd, credentials, missingCeph, startCluster } from '../../support/ceph/ceph-cluster.ts'
import { orSkip } from '../../support/or-skip.ts'
import { within } from '../../support/until.ts'

const test = orSkip(t, missingCeph)

const MON_GET_MAP = 5
const MON_MAP = 4
const MON_COMMAND = 50
const MON_COMMAND_ACK = 51
const COMMAND = 97
const COMMAND_REPLY = 98

/** A client whose messages can be waited for. */
function client(t: Test, options: Msgr2Options) {
  const messenger = new Messenger({ name: 'client.admin', wire: msgr2(options) })
  t.teardown(() => messenger.shutdown())
  const news = new EventEmitter()
  messenger.use({
    dispatch(message) {
      news.emit(`${message.type}`, message)
    },
    onReset(connection, outcome) {
      news.emit('reset', connection, outcome)
    },
  })
  messenger.events$.subscribe((event) => {
    if (process.env['SHOW'] !== undefined) console.error(event.type, 'reason' in event ? event.reason : '')
  })
  const ask = async (connection: Connection, init: Parameters<Connection['send']>[0], reply: number) => {
    const answer = once(news, `${reply}`)
    connection.send(init)
    return ((await within(`the answer ${reply}`, answer)) as [Message])[0]
  }
  return { messenger, news, ask }
}

/** {fsid, command} behind what the message's kind wants first. */
function command(head: Uint8Array, fsid: Uint8Array, text: object): Uint8Array {
  const writer = new Writer().raw(head).raw(fsid)
  return writer.list([JSON.stringify(text)], (line) => writer.text(line)).done()
}

async function fsidOf(cluster: Lab): Promise<Uint8Array> {
  return new Uint8Array(Buffer.from((await cluster.run('ceph', 'fsid')).trim().replaceAll('-', ''), 'hex'))
}

const MATRIX = [
  { auth: 'none', mode: 'crc' },
  { auth: 'cephx', mode: 'crc' },
  { auth: 'cephx', mode: 'secure' },
] as const

for (const { auth, mode } of MATRIX) {
  test(`a monitor and an OSD of Ceph answer (${auth}, ${mode})`, { timeout: 120_000 }, async (t) => {
    const cluster = await startCluster(t, { auth, mode })
    const { messenger, ask } = client(t, credentials(cluster))
    const monitor = messenger.connect(cluster.monitor, { type: 'mon' })
    const map = await ask(monitor, { type: MON_GET_MAP, version: 1 }, MON_MAP)
    t.ok(map.front.length > 100, 'the map of monitors came')
    t.match(monitor.peer, { type: 'mon', name: 'mon.0', address: cluster.monitor })

    const fsid = await fsidOf(cluster)
    const status = await ask(
      monitor,
      { type: MON_COMMAND, version: 1, tid: 7, front: command(new Uint8Array(18), fsid, { prefix: 'status' }) },
      MON_COMMAND_ACK,
    )
    t.equal(status.tid, 7)
    t.match(Buffer.from(status.data).toString(), /cluster:/, 'ceph status')

    const osd = messenger.connect(await addressOfOsd(cluster), { type: 'osd' })
    const version = await ask(
      osd,
      { type: COMMAND, version: 1, tid: 9, front: command(new Uint8Array(0), fsid, { prefix: 'version' }) },
      COMMAND_REPLY,
    )
    t.equal(version.tid, 9)
    t.equal(new Reader(version.front).i32(), 0, 'the OSD ran the command')
    t.match(Buffer.from(version.data).toString(), /"version": *"/)
    t.equal(monitor.state, 'open')
  })
}

test('what a cluster refuses is said in words', { timeout: 120_000 }, async (t) => {
  const cluster = await startCluster(t, { auth: 'cephx', mode: 'secure' })
  const refusals = async (options: Msgr2Options): Promise<string> => {
    const { messenger } = client(t, options)
    const refused = new Promise<string>((resolve) => {
      messenger.events$.subscribe((event) => {
        if (event.type === 'fault') resolve(event.reason)
      })
    })
    messenger.connect(cluster.monitor, { type: 'mon' })
    return refused
  }
  const key = 'AQAUCAFrbfcxExAAx2d3m1O1h3gTH/w5qIC3jQ=='
  t.match(await refusals({ key }), /is the key the one that this cluster knows/)
  t.match(await refusals({}), /^authentication with none is not taken: the peer takes cephx/)
  t.match(await refusals({ ...credentials(cluster), modes: ['crc'] }), /mode secure/)
})

test("Ceph's own client reaches an Inkwire that calls itself a monitor", { timeout: 60_000 }, async (t) => {
  const monitor = new Messenger({ name: 'mon.0', policies: { default: lossy() }, wire: msgr2() })
  t.teardown(() => monitor.shutdown())
  const asked = new Promise<Message>((resolve) => {
    monitor.use({ dispatch: (message) => resolve(message) })
  })
  const accepted = new Promise<Connection>((resolve) => {
    monitor.use({ onAccept: resolve })
  })
  const address = await monitor.bind('v2:127.0.0.1:0/0')
  const ceph = execFile(
    'ceph',
    ['-c', '/dev/null', '-m', `[${address}]`, '--auth-client-required', 'none', '-s'],
    () => {},
  )
  t.teardown(() => ceph.kill('SIGKILL'))
  t.equal((await accepted).peer.type, 'client')
  t.ok((await asked).type > 0, 'its first message came')
})
