/**
 * The life of one peer at one end: appear, then any number of connect and disconnect, then disappear.
 *
 *     absent → visible → connected → leaving (the application finishes) → visible | absent
 *
 * Both ends are connected at the same times, but for the last: each says READY once its application has finished with what
 * was before, and is connected when it has said so and heard so in one session. A session may be lost when only one end has
 * heard it. So READY tells under which attempts its speaker was connected last: who missed that passes through it first, and
 * who is ahead waits for that. At most one end is ahead, by one.
 *
 * Pure: what happens is told, and `next()` is asked for what is to be done until there is nothing. So whoever is called for one
 * action may tell of more before the next. `K` is a session of the pair, known by itself.
 */
import { sameAttempts, turned } from './words.ts'
import type { Attempts, EndpointWord } from './words.ts'

/** What is kept of a peer that has disappeared. */
export interface PeerMemory {
  /** The process that was connected last. */
  instance: string | null
  /** Under which attempts both were. */
  last: Attempts | null
  /** Attempts of ours up to here were made before there was this memory: what they came to was seen, or is forgotten. */
  readonly since: number
}

/** The attempts of one messenger, over all of its peers: no number is used twice. */
export interface AttemptCount {
  made: number
}

/** A session in which the ends may meet. */
export interface Offered<K> {
  readonly session: K
  /** Who is at the other end. */
  readonly instance: string | null
  /** False: its protocol cannot say words, so that it is connected for as long as it lives. */
  readonly agrees: boolean
}

interface Meeting<K> extends Offered<K> {
  /** Our attempt; 0: READY was not said. */
  said: number
  heard: Extract<EndpointWord, { kind: 'ready' }> | null
}

/** What is to be done. */
export type LifeAction<K> =
  | { readonly type: 'appear' | 'disappear'; readonly session: K }
  /** Both ends are connected; `attempts` null: the other end does not mind. */
  | { readonly type: 'connect'; readonly session: K; readonly attempts: Attempts | null }
  /** What was connected is not any more. `finished()` is told when the application has finished with it. */
  | { readonly type: 'disconnect'; readonly reason: string }
  /** Both at once, for a time in which the other end was connected and this one has missed it. */
  | { readonly type: 'pass'; readonly session: K; readonly attempts: Attempts; readonly reason: string }
  | { readonly type: 'say'; readonly session: K; readonly word: EndpointWord }

const MISSED = 'its session was lost before this end heard that the other was connected'

export class PeerLife<K> {
  readonly #memory: PeerMemory
  readonly #count: AttemptCount
  /** The session that was met last. */
  #last: K | null = null
  #isVisible = false
  #phase: 'down' | 'up' | 'leaving' = 'down'
  /** Sessions whose connections live. */
  readonly #connections = new Set<K>()
  /** Sessions that live, oldest first: the ends meet in the first of them. */
  readonly #meetings: Meeting<K>[] = []
  /** Decided, and not done. Limit: what one event decides, two of them. */
  readonly #due: LifeAction<K>[] = []

  constructor(memory: PeerMemory, count: AttemptCount) {
    this.#memory = memory
    this.#count = count
  }

  /** True when the peer is gone, and its application has finished with it. */
  get isOver(): boolean {
    return !this.#isVisible && this.#phase === 'down' && this.#connections.size === 0
  }

  /** A session begins. */
  adopted(offered: Offered<K>): void {
    this.#connections.add(offered.session)
    this.#meetings.push({ ...offered, said: 0, heard: null })
  }

