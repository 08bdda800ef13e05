/**
 * Keys are nowhere to be seen: not in dumps, events, errors, warnings or in what an inspector shows of any object.
 *
 * A cluster lives through logins, renewals and every refusal; then everything that it said is searched for every key of
 * its keyrings, every session key that its monitor made and every connection secret, in all the ways bytes become text.
 */
import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import { msgr2, type Msgr2Options } from '../../../src/ceph/msgr2.ts'
import { parseKey } from '../../../src/ceph/cephx/keyring.ts'
import type { WireContext, WireProtocol } from '../../../src/wire/wire.ts'
import { KEYS, keyOf, keyringFile, SimulatedCluster, type Node } from '../../support/ceph/simulated-cluster.ts'

const SECOND = 1000
const CONNECTION_SECRET_BYTES = 64

/** Everything of an object that a person could see, private fields excepted, which nobody can. */
function look(value: unknown): string {
  return inspect(value, { depth: 12, showHidden: true, maxArrayLength: 300, maxStringLength: Infinity, getters: true })
}

/** Whether bytes turn up in a text, in any of the ways that bytes are written. */
function shows(text: string, secret: Uint8Array): boolean {
  const bytes = Buffer.from(secret)
  const dense = text.replaceAll(/\s+/g, '')
  const spellings = [bytes.toString('hex'), bytes.toString('base64').slice(0, 20), secret.subarray(0, 8).join(',')]
  return text.includes(bytes.toString('latin1')) || spellings.some((spelling) => dense.includes(spelling))
}

/** The protocol, with what it draws for keys and connection secrets written down. */
function overheard(options: Msgr2Options, drawn: Uint8Array[]): WireProtocol {
  const protocol = msgr2(options)
  const listen = (randomBytes: (count: number) => Uint8Array, all: boolean) => (count: number) => {
    const bytes = randomBytes(count)
    if (all || count === CONNECTION_SECRET_BYTES) drawn.push(bytes.slice())
    return bytes
  }
  const hear = (context: WireContext): WireContext => ({ ...context, randomBytes: listen(context.randomBytes, false) })
  return {
    ...protocol,
    service: (world) => protocol.service!({ ...world, randomBytes: listen(world.randomBytes, true) }),
    acceptor: (context, sink) => protocol.acceptor(hear(context), sink),
  }
}

/** A busy life: two kinds of logins, tickets renewed many times, and all that can be refused. */
async function live(t: Test, cluster: SimulatedCluster, drawn: Uint8Array[]): Promise<Node[]> {
  const times = { authTicketMs: 20 * SECOND, serviceTicketMs: 8 * SECOND }
  const keyring = keyringFile(t, ['mon.', 'client.admin', 'osd.1'])
  const mon = await cluster.listening('mon.0', overheard({ keyring, modes: ['secure'], ...times }, drawn))
  const osd = await cluster.listening('osd.1', overheard({ key: KEYS['osd.1']! }, drawn))
  const client = cluster.node('client.admin', msgr2({ key: KEYS['client.admin']! }))
  osd.messenger.connect(mon.address, { type: 'mon' })
  client.messenger.connect(mon.address, { type: 'mon' })
  for (let round = 0; round < 6; round++) {
    await cluster.pass(10 * SECOND)
    client.messenger.connect(osd.address, { type: 'osd', anonymous: true }).send({ type: 900 })
  }
  const strangers: [string, Msgr2Options][] = [
    ['client.admin', { key: keyOf(99) }],
    ['client.other', { key: KEYS['client.other']! }],
    ['mon.7', { key: keyOf(98) }],
    ['client.admin', {}],
  ]
  const nodes = strangers.map(([name, options]) => cluster.node(name, msgr2(options)))
  for (const { messenger } of nodes) messenger.connect(mon.address, { type: 'mon' })
  await cluster.pass(2 * SECOND)
  t.equal(osd.got.length, 6, 'the cluster works')
  t.ok(mon.refusals.length >= 4, 'and refuses')
  return [mon, osd, client, ...nodes]
}

t.test('no key is in anything that can be seen', async (t) => {
  const drawn: Uint8Array[] = []
  const warnings: string[] = []
  const warn = (warning: Error): unknown => warnings.push(look(warning))
  process.on('warning', warn)
  t.teardown(() => process.off('warning', warn))
  const cluster = new SimulatedCluster()
  const nodes = await live(t, cluster, drawn)
  const seen = nodes.map(({ messenger, events, refusals, got }) =>
    [
      look(messenger),
      look(messenger.dump()),
      JSON.stringify(messenger.dump()),
      look(events),
      look(refusals),
      look(got),
    ].join(),
  )
  const text = [...seen, ...warnings, look(msgr2({ key: keyOf(99) })), ...cluster.sim.lines].join('\n')
  const keys = [...Object.values(KEYS), keyOf(98), keyOf(99)]
  const secrets = [...keys.map((key) => parseKey(key, 'a key').secret), ...drawn]
  const found = [
    ...keys.filter((key) => text.includes(key) || text.includes(key.slice(10, 30))),
    ...secrets.filter((secret) => shows(text, secret)).map(look),
  ]
  t.ok(drawn.length > 20, `${drawn.length} keys were made on the way`)
  t.ok(text.length > 10_000 && text.includes('client.admin'), `${text.length} characters are searched`)
  t.strictSame(found, [])
})

t.test('the search finds a key where there is one', (t) => {
  const secret = Uint8Array.from({ length: 16 }, (_, index) => index * 13 + 40)
  const places = [
    look({ secret }),
    look(Buffer.from(secret)),
    JSON.stringify([...secret]),
    Buffer.from(secret).toString('base64'),
  ]
  for (const place of places) t.ok(shows(place, secret), place.slice(0, 60))
  t.end()
})
