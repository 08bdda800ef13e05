/**
 * The two races of docs/CEPH.md between whole messengers in simulated time: words of a handshake that come late, and
 * answers that are lost while both ends dial.
 */
import t from 'tap'
import { msgr2 } from '../../../src/ceph/index.ts'
import { losslessClient, losslessServer, Messenger, peer } from '../../../src/index.ts'
import type { Message, Policy } from '../../../src/index.ts'
import { Simulation } from '../../../src/testing/index.ts'
import { TAG } from '../../../src/ceph/msgr2/format.ts'
import { LateTransport } from '../../support/late-transport.ts'
import { simulatedTcp } from '../../support/simulated-tcp.ts'

/** A dialler's signature; whatever follows it asks for a session. */
const SIGNATURE_BYTES = 68

const LIVELY = { keepalive: { intervalMs: 500, timeoutMs: 2000 } }
const FAST = { backoff: { firstMs: 20, maxMs: 50, jitter: 0 }, ...LIVELY }

class World {
  readonly sim: Simulation
  #hosts = 0

  constructor(seed: string) {
    this.sim = new Simulation({ seed })
  }

  async node(name: string, policy: Policy) {
    const host = `10.0.0.${++this.#hosts}`
    const process = this.sim.process(host)
    const transport = new LateTransport(simulatedTcp(process))
    const own = { ...process.options, transports: [transport], wire: msgr2() }
    const messenger = new Messenger({ name, policies: { default: policy }, ...own })
    const got: number[] = []
    const resets: string[] = []
    messenger.use({
      dispatch: ({ tid }: Message) => void got.push(tid),
      onReset: () => resets.push('reset'),
      onRemoteReset: () => resets.push('remoteReset'),
    })
    const address = await this.sim.run(() => messenger.bind(`v2:${host}:6800/0`))
    return { host, messenger, transport, got, resets, address }
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    if (!(await this.sim.clock.until(holds, 5000))) throw new Error(`never: ${what}`)
  }
}

const PAIRS: readonly [name: string, dialler: string, ours: Policy, server: Policy][] = [
  ['a peer', 'osd.1', peer(FAST), peer(FAST)],
  ['a client', 'client.1', losslessClient(FAST), losslessServer(LIVELY)],
]

for (const [name, dialler, policy, serves] of PAIRS) {
  t.test(`the last words of ${name} that is dead do not displace its successor`, async (t) => {
    const world = new World(name)
    const server = await world.node('osd.0', serves)
    const old = await world.node(dialler, policy)
    const late = server.transport.hold('accepted', TAG.AUTH_SIGNATURE)
    old.messenger.connect(server.address)
    await world.until('it asks', () => late.bytes > SIGNATURE_BYTES)
    world.sim.crash(old.host)
    const young = await world.node(dialler, policy)
    const connection = young.messenger.connect(server.address)
    connection.send({ type: 1, tid: 1 })
    await world.until('the first message', () => server.got.length === 1)
    late.release('heard')
    await world.sim.clock.advance(100)
    t.equal(connection.state, 'open')
    world.sim.network.cut()
    connection.send({ type: 1, tid: 2 })
    await world.until('the second message', () => server.got.length === 2)
    t.strictSame([server.got, server.resets, young.resets], [[1, 2], [], []])
  })

  t.test(`${name} that lives and was taken for dead needs one more dial`, async (t) => {
    const world = new World(name)
    const server = await world.node('osd.0', serves)
    const old = await world.node(dialler, policy)
    const before = old.messenger.connect(server.address)
    before.send({ type: 1, tid: 1 })
    await world.until('the first message', () => server.got.length === 1)
    const young = await world.node(dialler, policy)
    const late = server.transport.hold('accepted', TAG.AUTH_SIGNATURE)
    young.messenger.connect(server.address).send({ type: 1, tid: 2 })
    await world.until('it asks', () => late.bytes > SIGNATURE_BYTES)
    world.sim.network.cut(old.host, server.host)
    before.send({ type: 1, tid: 3 })
    await world.until('the older one is there again', () => server.got.length === 2)
    world.sim.crash(old.host)
    late.release('heard')
    await world.until('the younger one', () => server.got.length === 3)
    t.strictSame(server.got, [1, 3, 2])
    t.equal(server.messenger.connections.length, 1)
    t.strictSame(young.resets, [])
  })
}

t.test('both dial, and both answers are lost: nobody is told of a reset, and every message arrives', async (t) => {
  for (const lower of ['early', 'late'] as const) {
    const world = new World(lower)
    const nodes = [await world.node('osd.0', peer(FAST)), await world.node('osd.1', peer(FAST))] as const
    const [early, late] = lower === 'early' ? nodes : [nodes[1], nodes[0]]
    const asked = late.transport.hold('accepted', TAG.AUTH_SIGNATURE)
    early.messenger.connect(late.address).send({ type: 1, tid: 1 })
    await world.until('the one asks, and is not heard', () => asked.bytes > SIGNATURE_BYTES)
    const answered = late.transport.hold('dialled', TAG.CLIENT_IDENT)
    late.messenger.connect(early.address).send({ type: 1, tid: 2 })
    await world.until('the other asks, and does not hear the answer', () => answered.bytes > 0)
    answered.release('lost')
    await world.until('its dial has failed', () => late.messenger.connections[0]?.state === 'backoff')
    asked.release('heard')
    await world.until('both messages', () => late.got.length === 1 && early.got.length === 1)
    await world.sim.clock.advance(1000)
    t.strictSame([late.got, early.got, late.resets, early.resets], [[1], [2], [], []], `${lower} has the lower address`)
  }
})
