/**
 * What is registered, who moves bytes from and to it, and when nothing moves any more: the pure heart of remote buffers.
 *
 * A transfer moves one chunk after the other. Each begins with `begin()`, which says no once the registration is being
 * withdrawn, has expired, or the transfer is stopped, and ends with `end()`. So a registration is fenced when no chunk of its
 * transfers is moving: none begins after that, and its memory may be used for something else. Ids are never used again.
 *
 * Time is an argument. What the shell must do comes back as actions; each is given once.
 */
import { contains, isAmong, READ, WRITE, type Claims, type Range } from './claims.ts'
import type { BufferLimits } from './limits.ts'

/** Why an owner lets no bytes move. */
export type Refusal = 'stale' | 'denied' | 'expired' | 'out-of-range' | 'quota'
/** Why a transfer ends before its time. */
export type StopReason = Refusal | 'failed'
export type Direction = 'read' | 'write'

export interface RegistrationSpec {
  /** Bytes of memory that it keeps. */
  readonly memoryBytes: number
  readonly rights: number
  /** By the monotonic clock, so that a step of the wall clock changes nothing; Infinity: never. */
  readonly deadlineMs: number
  /** How many transfers may begin; Infinity: any number. */
  readonly usesMax: number
  /** Null: anybody. */
  readonly peers: readonly string[] | null
}

/** Somebody asks for a transfer, with a reference that is genuine. */
export interface Ask {
  readonly id: number
  readonly claims: Claims
  readonly direction: Direction
  readonly range: Range
  /** The name that the peer has proved. */
  readonly peer: string
}

export interface Now {
  /** Monotonic. */
  readonly nowMs: number
  readonly wallMs: number
}

interface Registration {
  readonly spec: RegistrationSpec
  readonly transfers: Set<Transfer>
  usesLeft: number
  state: 'live' | 'withdrawn'
}

/** One transfer, as its owner has it; `passing` ones belong to another's buffer. */
export interface Transfer {
  readonly peer: string
  /** Null: it passes through. */
  readonly registrationId: number | null
  /** `moving`: a chunk is under way. `stopping`: the same, and it is the last one. */
  state: 'idle' | 'moving' | 'stopping' | 'over'
  /** When something last happened. */
  lastMs: number
}

export type Action =
  /** The transfer has ended: tell its peer why. */
  | { readonly type: 'stop'; readonly transfer: Transfer; readonly reason: StopReason }
  /** Nothing of this registration moves any more, ever. */
  | { readonly type: 'fenced'; readonly id: number }

/** Later than this share of `stallMs` is late. */
const LATE_SHARE = 1 / 8

export class Registry {
  readonly #limits: BufferLimits
  readonly #registrations = new Map<number, Registration>()
  readonly #transfers = new Set<Transfer>()
  /** Transfers by peer. */
  readonly #counts = new Map<string, number>()
  #lastId = 0
  #memoryBytes = 0

  constructor(limits: BufferLimits) {
    this.#limits = limits
  }

  get registrations(): number {
    return this.#registrations.size
  }

  get memoryBytes(): number {
    return this.#memoryBytes
  }

  get transfers(): number {
    return this.#transfers.size
  }

