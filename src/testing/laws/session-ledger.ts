/**
 * Follows the sessions of a history: who had one with whom, and how it ended. Laws L3, L4 and L8, of L2 that each end
 * of a lost session is told of it once, and of L1 that no connection is invented.
 *
 * An instance is as old as its messenger: one that was recorded later has taken over from those of the same name.
 */
import type { RecordedConnection } from './recorded.ts'
import type { HistoryEvent } from './history.ts'
import type { RecordedRun, Report } from './violation.ts'

/** What one connection is now. */
interface Standing {
  readonly connection: RecordedConnection
  peerInstance: string
  peerName: string
  state: 'new' | 'open' | 'over'
  /** Sessions that ended. */
  resets: number
  /** The session that it is in; null before the first, and after one ended. */
  session: string | null
  /** There from its opening on until a fault is told; what is there after a fault, the events do not say. */
  link: 'there' | 'unknown'
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
  /** By session: the connections that were in it, oldest first. */
  readonly #members = new Map<string, Set<number>>()
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
      session: null,
      link: 'unknown',
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
    this.#enter(standing, event, at)
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

  remoteReset(on: number, at: number): void {
    const standing = this.#standing(on)
    if (standing.session === null)
      this.#report('L2', 'a lost session was told, but there was none', [standing.openedAt, at])
    standing.session = null
    standing.resets++
  }

  fault(on: number): void {
    this.#standing(on).link = 'unknown'
  }

  /** Who made no connection hears of none: one for a link that was turned away is not shown to anybody. */
  refused({ on, code }: Fact<'refused'>, at: number): void {
    const { connection, state } = this.#standing(on)
    if (state === 'new' && connection.target === '')
      this.#report('L1', `a connection that nobody made was told as refused: ${code}`, [at])
  }

  /** True when a session began on this connection at some time: only then may the peer have something of it. */
  everOpened(on: number): boolean {
    return this.#standing(on).openedAt >= 0
  }

  /** What a connection was in is told as lost before it is in another one, and a session has two ends. */
  #enter(standing: Standing, event: Fact<'open'>, at: number): void {
    const { how } = event
    const { id, node } = standing.connection
    // A peer that restarted may find an id again that an old dial of ours named: it is another session all the same.
    const session = `${event.session} ${[this.#run.nodes[node]?.instance ?? '', event.peerInstance].sort().join(' ')}`
    const about = [standing.openedAt, at]
    if (how === 'resume' && standing.session !== session)
      this.#report('L2', 'a session was resumed that this end was not in', about)
    if (how !== 'resume' && standing.session !== null)
      this.#report('L2', 'a new session began, and no reset told that the one before was lost', about)
    const members = this.#members.get(session) ?? new Set()
    this.#members.set(session, members)
    if (how !== 'resume' && members.has(id)) this.#report('L3', 'a session that had ended began again', about)
    members.add(id)
    standing.session = session
    standing.link = 'there'
  }

  reset(on: number, at: number): void {
    const standing = this.#standing(on)
    if (standing.state === 'over') this.#report('L3', 'a connection was reset twice', [standing.openedAt, at])
    this.closed(on)
  }

  closed(on: number): void {
    const standing = this.#standing(on)
    standing.state = 'over'
    standing.session = null
  }

  /** The run ended: what one end of a lossy session takes for open, the other must too. */
  settled(): void {
    this.#checkBothEnds()
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

  /** What one end takes for an open session, the other end is in. */
  #checkBothEnds(): void {
    for (const { connection, state, session, link, peerInstance, peerName, openedAt } of this.#standings) {
      const peer = this.#ages.get(peerInstance)
      if (connection.policy === 'lossy' || state !== 'open' || session === null || link === 'unknown') continue
      if (peer === undefined || this.#crashed.has(peer) || this.#crashed.has(connection.node)) continue
      const others = [...(this.#members.get(session) ?? [])].map((one) => this.#standing(one))
      const there = others.filter((other) => other.connection.node === peer)
      if (there.length === 0 || there.some((other) => other.session === session)) continue
      const name = this.#run.nodes[connection.node]?.name
      this.#report('L2', `${name} was never told that ${peerName} has lost their session`, [openedAt])
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