  heard(session: K, word: EndpointWord): void {
    const meeting = this.#meetings.find((one) => one.session === session)
    if (meeting === undefined) return
    meeting.heard = word.kind === 'ready' ? word : null
    // What it has heard before, it has forgotten.
    if (word.kind === 'leave' && this.#phase === 'down') meeting.said = 0
    // Whoever speaks again is not connected: either it never was, or it is no more.
    if (meeting === this.#meetings[0]) this.#leave(meeting, 'the peer has begun anew')
  }

  /** The connection is over. */
  ended(session: K, reason: string): void {
    this.#connections.delete(session)
    this.lost(session, reason)
  }

  /** The session is lost. */
  lost(session: K, reason: string): void {
    const index = this.#meetings.findIndex((one) => one.session === session)
    const [meeting] = index < 0 ? [] : this.#meetings.splice(index, 1)
    if (index === 0 && meeting !== undefined) this.#leave(meeting, reason)
  }

  /** The application wants to hear no more of it. */
  close(): void {
    const [meeting] = this.#meetings.splice(0)
    this.#connections.clear()
    if (meeting === undefined) return
    if (meeting.said > 0) this.#due.push({ type: 'say', session: meeting.session, word: { kind: 'leave' } })
    this.#leave(meeting, 'the endpoint was closed')
  }

  /** The application has finished with what was connected. */
  finished(): void {
    this.#phase = 'down'
  }

  /** What is to be done now; null: nothing, until something happens. */
  next(): LifeAction<K> | null {
    const due = this.#due.shift()
    if (due !== undefined) return due
    const [meeting] = this.#meetings
    if (meeting === undefined) return this.#disappear()
    this.#meet(meeting)
    if (!this.#isVisible) {
      this.#isVisible = true
      return { type: 'appear', session: meeting.session }
    }
    return this.#phase === 'down' ? this.#connect(meeting) : null
  }

  #meet({ session, instance }: Meeting<K>): void {
    // Another process under the same name has been connected under nothing yet.
    if (this.#memory.instance !== instance) this.#memory.last = null
    this.#memory.instance = instance
    this.#last = session
  }

  #disappear(): LifeAction<K> | null {
    if (!this.#isVisible || this.#last === null || this.#phase !== 'down' || this.#connections.size > 0) return null
    this.#isVisible = false
    return { type: 'disappear', session: this.#last }
  }

  #connect(meeting: Meeting<K>): LifeAction<K> | null {
    if (!meeting.agrees) return this.#up(meeting, null)
    if (meeting.said === 0) return this.#sayReady(meeting)
    const { heard } = meeting
    if (heard === null) return null
    const theirs = turned(heard.last)
    // Where nobody minds, nobody has missed anything.
    if (heard.attempt === 0 || sameAttempts(theirs, this.#memory.last))
      return this.#up(meeting, { mine: meeting.said, yours: heard.attempt })
    return theirs !== null && this.#isNews(theirs) ? this.#pass(meeting, theirs) : null
  }

  #up({ session }: Meeting<K>, attempts: Attempts | null): LifeAction<K> {
    this.#memory.last = attempts
    this.#phase = 'up'
    return { type: 'connect', session, attempts }
  }

  #sayReady(meeting: Meeting<K>): LifeAction<K> {
    meeting.said = ++this.#count.made
    const word = { kind: 'ready', attempt: meeting.said, last: this.#memory.last } as const
    return { type: 'say', session: meeting.session, word }
  }

  /** The peer was connected under these attempts, and this end was not: either it has missed that, or it was not there. */
  #isNews(theirs: Attempts): boolean {
    return this.#memory.last === null || theirs.mine > this.#memory.last.mine
  }

  /** Passes through what this end has missed, for nothing: what it sends then is not sent. */
  #pass(meeting: Meeting<K>, missed: Attempts): LifeAction<K> {
    this.#memory.last = missed
    if (missed.mine <= this.#memory.since) return this.#sayReady(meeting)
    meeting.said = 0
    this.#phase = 'leaving'
    return { type: 'pass', session: meeting.session, attempts: missed, reason: MISSED }
  }

  /** Only what is connected can be left. */
  #leave(meeting: Meeting<K>, reason: string): void {
    if (this.#phase !== 'up') return
    meeting.said = 0
    this.#phase = 'leaving'
    this.#due.push({ type: 'disconnect', reason })
  }
}
