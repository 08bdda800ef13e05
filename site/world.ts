/**
 * Three daemons and two clients that talk all the time, in the simulator of `inkwire/testing`: the world of the page.
 *
 * It is the real messenger on simulated links, and what it promises is counted here by who sends and who receives: how much
 * arrived, twice, or out of order, and how much was handed back. The same seed and deeds give the same world. It takes what it
 * needs from the rooms themselves: the index leads to sockets and keys, which a page has not.
 */
import type { Connection } from '../src/messenger/connection.ts'
import { losslessClient } from '../src/policies/lossless-client.ts'
import { losslessServer } from '../src/policies/lossless-server.ts'
import { peer } from '../src/policies/peer.ts'
import { Simulation } from '../src/testing/simulator/simulation.ts'
import type { Messenger } from '../src/transactions/messenger.ts'
import type { InboundMessage as Message } from '../src/wire/message.ts'
import type { Outcome } from '../src/wire/outcome.ts'
import type { Deed, Done } from './deeds.ts'

const OSDS = ['osd.0', 'osd.1', 'osd.2']
const CLIENTS = ['client.a', 'client.b']
export const HOSTS: readonly string[] = [...OSDS, ...CLIENTS]
/** Everybody says something to everybody so often, give or take a half. */
const TALK_MS = 40
const POLICIES = { osd: peer(), client: losslessServer() }
/** What the page shows of the story. */
const NEWS_MAX = 200

export interface LinkView {
  readonly from: string
  readonly to: string
  /** Of the side that dials; `down` when its process is. */
  readonly state: string
  readonly queued: number
}

export interface WorldView {
  readonly nowMs: number
  readonly hosts: readonly { readonly name: string; readonly runs: boolean; readonly isApart: boolean }[]
  readonly links: readonly LinkView[]
  readonly sent: number
  readonly arrived: number
  readonly twice: number
  readonly outOfOrder: number
  readonly handedBack: number
  readonly resumes: number
  readonly replayed: number
  readonly news: readonly string[]
}

/** One life of one process. */
interface Life {
  readonly messenger: Messenger
  /** What it has of each life of each other. */
  readonly heard: Map<string, number>
  readonly connections: Map<string, { readonly connection: Connection; seq: number; state: string; resumes: number }>
}

export class World {
  readonly #sim: Simulation
  readonly #lives = new Map<string, Life>()
  readonly #apart = new Set<string>()
  readonly #news: string[] = []
  /** Who hears of a message that arrived, for the page to draw it. */
  onArrival: ((from: string, to: string) => void) | null = null
  #sent = 0
  #arrived = 0
  #twice = 0
  #outOfOrder = 0
  #handedBack = 0
  /** Of lives that are over. */
  #resumes = 0
  #replayed = 0

  constructor(seed: number) {
    this.#sim = new Simulation({ seed, conditions: { latencyMinMs: 1, latencyMeanMs: 20 } })
  }

  /** Starts everybody; call it once, before anything else. */
  async begin(): Promise<void> {
    for (const host of HOSTS) this.#start(host)
    await this.#sim.clock.advance(0)
  }

  /** Moves on by so many ms of simulated time. Nothing else may be called meanwhile. */
  async advance(ms: number): Promise<void> {
    await this.#sim.clock.advance(ms)
    this.#look()
  }

  /** Replays a story up to a time. */
  async replay(deeds: readonly Done[], untilMs: number): Promise<void> {
    for (const { atMs, deed } of deeds.filter((done) => done.atMs <= untilMs)) {
      if (atMs > this.nowMs) await this.advance(atMs - this.nowMs)
      this.act(deed)
    }
    if (untilMs > this.nowMs) await this.advance(untilMs - this.nowMs)
  }

  get nowMs(): number {
    return this.#sim.clock.nowMs()
  }

