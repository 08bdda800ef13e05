/**
 * Runs a random world in virtual time until it has come to rest, and holds it against every law.
 *
 * The faults of the plan happen while the operations run; then they stop, whoever is down comes back, and within a
 * stated time everything that was sent must have ended (L5). Then all messengers shut down, and nothing may be left.
 */
import { none } from '../../auth/none.ts'
import { sharedSecret } from '../../auth/shared-secret.ts'
import type { ConnectionDump } from '../../messenger/dump.ts'
import type { Messenger } from '../../messenger/messenger.ts'
import { CONTROL_LANE } from '../../wire/message.ts'
import { check } from '../laws/check.ts'
import { CallLedger } from '../laws/call-ledger.ts'
import { History } from '../laws/history.ts'
import { Simulation } from '../simulator/simulation.ts'
import type { Violation } from '../laws/violation.ts'
import { acquaintances } from '../hostile/acquaintance.ts'
import { HostilePeer } from '../hostile/hostile-peer.ts'
import { Actor, addressOf, awayOf, secretOf, type Stage } from './actor.ts'
import { drawPlan, ROUND_TRIP_MS } from './draw.ts'
import { Mischief } from './mischief.ts'
import type { HostilePlan, SwarmPlan } from './plan.ts'
import type { SimulationReport } from './report.ts'

/** How often queues are looked at, and how often it is asked whether the world has come to rest. */
const SAMPLE_MS = 25

/** Runs the world of a seed, or a plan. */
export async function simulate(what: number | string | SwarmPlan): Promise<SimulationReport> {
  const plan = typeof what === 'object' ? what : drawPlan(what)
  const swarm = new Swarm(plan)
  const violations = await swarm.run()
  const { sim, history } = swarm
  return {
    seed: plan.seed,
    plan,
    violations,
    traceHash: sim.traceHash,
    trace: sim.lines,
    virtualMs: sim.clock.nowMs(),
    turns: sim.clock.turns,
    messages: history.events.filter((event) => event.kind === 'send').length,
    calls: swarm.calls.size,
  }
}

class Swarm implements Stage {
  readonly plan: SwarmPlan
  readonly sim: Simulation
  readonly history: History
  readonly calls = new CallLedger()
  readonly #actors: readonly Actor[]
  readonly #mischief: Mischief
  readonly #hostile: HostilePeer | null
  readonly #failures: Violation[] = []
  #tids = 0

  constructor(plan: SwarmPlan) {
    this.plan = plan
    this.sim = new Simulation({ seed: plan.seed, conditions: plan.conditions })
    this.history = new History({ nowMs: () => this.sim.clock.nowMs() })
    this.#actors = plan.nodes.map((node) => new Actor(this, node))
    this.#mischief = new Mischief(this.sim, this.#actors)
    this.#hostile = plan.hostile === null ? null : this.#makeHostile(plan.hostile)
  }

  get policies(): SwarmPlan['policies'] {
    return this.plan.policies
  }

  get hostile(): SwarmPlan['hostile'] {
    return this.plan.hostile
  }

  get paths(): SwarmPlan['paths'] {
    return this.plan.paths
  }

  get nodes(): SwarmPlan['nodes'] {
    return this.plan.nodes
  }

  nextCall(): number {
    return this.calls.size + 1
  }

  nextTid(): number {
    return ++this.#tids
  }

  failed(what: string): void {
    this.#failures.push({ law: 'L1', message: what, story: this.sim.lines.slice(-10) })
  }

