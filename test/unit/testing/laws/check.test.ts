/** The checkers find what was planted: each test takes a good history and breaks one law in it. */
import t from 'tap'
import { losslessClient, losslessServer } from '../../../../src/index.ts'
import { check, report } from '../../../../src/testing/laws/check.ts'
import { History } from '../../../../src/testing/laws/history.ts'
import type { HistoryEvent } from '../../../../src/testing/laws/history.ts'
import { Simulation } from '../../../../src/testing/simulator/simulation.ts'
import type { Law, RecordedRun } from '../../../../src/testing/laws/violation.ts'

const NOTHING = { undelivered: [], unknown: [] }

/** Ten messages from a client to a server, one of them by `deliver()`; both closed in the end. */
async function goodRun(): Promise<History> {
  const sim = new Simulation({ seed: 1 })
  const history = new History({ nowMs: () => sim.clock.nowMs() })
  const server = history.attach(sim.messenger('mds.0', { policies: { default: losslessServer() } }))
  const client = history.attach(sim.messenger('client.0', { policies: { default: losslessClient() } }))
  server.use({ dispatch: () => undefined })
  await sim.run(async () => {
    await server.bind('sim://mds.0:1')
    const connection = client.connect('sim://mds.0:1')
    for (let tid = 1; tid < 10; tid++) connection.send({ type: 1, tid, data: `message ${tid}` })
    await connection.deliver({ type: 1, tid: 10 })
    sim.network.cut()
    await sim.clock.sleep(100)
  })
  return history
}

function lawsOf(run: RecordedRun): Law[] {
  return check(run, { settled: true }).map(({ law }) => law)
}

function change(run: RecordedRun, edit: (events: HistoryEvent[]) => void): RecordedRun {
  const events = [...run.events]
  edit(events)
  return { ...run, events }
}

/** The position of the n-th event of a kind, from 0. */
function nth(events: readonly HistoryEvent[], kind: HistoryEvent['kind'], n: number): number {
  return events.flatMap((event, at) => (event.kind === kind ? [at] : []))[n] ?? -1
}

t.test('a good run has nothing wrong, and is still good after JSON', async (t) => {
  const { nodes, connections, events } = await goodRun()
  t.equal(report(check({ nodes, connections, events }, { settled: true })), '')
  t.same(lawsOf(JSON.parse(JSON.stringify({ nodes, connections, events })) as RecordedRun), [])
  t.equal(events.filter(({ kind }) => kind === 'deliver').length, 10)
})

