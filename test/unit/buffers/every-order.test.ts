/**
 * Every order in which a small registry can be used: two buffers, of which one runs out, three transfers of two peers, time that passes,
 * and revocation at every point of all that.
 *
 * Breadth first, so that what fails is the shortest way to it. A state is what a reader of the documentation would remember; two ways to
 * the same one must have left the registry alike, so the second is not searched on. `INKWIRE_BUFFER_STATES` says how many are looked at.
 */
import t from 'tap'
import { READ } from '../../../src/buffers/machine/claims.ts'
import { BUFFERS } from '../../../src/buffers/machine/limits.ts'
import { Registry, type Action, type Transfer } from '../../../src/buffers/machine/registry.ts'

const LIMITS = {
  ...BUFFERS,
  registrationsMax: 2,
  registeredBytesMax: 3,
  transfersMax: 2,
  transfersPerPeerMax: 1,
  stallMs: 2,
}
const PEERS = ['osd.1', 'osd.2']
const TRANSFERS_MAX = 3
const LAST_MS = 3
/** The second one runs out, by time and by uses. */
const KINDS = [
  { bytes: 1, deadlineMs: Infinity, uses: Infinity },
  { bytes: 2, deadlineMs: 2, uses: 1 },
]

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
class Way {
  readonly #registry = new Registry(LIMITS)
  readonly #buffers: Buffer[] = []
  readonly #uses: Use[] = []
  #nowMs = 0

  /** What may be done next, as words. */
  next(): string[] {
    const all = this.#uses.flatMap(({ chunk }, at) =>
      chunk === 'moving' ? [`begin ${at}`, `end ${at}`, `finish ${at}`] : [`begin ${at}`, `finish ${at}`],
    )
    const ids = this.#buffers.map(({ id }) => `unregister ${id}`)
    const opens =
      this.#uses.length < TRANSFERS_MAX ? [1, 2].flatMap((id) => PEERS.map((peer) => `open ${id} ${peer}`)) : []
    const pass = this.#uses.length < TRANSFERS_MAX ? ['pass osd.1'] : []
    const time = this.#nowMs < LAST_MS ? ['wait'] : []
    return [
      ...(this.#buffers.length < KINDS.length ? ['register'] : []),
      ...opens,
      ...pass,
      ...all,
      ...ids,
      ...time,
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
    const { bytes, deadlineMs, uses } = KINDS[kind]!
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
    else if (this.#nowMs >= KINDS[buffer.kind]!.deadlineMs || buffer.uses === 0)
      this.#must(answer === 'expired', `${id} is used up`)
    else {
      const transfer = typeof answer === 'string' ? null : answer
      if (this.#opened(transfer, buffer, peer, answer)) buffer.uses--
    }
  }

  #opened(transfer: Transfer | null, buffer: Buffer | null, peer: string, answer: unknown): boolean {
    const open = this.#uses.filter(isOpen)
    const fits = open.length < LIMITS.transfersMax && !open.some((use) => use.peer === peer)
    this.#must((transfer !== null) === fits, fits ? 'there is room' : `there is no room for ${peer}`)
    if (transfer !== null) this.#uses.push({ transfer, buffer, peer, chunk: 'none', end: 'open', lastMs: this.#nowMs })
    else this.#must(answer === 'quota', 'it says why')
    return transfer !== null
  }

  #begin(use: Use): void {
    const { buffer, chunk, end } = use
    const may =
      chunk === 'none' && end === 'open' && buffer?.life === 'live' && this.#nowMs < KINDS[buffer.kind]!.deadlineMs
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
      (use) => isOpen(use) && use.chunk === 'none' && this.#nowMs >= use.lastMs + LIMITS.stallMs,
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
    const bytes = there.reduce((sum, { kind }) => sum + KINDS[kind]!.bytes, 0)
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

function follow(steps: readonly string[]): Way {
  const way = new Way()
  for (const step of steps) way.do(step)
  return way
}

t.test('in every order of uses, revocations and time, nothing moves behind the fence, and every fence comes', (t) => {
  const most = Number(process.env['INKWIRE_BUFFER_STATES'] ?? 3000)
  const found = new Map<string, string>()
  const waiting: string[][] = [[]]
  let broken: string | null = null
  for (let at = 0; at < waiting.length && found.size < most && broken === null; at++) {
    const steps = waiting[at]!
    for (const step of follow(steps).next()) {
      const longer = [...steps, step]
      try {
        const way = follow(longer)
        const { known, seen } = way.state
        const before = found.get(known)
        if (before !== undefined && before !== seen)
          throw new Error(`the registry remembers what nobody told it: ${before}, ${seen}`)
        if (before === undefined) waiting.push(longer)
        found.set(known, seen)
        if (before === undefined) way.close()
      } catch (thrown) {
        broken = `${longer.join(', ')}: ${(thrown as Error).message}`
        break
      }
    }
  }
  t.equal(broken, null)
  t.comment(`${found.size} states, ${waiting.at(-1)?.length ?? 0} steps deep`)
  t.end()
})
