/**
 * Follows the sessions of a history: who had one with whom, and how it ended. Laws L3, L4 and L8.
 *
 * An instance is as old as its messenger: one that was recorded later has taken over from those of the same name.
 */
import type { HistoryEvent, RecordedConnection } from './history.ts'
import type { RecordedRun, Report } from './violation.ts'

/** What one connection is now. */
interface Standing {
  readonly connection: RecordedConnection
  peerInstance: string
  peerName: string
  state: 'new' | 'open' | 'over'
  /** Sessions that ended. */
  resets: number
  openedAt: number
}

type Fact<K extends HistoryEvent['kind']> = Extract<HistoryEvent, { kind: K }>

export class SessionLedger {
  readonly #run: RecordedRun
  readonly #report: Report
  readonly #standings: readonly Standing[]
  /** Position of each instance among those recorded. */
  readonly #ages: ReadonlyMap<string, number>
  /** By node and the peer's name: the newest instance that it had a session with, and where that began. */
  readonly #newest = new Map<string, { age: number; at: number }>()
  readonly #crashed = new Set<number>()
  readonly #anonymous: ReadonlySet<number>

  constructor(run: RecordedRun, report: Report) {
    this.#run = run
    this.#report = report
    this.#ages = new Map(run.nodes.map((node) => [node.instance, node.id]))
    this.#anonymous = new Set(run.connections.filter((one) => one.anonymous).map((one) => one.node))
    this.#standings = run.connections.map((connection) => ({
      connection,
      peerInstance: '',
      peerName: '',
      state: 'new',
      resets: 0,
      openedAt: -1,
    }))
  }

  /** The instance at the other end of a connection, '' while unknown. */
  peerOf(on: number): string {
    return this.#standing(on).peerInstance
  }

  /** True when the peer may ack what no handler has seen, or is not recorded. */
  peerAcksEarly(on: number): boolean {
    const { peerInstance } = this.#standing(on)
    const node = this.#ages.get(peerInstance)
    if (node === undefined) return peerInstance !== ''
    return this.#run.connections.some((other) => other.node === node && other.ackOn === 'received')
  }

  /** True when a connection has two living ends, so that what is sent on it must arrive. */
  isWhole(on: number): boolean {
    const { connection, state, peerInstance } = this.#standing(on)
    const own = this.#run.nodes[connection.node]?.instance ?? ''
    const peer = this.#ages.get(peerInstance)
    if (state === 'over' || peer === undefined || this.#crashed.has(connection.node) || this.#crashed.has(peer))
      return false
    // An end that was closed while nothing passed could not say so.
    return this.#standings.some(
      (other) => other.connection.node === peer && other.peerInstance === own && other.state !== 'over',
    )
  }

  crash(node: number): void {
    this.#crashed.add(node)
  }

  open(event: Fact<'open'>, at: number): void {
    const standing = this.#standing(event.on)
    if (standing.state === 'over') {
      this.#report('L3', 'a session began on a connection that was over', [standing.openedAt, at])
    }
    standing.state = 'open'
    standing.peerInstance = event.peerInstance
    standing.peerName = event.peerName
    standing.openedAt = at
    if (standing.connection.policy !== 'lossy') this.#checkAge(standing, at)
    if (standing.connection.policy === 'peer') this.#checkUnique(standing, at)
  }

  /** A message reached a handler. */
  deliver(event: Fact<'deliver'>, at: number): void {
    const standing = this.#standing(event.on)
    if (standing.state === 'over') {
      this.#report('L3', `${event.key} was delivered on a connection that was over`, [standing.openedAt, at])
    } else if (event.session !== standing.resets + 1) {
      const which = `a message of session ${event.session} was delivered in session ${standing.resets + 1}`
      this.#report('L3', `${event.key}: ${which}`, [standing.openedAt, at])
    }
  }

  remoteReset(on: number): void {
    this.#standing(on).resets++
  }

  reset(on: number, at: number): void {
    const standing = this.#standing(on)
    if (standing.state === 'over') this.#report('L3', 'a connection was reset twice', [standing.openedAt, at])
    standing.state = 'over'
  }

  closed(on: number): void {
    this.#standing(on).state = 'over'
  }

  /** The run ended: what one end of a lossy session takes for open, the other must too. */
  settled(): void {
    for (const standing of this.#standings) {
      const { connection, state, peerInstance, openedAt } = standing
      if (connection.policy !== 'lossy' || state !== 'open' || this.#crashed.has(connection.node)) continue
      const own = this.#run.nodes[connection.node]?.instance ?? ''
      const peer = this.#ages.get(peerInstance)
      if (peer === undefined) continue
      if (this.#lossyOpen(own, peerInstance) === this.#lossyOpen(peerInstance, own)) continue
      this.#report(
        'L3',
        `${this.#name(own)} takes a lossy session with ${standing.peerName} for open, which is over there`,
        [openedAt],
      )
    }
  }

  #lossyOpen(own: string, peer: string): number {
    return this.#standings.filter(
      ({ connection, state, peerInstance }) =>
        connection.policy === 'lossy' &&
        state === 'open' &&
        peerInstance === peer &&
        !this.#crashed.has(connection.node) &&
        this.#run.nodes[connection.node]?.instance === own,
    ).length
  }

  #checkAge(standing: Standing, at: number): void {
    const age = this.#ages.get(standing.peerInstance)
    if (age === undefined || standing.peerName.endsWith('.?')) return
    const key = `${standing.connection.node} ${standing.peerName}`
    const newest = this.#newest.get(key)
    if (newest !== undefined && age < newest.age) {
      this.#report('L8', `an older instance of ${standing.peerName} displaced a newer one`, [newest.at, at])
    } else this.#newest.set(key, { age, at })
  }

  #checkUnique(standing: Standing, at: number): void {
    const { node } = standing.connection
    const peer = this.#ages.get(standing.peerInstance)
    if (this.#anonymous.has(node) || (peer !== undefined && this.#anonymous.has(peer))) return
    const twin = this.#standings.find(
      (other) =>
        other !== standing &&
        other.state === 'open' &&
        other.connection.node === node &&
        other.connection.policy === 'peer' &&
        other.peerInstance === standing.peerInstance,
    )
    if (twin === undefined) return
    this.#report('L4', `two sessions are open with one instance of ${standing.peerName}`, [twin.openedAt, at])
  }

  #name(instance: string): string {
    return this.#run.nodes[this.#ages.get(instance) ?? -1]?.name ?? instance
  }

  #standing(on: number): Standing {
    return this.#standings[on] as Standing
  }
}