  act(deed: Deed): void {
    const { network } = this.#sim
    switch (deed.kind) {
      case 'cut':
        network.cut(deed.from, deed.to)
        this.#tell(`the link of ${deed.from} and ${deed.to} is cut`)
        return
      case 'crash':
        if (!this.#lives.has(deed.host)) return
        this.#bury(deed.host)
        this.#sim.crash(deed.host)
        this.#tell(`${deed.host} crashes: its memory is gone`)
        return
      case 'start':
        if (this.#lives.has(deed.host)) return
        this.#start(deed.host)
        this.#tell(`${deed.host} starts again, as somebody new`)
        return
      case 'partition':
        this.#apart.add(deed.host)
        for (const other of HOSTS) {
          if (other === deed.host) continue
          network.partition(deed.host, other)
          network.partition(other, deed.host)
        }
        this.#tell(`${deed.host} is cut off: nothing passes, and nobody is told`)
        return
      case 'heal':
        this.#apart.clear()
        network.heal()
        this.#tell('the network is whole again')
        return
      case 'latency':
        network.change({ latencyMinMs: deed.ms / 20, latencyMeanMs: deed.ms })
        this.#tell(`links take ${deed.ms} ms`)
        return
    }
  }

  view(): WorldView {
    let [resumes, replayed] = [this.#resumes, this.#replayed]
    for (const life of this.#lives.values()) {
      const counters = countersOf(life)
      resumes += counters.resumes
      replayed += counters.replayed
    }
    return {
      nowMs: this.nowMs,
      hosts: HOSTS.map((name) => ({ name, runs: this.#lives.has(name), isApart: this.#apart.has(name) })),
      links: pairs().map(([from, to]) => this.#linkView(from, to)),
      ...{ sent: this.#sent, arrived: this.#arrived, twice: this.#twice, outOfOrder: this.#outOfOrder },
      ...{ handedBack: this.#handedBack, resumes, replayed, news: this.#news },
    }
  }

  /** Equal for two worlds of the same seed in which the same was done at the same time. */
  get traceHash(): string {
    return this.#sim.traceHash
  }

  #start(host: string): void {
    const isClient = CLIENTS.includes(host)
    const policies = isClient ? { osd: losslessClient() } : POLICIES
    const messenger = this.#sim.messenger(host, { policies })
    const life: Life = { messenger, heard: new Map(), connections: new Map() }
    this.#lives.set(host, life)
    const returned = (outcome: Outcome): void => {
      this.#handedBack += outcome.undelivered.length + outcome.unknown.length
    }
    messenger.use({
      dispatch: (message, connection) => this.#receive(host, life, message, connection),
      onReset: (_connection, outcome) => returned(outcome),
      onRemoteReset: (connection, outcome) => {
        returned(outcome)
        this.#tell(
          `${host} hears that ${connection.peer.name ?? '?'} has lost its memory: ${outcome.unknown.length} unknown`,
        )
      },
    })
    if (!isClient) void messenger.bind(`sim://${host}:6800`)
    for (const to of isClient ? OSDS : OSDS.slice(OSDS.indexOf(host) + 1)) this.#talk(host, to, life)
  }

  /** Says a number to another every now and then; that it goes on is the messenger's business. */
  #talk(host: string, to: string, life: Life): void {
    const process = this.#sim.processOn(host)!
    const connection = life.messenger.connect(`sim://${to}:6800`, { name: to })
    const line = { connection, seq: 0, state: connection.state as string, resumes: 0 }
    life.connections.set(to, line)
    const say = (): void => {
      if (connection.state === 'closed') return
      connection.send({ type: 1, tid: ++line.seq })
      this.#sent++
      process.clock.setTimer(say, TALK_MS * process.random.between(0.5, 1.5))
    }
    process.clock.setTimer(say, TALK_MS * process.random.next())
  }

  #receive(host: string, life: Life, message: Message, connection: Connection): void {
    const { instance, name } = connection.peer
    const before = life.heard.get(instance ?? '')
    this.#arrived++
    if (before !== undefined && message.tid <= before) this.#twice++
    // Who has begun anew has not heard what its last life had.
    else if (before !== undefined && message.tid !== before + 1) this.#outOfOrder++
    life.heard.set(instance ?? '', message.tid)
    this.onArrival?.(name ?? '', host)
  }

  #bury(host: string): void {
    const life = this.#lives.get(host)!
    const { resumes, replayed } = countersOf(life)
    this.#resumes += resumes
    this.#replayed += replayed
    this.#lives.delete(host)
  }

  #linkView(from: string, to: string): LinkView {
    const line = this.#lives.get(from)?.connections.get(to)
    if (line === undefined) return { from, to, state: 'down', queued: 0 }
    const { state, queuedMessages } = line.connection.dump()
    return { from, to, state, queued: queuedMessages }
  }

  /** What has become of sessions since the last look. */
  #look(): void {
    for (const [host, life] of this.#lives) {
      for (const [to, line] of life.connections) {
        const { state, counters, lastFault } = line.connection.dump()
        if (counters.resumes > line.resumes) this.#tell(`${host} and ${to} resume their session, nothing is lost`)
        else if (state !== line.state && line.state === 'open')
          this.#tell(`${host} has lost ${to}: ${lastFault ?? state}`)
        line.state = state
        line.resumes = counters.resumes
      }
    }
  }

  #tell(text: string): void {
    this.#news.push(`${(this.nowMs / 1000).toFixed(2)} s  ${text}`)
    if (this.#news.length > NEWS_MAX) this.#news.shift()
  }
}

/** Who dials whom. */
export function pairs(): (readonly [string, string])[] {
  const among = OSDS.flatMap((from, index) => OSDS.slice(index + 1).map((to) => [from, to] as const))
  return [...among, ...CLIENTS.flatMap((from) => OSDS.map((to) => [from, to] as const))]
}

function countersOf({ connections }: Life): { resumes: number; replayed: number } {
  const dumps = [...connections.values()].map(({ connection }) => connection.dump().counters)
  return {
    resumes: dumps.reduce((sum, { resumes }) => sum + resumes, 0),
    replayed: dumps.reduce((sum, { replayedMessages }) => sum + replayedMessages, 0),
  }
}