t.test('planted violations are found', async (t) => {
  const run = await goodRun()
  const planted: readonly [string, Law, (events: HistoryEvent[]) => void][] = [
    ['a lost message', 'L1', (events) => void events.splice(nth(events, 'deliver', 3), 1)],
    ['a lost last message', 'L2', (events) => void events.splice(nth(events, 'deliver', 9), 1)],
    [
      'a message twice',
      'L1',
      (events) => {
        const twice = events[nth(events, 'deliver', 3)] as HistoryEvent
        events.splice(nth(events, 'deliver', 4), 0, twice)
      },
    ],
    [
      'two messages in the wrong order',
      'L1',
      (events) => {
        const [at, next] = [nth(events, 'deliver', 3), nth(events, 'deliver', 4)]
        const moved = events[at] as HistoryEvent
        events[at] = events[next] as HistoryEvent
        events[next] = moved
      },
    ],
    [
      'an altered message',
      'L1',
      (events) => {
        const at = nth(events, 'deliver', 3)
        events[at] = { ...(events[at] as Extract<HistoryEvent, { kind: 'deliver' }>), key: '1:4 altered' }
      },
    ],
    [
      'an ack before the handler was done',
      'L7',
      (events) => {
        const [acked] = events.splice(nth(events, 'acked', 0), 1)
        events.splice(nth(events, 'finish', 9), 0, acked as HistoryEvent)
      },
    ],
    [
      'a message handed back that was handled',
      'L2',
      (events) => {
        const { on, key } = events[nth(events, 'send', 2)] as Extract<HistoryEvent, { kind: 'send' }>
        const outcome = { undelivered: [key], unknown: [] }
        events.push({ kind: 'reset', on, reason: 'planted', outcome, atMs: 0 })
      },
    ],
    [
      'a second session with another instance, and back',
      'L8',
      (events) => {
        const open = events[nth(events, 'open', 0)] as Extract<HistoryEvent, { kind: 'open' }>
        events.push(open, { ...open, peerInstance: run.nodes[0]?.instance ?? '' })
      },
    ],
    [
      'a reset told twice',
      'L2',
      (events) => {
        const { on } = events[nth(events, 'open', 0)] as Extract<HistoryEvent, { kind: 'open' }>
        const reset: HistoryEvent = { kind: 'remoteReset', on, reason: 'planted', outcome: NOTHING, atMs: 0 }
        events.push(reset, reset)
      },
    ],
    [
      'a reset not told',
      'L2',
      (events) => {
        const open = events[nth(events, 'open', 0)] as Extract<HistoryEvent, { kind: 'open' }>
        events.push({ ...open, how: 'connect', session: 'another' })
      },
    ],
    [
      'a reset told at one end',
      'L2',
      (events) => {
        const { on } = events[nth(events, 'open', 0)] as Extract<HistoryEvent, { kind: 'open' }>
        events.push({ kind: 'remoteReset', on, reason: 'planted', outcome: NOTHING, atMs: 0 })
      },
    ],
    [
      'a session resumed that was never there',
      'L2',
      (events) => {
        const at = nth(events, 'open', 2)
        events[at] = { ...(events[at] as Extract<HistoryEvent, { kind: 'open' }>), session: 'another' }
      },
    ],
    [
      'a session that begins again',
      'L3',
      (events) => {
        const open = events[nth(events, 'open', 0)] as Extract<HistoryEvent, { kind: 'open' }>
        events.push({ kind: 'remoteReset', on: open.on, reason: 'planted', outcome: NOTHING, atMs: 0 }, open)
      },
    ],
    ['a deliver() that never ends', 'L2', (events) => void events.splice(nth(events, 'acked', 0), 1)],
    [
      'a deliver() that says something else than the reset',
      'L2',
      (events) => {
        const at = nth(events, 'acked', 0)
        const { on, message } = events[at] as Extract<HistoryEvent, { kind: 'acked' }>
        events[at] = { kind: 'failed', on, message, fate: 'unknown', atMs: 0 }
      },
    ],
    [
      'a message handed back that was acked',
      'L2',
      (events) => {
        const { on, key } = events[nth(events, 'send', 9)] as Extract<HistoryEvent, { kind: 'send' }>
        events.push({ kind: 'reset', on, reason: 'planted', outcome: { ...NOTHING, unknown: [key] }, atMs: 0 })
      },
    ],
    [
      'a queue beyond its limit',
      'L6',
      (events) => {
        events.push({ kind: 'overrun', on: 0, law: 'L6', what: '9 queued messages, the limit is 8', atMs: 0 })
      },
    ],
  ]
  for (const [what, law, plant] of planted) {
    const changed = change(what.startsWith('a second session') ? withTwin(run) : run, plant)
    t.ok(lawsOf(changed).includes(law), `${what}: ${law}, got ${lawsOf(changed).join()}`)
  }
})

/** The same run, with a younger messenger of the server's name that the client had a session with. */
function withTwin(run: RecordedRun): RecordedRun {
  const nodes = [...run.nodes, { id: run.nodes.length, name: 'mds.0', instance: 'younger' }]
  const events = run.events.map((event) =>
    event.kind === 'open' && event.peerName === 'mds.0' ? { ...event, peerInstance: 'younger' } : event,
  )
  return { ...run, nodes, events }
}

t.test('the end of a connection that nobody made is found; that of one that was dialled is none', async (t) => {
  const { nodes, connections, events } = await goodRun()
  const unseen = { ...connections[0]!, id: connections.length, expects: null }
  const refused: HistoryEvent = { kind: 'refused', on: unseen.id, code: 'INK_TAKEN_OVER', atMs: 1000 }
  const told = (target: string): string =>
    report(check({ nodes, connections: [...connections, { ...unseen, target }], events: [...events, refused] }))
  t.match(told(''), /L1: a connection that nobody made was told as refused: INK_TAKEN_OVER/)
  t.equal(told('sim://mds.1:1'), '')
})

t.test('a violation tells a short story', async (t) => {
  const run = await goodRun()
  const [violation] = check(change(run, (events) => void events.splice(nth(events, 'deliver', 3), 1)))
  t.match(violation?.message, /overtook/)
  t.ok((violation?.story.length ?? 0) <= 17)
  t.match(violation?.story.join('\n'), /client\.0 #\d+ +sends 1:4/)
})

t.test('what a real reset hands back is no loss', async (t) => {
  const sim = new Simulation({ seed: 2 })
  const history = new History()
  const client = history.attach(sim.messenger('client.0', { policies: { default: losslessClient() } }))
  const connection = client.connect('sim://nobody:1')
  connection.send({ type: 1, tid: 1 })
  await sim.clock.advance(100)
  t.equal(connection.markDown().undelivered.length, 1)
  t.same(lawsOf(history), [])
})