  /** The id of what is registered from now on; null: there is no room for it. */
  register(spec: RegistrationSpec): number | null {
    const { registrationsMax, registeredBytesMax } = this.#limits
    if (this.#registrations.size >= registrationsMax) return null
    if (this.#memoryBytes + spec.memoryBytes > registeredBytesMax) return null
    const id = ++this.#lastId
    this.#registrations.set(id, { spec, transfers: new Set(), usesLeft: spec.usesMax, state: 'live' })
    this.#memoryBytes += spec.memoryBytes
    return id
  }

  /** Opens a transfer, or says why not. One use is spent when it opens. */
  open(ask: Ask, { nowMs, wallMs }: Now): Transfer | Refusal {
    const { claims, peer, direction, range } = ask
    if (!claims.peers.every((peers) => isAmong(peer, peers))) return 'denied'
    if (wallMs >= claims.expiresAtMs) return 'expired'
    const registration = this.#registrations.get(ask.id)
    if (registration?.state !== 'live') return 'stale'
    const { spec } = registration
    if (spec.peers !== null && !isAmong(peer, spec.peers)) return 'denied'
    if (nowMs >= spec.deadlineMs || registration.usesLeft === 0) return 'expired'
    const right = direction === 'read' ? READ : WRITE
    if ((claims.rights & spec.rights & right) === 0) return 'denied'
    if (!contains(claims.range, range)) return 'out-of-range'
    const transfer = this.#add(peer, ask.id, nowMs)
    if (transfer === null) return 'quota'
    registration.usesLeft--
    registration.transfers.add(transfer)
    return transfer
  }

  /** Opens one that passes through to another owner; null: there is no room for it. */
  pass(peer: string, nowMs: number): Transfer | null {
    return this.#add(peer, null, nowMs)
  }

  /** A chunk is to move now; why it may not, or null. Whoever is told so ends the transfer. */
  begin(transfer: Transfer, nowMs: number): StopReason | null {
    if (transfer.state !== 'idle' || transfer.registrationId === null) return 'stale'
    const registration = this.#registrations.get(transfer.registrationId)
    if (registration?.state !== 'live') return 'stale'
    if (nowMs >= registration.spec.deadlineMs) return 'expired'
    transfer.state = 'moving'
    transfer.lastMs = nowMs
    return null
  }

  /** The chunk has moved, or will not. */
  end(transfer: Transfer, nowMs: number): Action[] {
    transfer.lastMs = nowMs
    if (transfer.state === 'moving') transfer.state = 'idle'
    else if (transfer.state === 'stopping') return this.#remove(transfer)
    return []
  }

  /** The peer has done something: it does not stand still. */
  heard(transfer: Transfer, nowMs: number): void {
    transfer.lastMs = nowMs
  }

  /** The transfer is over, for whatever reason of its own. One whose chunk moves is over when that has ended. */
  finish(transfer: Transfer): Action[] {
    if (transfer.state === 'over') return []
    if (transfer.state === 'idle') return this.#remove(transfer)
    transfer.state = 'stopping'
    return []
  }

  /** No chunk begins any more. `fenced` follows when none moves, which may be at once; nothing for what is not there. */
  unregister(id: number): Action[] {
    const registration = this.#registrations.get(id)
    if (registration?.state !== 'live') return []
    registration.state = 'withdrawn'
    const actions: Action[] = [...registration.transfers].map((transfer) => ({
      type: 'stop',
      transfer,
      reason: 'stale',
    }))
    for (const transfer of registration.transfers) {
      if (transfer.state === 'idle') this.#drop(transfer, registration)
      else transfer.state = 'stopping'
    }
    return [...actions, ...this.#fence(id, registration)]
  }

  /** Whether it is registered, or still being withdrawn. */
  has(id: number): boolean {
    return this.#registrations.has(id)
  }

  /**
   * Stops what has stood still for too long. A chunk that moves is waited for: that is the buffer's own pace. `lateMs`: so long after its
   * time this is asked. A process that has stood still itself looks again later, when it has read what came meanwhile.
   */
  sweep(nowMs: number, lateMs = 0): Action[] {
    const { stallMs } = this.#limits
    if (lateMs > stallMs * LATE_SHARE) return []
    const stalled = [...this.#transfers].filter(({ state, lastMs }) => state === 'idle' && nowMs >= lastMs + stallMs)
    return stalled.flatMap((transfer) => [
      { type: 'stop', transfer, reason: 'failed' } as const,
      ...this.#remove(transfer),
    ])
  }

  /** Withdraws all. */
  close(): Action[] {
    const actions = [...this.#registrations.keys()].flatMap((id) => this.unregister(id))
    const passing = [...this.#transfers].filter(({ registrationId }) => registrationId === null)
    const stops = passing.flatMap((transfer) => [
      { type: 'stop', transfer, reason: 'failed' } as const,
      ...this.#remove(transfer),
    ])
    return [...actions, ...stops]
  }

  #add(peer: string, registrationId: number | null, nowMs: number): Transfer | null {
    const { transfersMax, transfersPerPeerMax } = this.#limits
    const count = this.#counts.get(peer) ?? 0
    if (this.#transfers.size >= transfersMax || count >= transfersPerPeerMax) return null
    const transfer: Transfer = { peer, registrationId, state: 'idle', lastMs: nowMs }
    this.#transfers.add(transfer)
    this.#counts.set(peer, count + 1)
    return transfer
  }

  #remove(transfer: Transfer): Action[] {
    const id = transfer.registrationId
    const registration = id === null ? undefined : this.#registrations.get(id)
    this.#drop(transfer, registration)
    return id === null || registration === undefined ? [] : this.#fence(id, registration)
  }

  #drop(transfer: Transfer, registration: Registration | undefined): void {
    transfer.state = 'over'
    registration?.transfers.delete(transfer)
    if (!this.#transfers.delete(transfer)) return
    const count = this.#counts.get(transfer.peer) ?? 0
    if (count > 1) this.#counts.set(transfer.peer, count - 1)
    else this.#counts.delete(transfer.peer)
  }

  #fence(id: number, { state, transfers, spec }: Registration): Action[] {
    if (state === 'live' || transfers.size > 0) return []
    this.#registrations.delete(id)
    this.#memoryBytes -= spec.memoryBytes
    return [{ type: 'fenced', id }]
  }
}
