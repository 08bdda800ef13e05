/**
 * One way through a small registry of buffers, step by step, and what a reader of the documentation would remember of it. The registry must
 * be as that says after each step, whatever the order: nothing moves behind a fence, every fence comes, and nothing is counted wrong.
 */
import { READ } from '../../../buffers/machine/claims.ts'
import { BUFFERS, type BufferLimits } from '../../../buffers/machine/limits.ts'
import { Registry, type Action, type Transfer } from '../../../buffers/machine/registry.ts'
import type { BufferPlan } from './plans.ts'

const STALL_MS = 2

function limitsOf({ kinds, transfersMax }: BufferPlan): BufferLimits {
  const registeredBytesMax = kinds.reduce((sum, { bytes }) => sum + bytes, 0)
  const limits = { registrationsMax: kinds.length, registeredBytesMax, transfersMax, transfersPerPeerMax: 1 }
  return { ...BUFFERS, ...limits, stallMs: STALL_MS }
}

interface Buffer {
  readonly id: number
  readonly kind: number
  uses: number
  life: 'live' | 'withdrawn' | 'fenced'
}

interface Use {
  readonly transfer: Transfer
  /** Null: it passes through. */
  readonly buffer: Buffer | null
  readonly peer: string
  chunk: 'none' | 'moving'
  /** `told`: by a stop. `left`: by its own end. Its place is free when no chunk moves. */
  end: 'open' | 'told' | 'left'
  lastMs: number
}

/** One way through: the registry, and what is known of it. Throws what is broken. */
export class Way {
  readonly #plan: BufferPlan
  readonly #registry: Registry
  readonly #buffers: Buffer[] = []
  readonly #uses: Use[] = []
  #nowMs = 0

  constructor(plan: BufferPlan) {
    this.#plan = plan
    this.#registry = new Registry(limitsOf(plan))
  }

  /** What may be done next, as words. */
  next(): string[] {
    const { kinds, peers, uses, lastMs } = this.#plan
    const chunks = this.#uses.flatMap(({ chunk }, at) =>
      chunk === 'moving' ? [`begin ${at}`, `end ${at}`, `finish ${at}`] : [`begin ${at}`, `finish ${at}`],
    )
    const opens = kinds.flatMap((_, at) => peers.map((peer) => `open ${at + 1} ${peer}`))
    return [
      ...(this.#buffers.length < kinds.length ? ['register'] : []),
      ...(this.#uses.length < uses ? [...opens, `pass ${peers[0]}`] : []),
      ...chunks,
      ...this.#buffers.map(({ id }) => `unregister ${id}`),
      ...(this.#nowMs < lastMs ? ['wait'] : []),
      'sweep',
    ]
  }

  do(what: string): void {
    const [verb, one = '', peer = ''] = what.split(' ')
    const use = this.#uses[Number(one)]
    if (verb === 'register') this.#register()
    else if (verb === 'open') this.#open(Number(one), peer)
    else if (verb === 'pass') this.#opened(this.#registry.pass(one, this.#nowMs), null, one, 'quota')
    else if (verb === 'begin') this.#begin(use!)
    else if (verb === 'end') this.#end(use!)
    else if (verb === 'finish') this.#finish(use!)
    else if (verb === 'unregister') this.#unregister(this.#buffers[Number(one) - 1]!)
    else if (verb === 'wait') this.#nowMs++
    else this.#sweep()
    this.#hold()
  }

  /** All that is remembered, and what the registry looks like beside it. */
  get state(): { readonly known: string; readonly seen: string } {
    const { registrations, memoryBytes, transfers } = this.#registry
    const known = [
      this.#nowMs,
      this.#buffers.map(({ kind, uses, life }) => `${kind}${uses}${life}`),
      this.#uses.map(({ buffer, peer, chunk, end, lastMs }) => `${buffer?.id}${peer}${chunk}${end}${lastMs}`),
    ]
    const seen = [
      registrations,
      memoryBytes,
      transfers,
      this.#uses.map(({ transfer: { state, lastMs } }) => `${state}${lastMs}`),
    ]
    return { known: known.join(';'), seen: seen.join(';') }
  }

  /** However far it came, it comes to an end, and leaves nothing. */
  close(): void {
    this.#perform(this.#registry.close())
    for (const use of this.#uses) if (use.chunk === 'moving') this.#end(use)
    for (const use of this.#uses)
      this.#must(this.#registry.begin(use.transfer, this.#nowMs) !== null, 'a chunk begins after the end')
    this.#must(
      this.#buffers.every(({ life }) => life === 'fenced'),
      'a buffer was never fenced',
    )
    const { registrations, memoryBytes, transfers } = this.#registry
    this.#must(registrations + memoryBytes + transfers === 0, 'something is counted for ever')
  }

  #register(): void {
    const kind = this.#buffers.length
    const { bytes, deadlineMs, uses } = this.#plan.kinds[kind]!
    const id = this.#registry.register({ memoryBytes: bytes, rights: READ, deadlineMs, usesMax: uses, peers: null })
    this.#must(id === kind + 1, 'there is room, and a number that nobody had')
    this.#buffers.push({ id: kind + 1, kind, uses, life: 'live' })
  }

  #open(id: number, peer: string): void {
    const claims = { rights: READ, range: { offset: 0, length: 1 }, expiresAtMs: Infinity, peers: [] }
    const ask = { id, claims, direction: 'read', range: { offset: 0, length: 1 }, peer } as const
    const answer = this.#registry.open(ask, { nowMs: this.#nowMs, wallMs: 0 })
    const buffer = this.#buffers[id - 1]
    if (buffer?.life !== 'live') this.#must(answer === 'stale', `${id} is not there, and says otherwise`)
    else if (this.#nowMs >= this.#plan.kinds[buffer.kind]!.deadlineMs || buffer.uses === 0)
      this.#must(answer === 'expired', `${id} is used up`)
    else {
      const transfer = typeof answer === 'string' ? null : answer
      if (this.#opened(transfer, buffer, peer, answer)) buffer.uses--
    }
  }

  #opened(transfer: Transfer | null, buffer: Buffer | null, peer: string, answer: unknown): boolean {
    const open = this.#uses.filter(isOpen)
    const fits = open.length < this.#plan.transfersMax && !open.some((use) => use.peer === peer)
    this.#must((transfer !== null) === fits, fits ? 'there is room' : `there is no room for ${peer}`)
    if (transfer !== null) this.#uses.push({ transfer, buffer, peer, chunk: 'none', end: 'open', lastMs: this.#nowMs })
    else this.#must(answer === 'quota', 'it says why')
    return transfer !== null
  }

  #begin(use: Use): void {
    const { buffer, chunk, end } = use
    const may =
      chunk === 'none' &&
      end === 'open' &&
      buffer?.life === 'live' &&
      this.#nowMs < this.#plan.kinds[buffer.kind]!.deadlineMs
    const answer = this.#registry.begin(use.transfer, this.#nowMs)
    this.#must((answer === null) === may, may ? 'a chunk may begin' : `a chunk of ${buffer?.life ?? 'another'} begins`)
    if (!may) return
    use.chunk = 'moving'
    use.lastMs = this.#nowMs
  }

  #end(use: Use): void {
    use.chunk = 'none'
    use.lastMs = this.#nowMs
    this.#perform(this.#registry.end(use.transfer, this.#nowMs))
  }

