/**
 * A random world of remote buffers, from one seed: parties lend memory and slow devices, hand references on as they are, weaker, or
 * forwarded, read and write with them, and take them back, while links are cut, networks part and processes die and come again.
 *
 * Each reference goes from hand to hand as bytes. What every transfer was allowed, and what every byte must be, is kept beside
 * the buffers (ledger.ts, shadow.ts) and held against what happens. In the end there is peace, and each reference is tried once more.
 */
import { BufferRef, buffers } from '../../buffers/index.ts'
import { lossy, peer, type Policy } from '../../index.ts'
import type { NetworkConditions } from '../simulator/conditions.ts'
import { seededRandom, type SeededRandom } from '../simulator/random.ts'
import { Simulation } from '../simulator/simulation.ts'
import { Handing } from './handing.ts'
import type { BufferLaw, BufferViolation, Lent, Life, Use, UseEnd } from './ledger.ts'
import { NAMES, type BufferStage, type Held, type Party } from './stage.ts'
import { Trials } from './trials.ts'

const LIMITS = { dialMs: 200, transfersPerPeerMax: 4 }
/** Longer than a cancelled writer waits for its owner, and a transfer that stands still is let stand. */
const CALM_MS = 60_000
/** Until what was said last is acked. */
const ACKS_MS = 500

export class BufferWorld implements BufferStage {
  readonly violations: BufferViolation[] = []
  readonly sim: Simulation
  readonly random: SeededRandom
  readonly parties = new Map<string, Party>()
  readonly lent: Lent[] = []
  readonly held: Held[] = []
  readonly #policy: Policy
  readonly #handing = new Handing(this)
  readonly #trials = new Trials(this)
  /** What is under way, and in whose life. */
  readonly #running = new Map<Promise<void>, Life>()
  #fills = 0

  constructor(seed: number) {
    this.random = seededRandom(`buffers ${seed}`)
    this.#policy = this.random.pick([peer(), lossy()])
    this.sim = new Simulation({ seed: `buffers ${seed}`, conditions: weather(this.random.fork('weather')) })
  }

  /** `steps` with faults, then peace. */
  async run(steps: number): Promise<void> {
    await this.sim.run(async () => {
      for (const name of NAMES) await this.#start(name)
      for (let step = 0; step < steps; step++) {
        await this.#step()
        await this.#sleep(this.random.integer(0, 20))
        this.#look()
      }
      await this.#peace()
      await Promise.all([...this.parties.values()].map(({ messenger }) => messenger.close()))
      this.#look()
    })
  }

  get nowMs(): number {
    return this.sim.clock.nowMs()
  }

