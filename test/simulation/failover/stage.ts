/**
 * Runs one scenario in virtual time: two messengers on a simulated network, a plan of faults on the links of one.
 *
 * Everything that each side saw is told in one line, which the data compares; the laws are checked besides.
 */
import { Messenger, losslessClient, losslessServer, lossy, peer } from '../../../src/index.ts'
import type { Connection, Policy, PolicyKind } from '../../../src/index.ts'
import { FaultPlan, History, Simulation, check, faulty, report } from '../../../src/testing/index.ts'
import type { Injection, Scenario, SideName, Step } from './scenario.ts'

/** How long a run goes on after its script: long enough for every retry, too short for a probe of standby. */
const SETTLE_MS = 450
const HELD_WITHIN_MS = 1000
const NOTICES = ['connect', 'accept', 'resume', 'reset', 'remoteReset'] as const

interface Side {
  readonly messenger: Messenger
  readonly address: string
  readonly connections: Connection[]
  readonly counts: Map<string, number>
  readonly got: number[]
  sent: number
}

/** What came of a run. */
export interface Seen {
  readonly test: string
  readonly peer: string
  readonly unhit: readonly string[]
  readonly violations: string
}

/** Plays the script and looks at what is left. */
export async function play(scenario: Scenario, run: readonly Injection[]): Promise<Seen> {
  const sim = new Simulation({ seed: scenario.name })
  const plan = new FaultPlan({ clock: sim.clock })
  const history = new History({ nowMs: () => sim.clock.nowMs() })
  const sides = { test: make('test'), peer: make('peer') }
  for (const [point, action, nth = 1] of run) plan.at(point, action, { nth })

  function make(name: SideName): Side {
    const goesFirst = (scenario.goesFirst ?? 'peer') === name
    const process = sim.process(goesFirst ? 'a' : 'b')
    const policy = policyOf(scenario.policies[name === 'test' ? 0 : 1], scenario.keepalive === name)
    const transports = [name === 'test' ? faulty(process.transport, plan) : process.transport]
    const options = { ...process.options, transports, policies: { default: policy } }
    const messenger = history.attach(new Messenger({ name: `${name}.0`, ...options }))
    return watch(messenger, `sim://${process.host}:1`)
  }

  async function step(what: Step): Promise<void> {
    if (typeof what === 'number') return sim.clock.advance(what)
    if (what === 'release') {
      plan.release()
      return
    }
    if (what === 'held') {
      let seen = false
      void plan.held().then(() => (seen = true))
      if (!(await sim.clock.until(() => seen, HELD_WITHIN_MS))) throw new Error('nothing was held')
      return
    }
    const name = what.startsWith('test') ? 'test' : 'peer'
    const [side, other] = name === 'test' ? [sides.test, sides.peer] : [sides.peer, sides.test]
    if (what.endsWith('connects')) note(side, side.messenger.connect(other.address))
    else if (what.endsWith('sends')) send(side, other.address)
    else current(side)?.markDown()
  }

  for (const { messenger, address } of [sides.test, sides.peer]) await sim.run(() => messenger.bind(address))
  for (const one of scenario.script) await step(one)
  plan.release()
  await sim.clock.advance(SETTLE_MS)
  const violations = report(check(history, { settled: true }))
  const [test, peer] = [summary(sides.test, sides.peer.sent), summary(sides.peer, sides.test.sent)]
  for (const { messenger } of [sides.test, sides.peer]) for (const one of messenger.connections) one.markDown()
  await sim.run(() => Promise.all([sides.test.messenger.shutdown(), sides.peer.messenger.shutdown()]))
  return { test, peer, unhit: plan.unhit, violations }
}

function policyOf(kind: PolicyKind, asks: boolean): Policy {
  const keepalive = asks ? { keepalive: { intervalMs: 20, timeoutMs: 200 } } : {}
  switch (kind) {
    case 'lossy':
      return lossy(keepalive)
    case 'losslessClient':
      return losslessClient(keepalive)
    case 'losslessServer':
      return losslessServer(keepalive)
    case 'peer':
      return peer(keepalive)
  }
}

function watch(messenger: Messenger, address: string): Side {
  const side: Side = { messenger, address, connections: [], counts: new Map(), got: [], sent: 0 }
  messenger.events$.subscribe((event) => {
    if ('connection' in event) note(side, event.connection)
    side.counts.set(event.type, (side.counts.get(event.type) ?? 0) + 1)
  })
  messenger.use({ dispatch: ({ tid }) => void side.got.push(tid) })
  return side
}

function note(side: Side, connection: Connection): void {
  if (!side.connections.includes(connection)) side.connections.push(connection)
}

function current(side: Side): Connection | undefined {
  return side.connections.filter(({ state }) => state !== 'closed').at(-1)
}

/** On the connection that is there; a side that may dial makes one. */
function send(side: Side, to: string): void {
  const connection = current(side) ?? side.messenger.connect(to)
  note(side, connection)
  connection.send({ type: 1, tid: ++side.sent })
}

/** The states of its connections in order of appearance; what it was told; which messages it got, of how many. */
function summary(side: Side, sent: number): string {
  const states = side.connections.map(({ state }) => state).join(' ') || 'none'
  const told = NOTICES.filter((notice) => side.counts.has(notice)).map((one) => `${one} ${side.counts.get(one)}`)
  const got = sent === 0 && side.got.length === 0 ? [] : [`got ${side.got.join(' ') || 'none'} of ${sent}`]
  return [[states, ...told].join(', '), ...got].join('; ')
}
