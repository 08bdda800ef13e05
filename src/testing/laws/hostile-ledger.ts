/**
 * Law L14 in a history: whatever a peer that proved one name did, nothing that was promised to another one changed.
 *
 * It sorts the connections: those with hostile peers are withheld from the other ledgers, which hold everybody else to the
 * same laws as ever. What remains to be seen here: nobody's connection has become a hostile one, or the other way round;
 * hostile peers were given only what was sent to them; and no session between others ended without a cause among them.
 */
import type { RecordedConnection } from './recorded.ts'
import type { HistoryEvent } from './history.ts'
import type { HostileParty, RecordedRun, Report } from './violation.ts'

type Fact<K extends HistoryEvent['kind']> = Extract<HistoryEvent, { kind: K }>

export class HostileLedger {
  readonly #run: RecordedRun
  readonly #report: Report
  readonly #parties: readonly HostileParty[]
  /** By connection: the hostile ones. */
  readonly #hostile = new Set<number>()
  /** Who opened a connection first, and where. */
  readonly #first = new Map<number, Fact<'open'> & { readonly at: number }>()
  /** Names that somebody crashed with, closed a connection of, or marked down. */
  readonly #restless = new Set<string>()
  /** When a connection lost its link. */
  readonly #faultMs = new Map<number, number>()

  constructor(run: RecordedRun, parties: readonly HostileParty[], report: Report) {
    this.#run = run
    this.#report = report
    this.#parties = parties
    for (const { id, target } of run.connections) {
      if (parties.some(({ addresses }) => target !== undefined && addresses.includes(target))) this.#hostile.add(id)
    }
    for (const event of run.events) {
      if (event.kind === 'open' && this.#isHostile(event.peerName)) this.#hostile.add(event.on)
    }
  }

  /** True when the event is about a connection with a hostile peer: what such a one does is no concern of other laws. */
  withholds(event: HistoryEvent): boolean {
    return event.kind !== 'crash' && event.kind !== 'overrun' && this.#hostile.has(event.on)
  }

  /** The run without those connections, for who compares its ends. */
  get others(): RecordedRun {
    const { ends = [] } = this.#run
    return { ...this.#run, ends: ends.filter(({ on }) => !this.#hostile.has(on)) }
  }

  take(event: HistoryEvent, at: number): void {
    switch (event.kind) {
      case 'open':
        this.#open(event, at)
        break
      case 'crash':
        this.#restless.add(this.#nameOf(event.node))
        break
      case 'markDown':
      case 'closed':
      case 'closing':
        this.#provoked(event.on)
        break
      case 'fault':
        if (!this.#faultMs.has(event.on)) this.#faultMs.set(event.on, event.atMs)
        break
      case 'refused':
        this.#refused(event, at)
        break
      case 'reset':
      case 'remoteReset':
        this.#ended(event, at)
        break
      default:
    }
  }

  /** The run is over: what were hostile peers given? */
  finish(): void {
    const theirs = new Set<string>()
    const sent = new Map<string, number>()
    for (const [at, event] of this.#run.events.entries()) {
      if (event.kind !== 'send') continue
      const which = /^\d+:\d+/.exec(event.key)?.[0] ?? ''
      if (this.#hostile.has(event.on)) theirs.add(which)
      else if (!sent.has(which)) sent.set(which, at)
    }
    for (const { name, heard } of this.#parties) {
      for (const { type, tid } of heard) {
        const at = sent.get(`${type}:${tid}`)
        if (at === undefined || theirs.has(`${type}:${tid}`)) continue
        this.#report('L14', `${name} was given message ${type}:${tid}, which was sent to somebody else`, [at])
      }
    }
  }

  #open(event: Fact<'open'>, at: number): void {
    const { on, peerName } = event
    const { expects } = this.#connection(on)
    this.#faultMs.delete(on)
    const first = this.#first.get(on)
    if (first === undefined) this.#first.set(on, { ...event, at })
    const was = first?.peerName ?? expects ?? peerName
    if (this.#isHostile(was) === this.#isHostile(peerName)) return
    this.#report('L14', `a connection with ${was} became one with ${peerName}`, [first?.at ?? at, at])
  }

  /** An instance is refused as replaced only when there is one that replaced it. */
  #refused({ on, code }: Fact<'refused'>, at: number): void {
    if (code !== 'INK_TAKEN_OVER' || this.#hostile.has(on)) return
    const { node } = this.#connection(on)
    const name = this.#nameOf(node)
    if (this.#run.nodes.some((other) => other.name === name && other.id > node)) return
    this.#report('L14', `${name} was refused as if another instance had taken over, and there is none`, [at])
  }

  /** A lasting session ends because one of the two wanted it, or died, or was away for too long. */
  #ended({ on, reason, atMs }: Fact<'reset' | 'remoteReset'>, at: number): void {
    const first = this.#first.get(on)
    const { policy, node, standbyMs = Infinity } = this.#connection(on)
    const name = this.#nameOf(node)
    if (first === undefined || this.#hostile.has(on) || policy === 'lossy') return
    if (atMs - (this.#faultMs.get(on) ?? atMs) >= standbyMs) this.#provoked(on)
    if (this.#restless.has(name) || this.#restless.has(first.peerName)) return
    const message = `the session of ${name} with ${first.peerName} ended, and neither had a reason: ${reason}`
    this.#report('L14', message, [first.at, at])
  }

  #provoked(on: number): void {
    this.#restless.add(this.#nameOf(this.#connection(on).node))
  }

  #isHostile(name: string): boolean {
    return this.#parties.some((party) => party.name === name)
  }

  #connection(on: number): RecordedConnection {
    return this.#run.connections[on] as RecordedConnection
  }

  #nameOf(node: number): string {
    return this.#run.nodes[node]?.name ?? ''
  }
}