  /** How transfers ended, for whoever counts. */
  get ends(): ReadonlyMap<UseEnd, number> {
    return this.#trials.ends
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.sim.clock.setTimer(resolve, ms))
  }

  async #start(name: string): Promise<void> {
    const messenger = this.sim.messenger(name, { policies: { default: this.#policy } })
    await messenger.bind(`sim://${name}:6800`)
    const life = { name, isOver: false }
    const mine = buffers(messenger, { limits: LIMITS })
    this.parties.set(name, { life, messenger, buffers: mine, writing: new Set() })
  }

  async #step(): Promise<void> {
    const random = this.random
    const party = random.pick([...this.parties.values()])
    const draw = random.next()
    if (draw < 0.18 || this.held.length === 0) this.#handing.lend(party)
    else if (draw < 0.68) this.#track(party.life, this.#trials.use(party, random.pick(this.held)))
    else if (draw < 0.78) this.#handing.handOn(random.pick(this.held))
    else if (draw < 0.88) this.#withdraw(random.pick(this.lent))
    else if (draw < 0.97) this.#trouble()
    else await this.#restart(party)
  }

  #withdraw(lent: Lent): void {
    const owner = this.parties.get(lent.owner.name)
    if (owner?.life !== lent.owner || lent.withdrawnMs < Infinity) return
    const first = this.held.find((held) => held.grant.lent === lent)!
    lent.withdrawnMs = this.nowMs
    const fenced = owner.buffers.unregister(BufferRef.decode(first.bytes))
    this.#track(
      lent.owner,
      fenced.then(() => lent.shadow.freeze()),
    )
  }

  #trouble(): void {
    const random = this.random
    const { network } = this.sim
    const [one, other] = random.shuffled(NAMES) as [string, string]
    const heal = (): void => network.heal(one, other)
    switch (random.pick(['cut', 'cut', 'cutOneSide', 'silence', 'stall', 'partition', 'blockDials'] as const)) {
      case 'cut':
        network.cut(one, other)
        break
      case 'cutOneSide':
        network.cutOneSide(one, other)
        break
      case 'silence':
        network.silence(one, other)
        break
      case 'stall':
        network.stall(random.integer(1, 500), one, other)
        break
      case 'partition':
        network.partition(one, other)
        void this.sim.clock.setTimer(heal, random.integer(1, 1000))
        break
      case 'blockDials':
        network.blockDials(one, other)
        void this.sim.clock.setTimer(heal, random.integer(1, 1000))
        break
    }
  }

  async #restart({ life }: Party): Promise<void> {
    this.sim.crash(life.name, this.random.pick(['reset', 'silent'] as const))
    life.isOver = true
    this.parties.delete(life.name)
    // What a dead process had nobody may change either.
    for (const lent of this.lent) if (lent.owner === life) lent.shadow.freeze()
    await this.#start(life.name)
  }

  /** All faults are over: everything ends, nothing is held, and each reference says what it must. */
  async #peace(): Promise<void> {
    this.sim.network.calm()
    await this.#sleep(CALM_MS)
    this.#look()
    for (const lent of this.lent) lent.shadow.rest()
    const waiting = [...this.#running.values()].filter(({ isOver }) => !isOver)
    if (waiting.length > 0) this.say('B4', [`${waiting.length} transfers have not ended`])
    for (const party of this.parties.values()) this.#atRest(party)
    for (const held of this.held) await this.#trials.tryOnce(held)
    await this.#sleep(ACKS_MS)
    for (const party of this.parties.values()) this.#atRest(party)
    this.#look()
  }

  #atRest({ life, messenger, buffers: mine }: Party): void {
    const { transfers, registrations, registeredBytes } = mine.dump()
    const left = this.lent.filter(({ owner, shadow }) => owner === life && !shadow.isFrozen)
    const bytes = left.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0)
    const isFull = registrations === left.length && registeredBytes === bytes
    if (!isFull) this.say('B4', [`${life.name} counts ${registrations} buffers of ${registeredBytes} bytes`])
    if (transfers > 0) this.say('B4', [`${life.name} has ${transfers} transfers open`])
    for (const { queuedMessages, heldMessages, state } of messenger.dump().connections) {
      const waits = state === 'open' && queuedMessages + heldMessages > 0
      if (waits) this.say('B4', [`${life.name} holds ${queuedMessages} + ${heldMessages} messages`])
    }
  }

  /** Every byte that is there. */
  #look(): void {
    for (const lent of this.lent) {
      const law = lent.shadow.isFrozen ? 'B1' : 'B3'
      this.say(
        law,
        lent.shadow.problems().map((text) => `buffer ${lent.id} of ${lent.owner.name}: ${text}`),
      )
    }
  }

  say(law: BufferLaw, texts: readonly string[], use?: Use): void {
    for (const text of texts) this.violations.push({ law, text: use === undefined ? text : `${told(use)}: ${text}` })
  }

  #track(life: Life, work: Promise<unknown>): void {
    const over = (): void => undefined
    const tracked = work.then(over, (thrown: unknown) => {
      this.say('B2', [`something else was thrown: ${String(thrown)}`])
    })
    this.#running.set(tracked, life)
    void tracked.finally(() => this.#running.delete(tracked))
  }

  /** Another byte each time, so that nobody's bytes are taken for another's. */
  fill(): number {
    return 1 + (this.#fills++ % 255)
  }
}

function told({ by, direction, offset, length, grant }: Use): string {
  const via = grant.vias.map(({ life }) => ` by ${life.name}`).join('')
  return `${by.name} would ${direction} ${length} bytes at ${offset} of ${grant.lent.owner.name} ${grant.lent.id}${via}`
}

/** Each world has its own. */
function weather(random: SeededRandom): Partial<NetworkConditions> {
  const latencyMeanMs = random.pick([0.1, 1, 5])
  return {
    latencyMinMs: latencyMeanMs / 2,
    latencyMeanMs,
    bytesPerMs: random.pick([Infinity, 100_000, 20_000]),
    prefixProbability: random.pick([0, 0.1]),
    refuseProbability: random.pick([0, 0, 0.1]),
    dialDuplicateProbability: random.pick([0, 0.1]),
    dialDuplicateMaxMs: 50,
  }
}
