/** Law L14 in a history: what was planted is found, and what a hostile peer does to itself is nobody's concern. */
import t from 'tap'
import type { Messenger } from '../../../../src/transactions/messenger.ts'
import { peer } from '../../../../src/index.ts'
import { acquaintances, check, History, HostilePeer, report, Simulation } from '../../../../src/testing/index.ts'
import type { HistoryEvent, HostileParty, RecordedRun } from '../../../../src/testing/index.ts'

type Fact<K extends HistoryEvent['kind']> = Extract<HistoryEvent, { kind: K }>

interface Run {
  readonly run: RecordedRun
  readonly parties: readonly HostileParty[]
  /** The connections of osd.0 with osd.1 and with the hostile osd.6. */
  readonly honest: number
  readonly hostile: number
}

/** Two honest peers and a hostile one that is given one message. */
async function goodRun(): Promise<Run> {
  const sim = new Simulation({ seed: 1 })
  const history = new History({ nowMs: () => sim.clock.nowMs() })
  const [one, two] = (['osd.0', 'osd.1'] as const).map((name) => {
    const messenger = history.attach(sim.messenger(name, { policies: { default: peer() } }))
    messenger.use({ dispatch: () => undefined })
    return messenger
  }) as [Messenger, Messenger]
  const process = sim.process('osd.6')
  const hostile = new HostilePeer({
    name: 'osd.6',
    transport: process.transport,
    clock: process.clock,
    targets: ['sim://osd.0:1'],
    knows: () => acquaintances([two]),
  })
  await sim.run(async () => {
    await one.bind('sim://osd.0:1')
    const theirs = await hostile.listen('sim://osd.6:1')
    await two.connect('sim://osd.0:1', { name: 'osd.0' }).deliver({ type: 1, tid: 1 })
    one.connections[0]?.send({ type: 1, tid: 2 })
    one.connect(theirs).send({ type: 1, tid: 3 })
    await sim.clock.sleep(50)
    await hostile.play('repeatNumbers')
    await hostile.stop()
    await sim.clock.sleep(500)
  })
  const { nodes, connections, events, ends } = history
  const opens = events.filter((event): event is Fact<'open'> => event.kind === 'open')
  const on = (name: string): number =>
    opens.find((event) => event.peerName === name && connections[event.on]?.node === 0)?.on ?? -1
  const run = { nodes, connections, events, ends }
  return { run, parties: [hostile], honest: on('osd.1'), hostile: on('osd.6') }
}

function planted({ run, parties }: Run, ...events: readonly HistoryEvent[]): string {
  return report(check({ ...run, events: [...run.events, ...events] }, { settled: false, hostile: parties }))
}

t.test('what a hostile peer is given, sends and spoils of its own breaks no law', async (t) => {
  const good = await goodRun()
  const { run, parties } = good
  t.strictSame(
    parties.map(({ heard }) => heard.map(({ tid }) => tid)),
    [[3]],
  )
  t.equal(report(check(run, { settled: true, hostile: parties })), '')
  const { hostile, honest } = good
  t.ok(hostile >= 0 && honest >= 0)
  const made = { key: '9:9 v0 p127 0+0+0 0', lane: 0, session: 2, fast: false }
  const deliver: HistoryEvent = { kind: 'deliver', on: hostile, delivery: 99, ...made, atMs: 1000 }
  t.equal(planted(good, deliver), '')
  t.match(planted({ ...good, parties: [] }, deliver), /L1: 9:9 .* nobody sent it/, 'as everybody else would be asked')
  const gone: HistoryEvent = {
    kind: 'reset',
    on: hostile,
    reason: 'x',
    outcome: { undelivered: ['?'], unknown: [] },
    atMs: 0,
  }
  t.equal(planted(good, gone), '')
})

t.test('a connection that becomes somebody else is found, either way', async (t) => {
  const good = await goodRun()
  const open = good.run.events.find((event): event is Fact<'open'> => event.kind === 'open' && event.on === good.honest)
  const theirs = good.run.events.find(
    (event): event is Fact<'open'> => event.kind === 'open' && event.on === good.hostile,
  )
  if (open === undefined || theirs === undefined) throw new Error('both connections open in a good run')
  t.match(planted(good, { ...open, peerName: 'osd.6' }), /L14: a connection with osd\.1 became one with osd\.6/)
  t.match(planted(good, { ...theirs, peerName: 'osd.1' }), /L14: a connection with osd\.6 became one with osd\.1/)
  const { connections } = good.run
  const expecting = connections.map((one) => (one.id === good.hostile ? { ...one, expects: 'osd.1' } : one))
  t.match(planted({ ...good, run: { ...good.run, connections: expecting } }), /L14: .* osd\.1 became one with osd\.6/)
})

t.test('a message that was meant for somebody else is found with the hostile peer', async (t) => {
  const good = await goodRun()
  const [party] = good.parties as [HostileParty]
  const { name, addresses } = party
  const heard = [...party.heard, { type: 1, tid: 2 }]
  t.match(
    planted({ ...good, parties: [{ name, addresses, heard }] }),
    /L14: osd\.6 was given message 1:2, which was sent to somebody else/,
  )
})

t.test('a session that ends without a cause among its two is found; one with a cause is not', async (t) => {
  const good = await goodRun()
  const { honest } = good
  const outcome = { undelivered: [], unknown: [] }
  const reset: HistoryEvent = { kind: 'remoteReset', on: honest, reason: 'planted', outcome, atMs: 1000 }
  t.match(planted(good, reset), /L14: the session of osd\.0 with osd\.1 ended, and neither had a reason: planted/)
  const back = good.run.events.find((event): event is Fact<'open'> => event.kind === 'open' && event.on !== honest)
  for (const cause of [
    { kind: 'closing', on: back?.on ?? -1, atMs: 900 },
    { kind: 'crash', node: 1, atMs: 900 },
  ] as const)
    t.notMatch(planted(good, cause, reset), /neither had a reason/)
  const away = good.run.connections.map((one) => ({ ...one, standbyMs: 100 }))
  const fault: HistoryEvent = { kind: 'fault', on: honest, reason: 'x', atMs: 850 }
  t.notMatch(planted({ ...good, run: { ...good.run, connections: away } }, fault, reset), /neither had a reason/)
})

t.test('who is refused as replaced, and is not, is found', async (t) => {
  const good = await goodRun()
  const refused: HistoryEvent = { kind: 'refused', on: good.honest, code: 'INK_TAKEN_OVER', atMs: 0 }
  t.match(planted(good, refused), /L14: osd\.0 was refused as if another instance had taken over/)
  t.equal(planted(good, { ...refused, code: 'INK_CONNECTION_REFUSED' }), '')
  const nodes = [...good.run.nodes, { id: 2, name: 'osd.0', instance: 'younger' }]
  t.equal(planted({ ...good, run: { ...good.run, nodes } }, refused), '')
})