  async run(): Promise<Violation[]> {
    const { sim, history, plan } = this
    try {
      await sim.run(async () => {
        for (const actor of this.#actors) await actor.start()
        await this.#hostile?.listen(addressOf(this.#hostile.name))
      })
      this.#schedule()
      await this.#sampled(plan.faultsMs)
      await sim.run(async () => this.#hostile?.stop())
      sim.trace('calm')
      sim.network.calm()
      const settled = await this.#settle()
      const hostile = this.#hostile === null ? undefined : [this.#hostile]
      const violations = check(history, { settled, hostile })
      if (!settled) this.#failures.push(this.#unsettled())
      else await this.#end()
      this.#judgeCalls(settled)
      return [...this.#failures, ...violations]
    } catch (thrown) {
      this.failed(`something threw: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`)
      return this.#failures
    }
  }

  #schedule(): void {
    const { clock } = this.sim
    for (const operation of this.plan.operations) {
      clock.setTimer(() => this.#actors[operation.node]?.operate(operation), operation.atMs)
    }
    for (const call of this.plan.calls) clock.setTimer(() => this.#actors[call.node]?.call(call), call.atMs)
    for (const move of this.plan.paths?.switches ?? [])
      clock.setTimer(() => this.#actors[move.node]?.switch(move), move.atMs)
    for (const fault of this.plan.faults) clock.setTimer(() => this.#mischief.begin(fault), fault.atMs)
    const { hostile, faultsMs } = this.plan
    if (hostile === null) return
    for (const { atMs, node, count } of hostile.visits) clock.setTimer(() => this.#actors[node]?.visit(count), atMs)
    this.#hostile?.rampage({ forMs: faultsMs, pauseMs: hostile.pauseMs }).catch((thrown: unknown) => {
      this.failed(`the hostile peer is broken: ${String(thrown)}`)
    })
  }

  /** Everybody went home: no call is open any more. */
  #judgeCalls(isOver: boolean): void {
    for (const message of this.calls.problems(isOver).slice(0, 5)) {
      this.#failures.push({ law: 'L15', message, story: this.sim.lines.slice(-10) })
    }
  }

  /** It is after everybody who can be dialled, and knows all that they say in the clear. */
  #makeHostile({ name, proof, flood }: HostilePlan): HostilePeer {
    const { transport, clock } = this.sim.process(name)
    return new HostilePeer({
      name,
      auth: proof === 'none' ? none() : sharedSecret({ secret: secretOf(name) }),
      transport,
      clock,
      targets: this.nodes.filter(({ bound }) => bound).map((node) => addressOf(node.name)),
      knows: () => acquaintances(this.#messengers()),
      seed: this.plan.seed,
      appetite: { flood, links: 32, claimedBytes: 1 << 20 },
    })
  }

  /** Lets time pass, and looks at the queues now and then. */
  async #sampled(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += SAMPLE_MS) {
      await this.sim.clock.advance(Math.min(SAMPLE_MS, ms - passedMs))
      this.history.sample()
    }
  }

  /** True once nothing waits for anything any more; false when that took too long. */
  async #settle(): Promise<boolean> {
    // Quiet for so long that nothing can be on its way: an ack shows in no queue.
    const looks = ROUND_TRIP_MS / SAMPLE_MS
    for (let passedMs = 0, quiet = 0; passedMs < this.plan.settleMs; passedMs += SAMPLE_MS) {
      await this.#sampled(SAMPLE_MS)
      quiet = this.#isQuiet() ? quiet + 1 : 0
      if (quiet >= looks && passedMs > this.#silenceMs()) return true
    }
    return false
  }

  /** Both ends of a dead link have noticed by then. */
  #silenceMs(): number {
    const { keepalive } = this.plan.policies.peer
    return typeof keepalive === 'object' ? 2 * (keepalive.timeoutMs ?? 0) : 0
  }

  #isQuiet(): boolean {
    return this.#messengers().every((messenger) => this.#waiting(messenger).length === 0)
  }

  /** Connections that have work and somebody to do it with, or a link that was promised and may never come: their loss is told then. */
  #waiting(messenger: Messenger): string[] {
    return messenger.dump().connections.flatMap((dump) => {
      const { state, queuedMessages, heldMessages, lanes } = dump
      const words = lanes[CONTROL_LANE]?.queued ?? 0
      const hasWork = state !== 'closed' && queuedMessages + heldMessages + words > 0
      if (this.#isHostile(dump) || (!hasWork && state !== 'accepting')) return []
      const isLost = state !== 'accepting' && this.#isHopeless(messenger, dump)
      return isLost ? [] : [`${messenger.name} → ${JSON.stringify(dump)}`]
    })
  }

  /** Nothing is promised there, nor where only it has said that somebody can be found. */
  #isHostile({ peer }: ConnectionDump): boolean {
    const name = this.plan.hostile?.name
    return name !== undefined && (peer.name === name || peer.address === addressOf(name))
  }

  /** This side cannot dial, or not where the other was born again, and that has forgotten it: nobody will come, and it waits for long. */
  #isHopeless(messenger: Messenger, { peer, policy }: ConnectionDump): boolean {
    const name = peer.name ?? ''
    const isThere = this.nodes.some((node) => node.name === name && node.bound) && peer.address !== awayOf(name)
    if (policy !== 'losslessServer' && isThere) return false
    const other = this.#messengers().find(({ instance }) => instance === peer.instance)
    return other === undefined || !other.connections.some((back) => back.peer.instance === messenger.instance)
  }

  #messengers(): Messenger[] {
    return this.#actors.flatMap(({ messenger }) => (messenger === null ? [] : [messenger]))
  }

  #unsettled(): Violation {
    const waiting = this.#messengers().flatMap((messenger) => this.#waiting(messenger))
    const message = `${this.plan.settleMs} ms after the last fault, connections still wait`
    return { law: 'L5', message, story: [...waiting, ...this.sim.lines.slice(-20)] }
  }

  /** Everybody goes home: in time, and without leaving anything behind. */
  async #end(): Promise<void> {
    const { sim } = this
    const startMs = sim.clock.nowMs()
    await sim.run(async () => {
      await Promise.all(this.#actors.map((actor) => actor.stop()))
    })
    const tookMs = sim.clock.nowMs() - startMs
    if (tookMs > 15_000) this.#failures.push({ law: 'L5', message: `shutdown took ${tookMs} ms`, story: [] })
    await sim.clock.advance(10_000)
    const left = sim.network.circuits().filter((circuit) => !circuit.silent)
    if (left.length === 0) return
    const story = left.map(({ id, dialler }) => `link ${id} from ${dialler.localAddress} to ${dialler.remoteAddress}`)
    this.#failures.push({ law: 'L6', message: `${left.length} links are left after shutdown`, story })
  }
}