  #finish(use: Use): void {
    if (use.end === 'open') use.end = 'left'
    this.#perform(this.#registry.finish(use.transfer))
  }

  #unregister(buffer: Buffer): void {
    const before = buffer.life
    if (before === 'live') buffer.life = 'withdrawn'
    const actions = this.#registry.unregister(buffer.id)
    this.#must(before === 'live' || actions.length === 0, 'taking back twice does nothing')
    this.#perform(actions)
  }

  #sweep(): void {
    const still = this.#uses.filter(
      (use) => isOpen(use) && use.chunk === 'none' && this.#nowMs >= use.lastMs + STALL_MS,
    )
    this.#perform(this.#registry.sweep(this.#nowMs))
    this.#must(
      still.every(({ end }) => end === 'told'),
      'what stands still is stopped',
    )
  }

  #perform(actions: readonly Action[]): void {
    for (const action of actions) {
      if (action.type === 'stop') {
        const use = this.#uses.find(({ transfer }) => transfer === action.transfer)
        this.#must(use !== undefined && (use.end === 'open' || use.chunk === 'moving'), 'what is stopped was open')
        use!.end = 'told'
        continue
      }
      const buffer = this.#buffers[action.id - 1]!
      this.#must(buffer.life !== 'fenced', `${action.id} is fenced twice`)
      this.#must(!this.#moves(buffer), `${action.id} is fenced while a chunk moves`)
      buffer.life = 'fenced'
    }
  }

  /** At every moment. */
  #hold(): void {
    for (const buffer of this.#buffers)
      this.#must(buffer.life !== 'withdrawn' || this.#moves(buffer), `${buffer.id} waits for nothing and is not fenced`)
    const there = this.#buffers.filter(({ life }) => life !== 'fenced')
    this.#must(this.#registry.registrations === there.length, 'buffers are counted')
    const bytes = there.reduce((sum, { kind }) => sum + this.#plan.kinds[kind]!.bytes, 0)
    this.#must(this.#registry.memoryBytes === bytes, 'bytes are counted')
    this.#must(this.#registry.transfers === this.#uses.filter(isOpen).length, 'transfers are counted')
  }

  #moves(buffer: Buffer): boolean {
    return this.#uses.some((use) => use.buffer === buffer && use.chunk === 'moving')
  }

  #must(holds: boolean, what: string): void {
    if (!holds) throw new Error(what)
  }
}

/** It has its place: a chunk that moves is waited for. */
function isOpen({ end, chunk }: Use): boolean {
  return end === 'open' || chunk === 'moving'
}
