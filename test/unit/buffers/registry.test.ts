/**
 * The registry against a model of what was promised: thousands of walks, each step drawn by chance, and the whole table of
 * rights, ranges, times and uses.
 *
 * The model knows no transfers' states and no fences: it remembers what happened, and says what must not have.
 */
import t from 'tap'
import { READ, WRITE } from '../../../src/buffers/machine/claims.ts'
import { BUFFERS } from '../../../src/buffers/machine/limits.ts'
import { Registry, type Action, type Ask, type Refusal, type Transfer } from '../../../src/buffers/machine/registry.ts'
import { seededRandom, type SeededRandom } from '../../../src/testing/index.ts'

const LIMITS = {
  ...BUFFERS,
  registrationsMax: 4,
  registeredBytesMax: 400,
  transfersMax: 6,
  transfersPerPeerMax: 3,
  stallMs: 100,
}
const PEERS = ['osd.1', 'osd.2', 'client.a']

interface Buffer {
  readonly bytes: number
  readonly deadlineMs: number
  uses: number
  isWithdrawn: boolean
  isFenced: boolean
}

/** One walk. What is found is thrown, with the step. */
class Walk {
  readonly #random: SeededRandom
  readonly #registry = new Registry(LIMITS)
  readonly #buffers = new Map<number, Buffer>()
  /** Open by what was told, and whether a chunk moves. */
  readonly #open = new Map<Transfer, { readonly id: number | null; isMoving: boolean; isStopped: boolean }>()
  /** Stopped while their chunk moves. */
  #nowMs = 1000
  #steps = 0

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  run(steps: number): void {
    for (; this.#steps < steps; this.#steps++) {
      this.#nowMs += this.#random.chance(0.1) ? this.#random.integer(1, 60) : 0
      this.#step()
      this.#hold()
    }
    for (const [transfer, { isMoving }] of [...this.#open]) {
      if (isMoving) this.#end(transfer)
      if (this.#open.has(transfer)) this.#finish(transfer)
    }
    this.#perform(this.#registry.close())
    this.#must(this.#registry.registrations === 0 && this.#registry.transfers === 0, 'all ends')
    for (const [id, { isFenced }] of this.#buffers) this.#must(isFenced, `${id} was fenced in the end`)
  }

  #step(): void {
    const transfers = [...this.#open.keys()]
    const ids = [...this.#buffers.keys()]
    switch (this.#random.integer(0, 9)) {
      case 0:
      case 1:
        this.#register()
        break
      case 2:
      case 3:
        if (ids.length > 0) this.#ask(this.#random.chance(0.1) ? 999 : this.#random.pick(ids))
        break
      case 4:
      case 5:
        if (transfers.length > 0) this.#begin(this.#random.pick(transfers))
        break
      case 6:
      case 7:
        if (transfers.length > 0) this.#end(this.#random.pick(transfers))
        break
      case 8:
        if (transfers.length > 0 && this.#random.chance(0.3)) this.#finish(this.#random.pick(transfers))
        else this.#pass()
        break
      default:
        if (ids.length > 0 && this.#random.chance(0.5)) this.#unregister(this.#random.pick(ids))
        else this.#perform(this.#registry.sweep(this.#nowMs))
    }
  }

  #register(): void {
    const bytes = this.#random.integer(0, 150)
    const deadlineMs = this.#random.chance(0.5) ? Infinity : this.#nowMs + this.#random.integer(1, 300)
    const usesMax = this.#random.chance(0.5) ? Infinity : this.#random.integer(1, 3)
    const live = [...this.#buffers.values()].filter(({ isFenced }) => !isFenced)
    const held = live.reduce((sum, one) => sum + one.bytes, 0)
    const id = this.#registry.register({ memoryBytes: bytes, rights: READ | WRITE, deadlineMs, usesMax, peers: null })
    const fits = live.length < LIMITS.registrationsMax && held + bytes <= LIMITS.registeredBytesMax
    this.#must((id !== null) === fits, `room for ${bytes} bytes beside ${held} of ${live.length}`)
    if (id === null) return
    this.#must(!this.#buffers.has(id), `the number ${id} was given out before`)
    this.#buffers.set(id, { bytes, deadlineMs, uses: usesMax, isWithdrawn: false, isFenced: false })
  }

  #ask(id: number): void {
    const peer = this.#random.pick(PEERS)
    const claims = { rights: READ, range: { offset: 0, length: 10 }, expiresAtMs: Infinity, peers: [] }
    const ask: Ask = { id, claims, direction: 'read', range: { offset: 0, length: 10 }, peer }
    const answer = this.#registry.open(ask, { nowMs: this.#nowMs, wallMs: 0 })
    const buffer = this.#buffers.get(id)
    let wanted: Refusal | null = null
    if (buffer === undefined || buffer.isWithdrawn) wanted = 'stale'
    else if (this.#nowMs >= buffer.deadlineMs || buffer.uses === 0) wanted = 'expired'
    else if (!this.#hasRoom(peer)) wanted = 'quota'
    this.#must((typeof answer === 'string' ? answer : null) === wanted, `${id} answers ${String(wanted)}`)
    if (typeof answer === 'string') return
    buffer!.uses--
    this.#open.set(answer, { id, isMoving: false, isStopped: false })
  }

  #pass(): void {
    const peer = this.#random.pick(PEERS)
    const hasRoom = this.#hasRoom(peer)
    const transfer = this.#registry.pass(peer, this.#nowMs)
    this.#must((transfer !== null) === hasRoom, 'what passes through counts')
    if (transfer !== null) this.#open.set(transfer, { id: null, isMoving: false, isStopped: false })
  }

  #begin(transfer: Transfer): void {
    const one = this.#open.get(transfer)!
    const buffer = one.id === null ? undefined : this.#buffers.get(one.id)
    const answer = this.#registry.begin(transfer, this.#nowMs)
    if (answer !== null) {
      const mayMove = buffer !== undefined && !buffer.isWithdrawn && this.#nowMs < buffer.deadlineMs
      this.#must(one.isMoving || one.isStopped || !mayMove, `a chunk of ${one.id} may move`)
      return
    }
    this.#must(buffer !== undefined && !buffer.isWithdrawn, `a chunk moves of ${one.id}, which was taken back`)
    this.#must(this.#nowMs < buffer!.deadlineMs, `a chunk moves of ${one.id}, whose time is up`)
    this.#must(!one.isMoving && !one.isStopped, 'one chunk at a time, and none after the stop')
    one.isMoving = true
  }

  #end(transfer: Transfer): void {
    const one = this.#open.get(transfer)!
    if (!one.isMoving) return
    one.isMoving = false
    if (one.isStopped) this.#open.delete(transfer)
    this.#perform(this.#registry.end(transfer, this.#nowMs))
  }

  #finish(transfer: Transfer): void {
    const one = this.#open.get(transfer)!
    if (one.isMoving) one.isStopped = true
    else this.#open.delete(transfer)
    this.#perform(this.#registry.finish(transfer))
  }

  #unregister(id: number): void {
    const buffer = this.#buffers.get(id)!
    const wasWithdrawn = buffer.isWithdrawn
    buffer.isWithdrawn = true
    const actions = this.#registry.unregister(id)
    this.#must(!wasWithdrawn || actions.length === 0, 'taking back twice does nothing')
    this.#perform(actions)
  }

  #perform(actions: readonly Action[]): void {
    for (const action of actions) {
      if (action.type === 'stop') {
        const one = this.#open.get(action.transfer)
        this.#must(one !== undefined, 'what is stopped was open')
        if (one!.isMoving) one!.isStopped = true
        else this.#open.delete(action.transfer)
        continue
      }
      const buffer = this.#buffers.get(action.id)
      this.#must(buffer?.isFenced === false, `${action.id} is fenced once`)
      buffer!.isFenced = true
      buffer!.isWithdrawn = true
    }
  }

  #hasRoom(peer: string): boolean {
    const mine = [...this.#open.keys()].filter((transfer) => transfer.peer === peer)
    return this.#open.size < LIMITS.transfersMax && mine.length < LIMITS.transfersPerPeerMax
  }

  /** What holds at any time. */
  #hold(): void {
    const live = [...this.#buffers.values()].filter(({ isFenced }) => !isFenced)
    this.#must(this.#registry.transfers === this.#open.size, 'transfers are those that were opened and have not ended')
    this.#must(this.#registry.memoryBytes === live.reduce((sum, { bytes }) => sum + bytes, 0), 'bytes are counted')
    for (const [id, buffer] of this.#buffers) {
      const moves = [...this.#open.values()].some((one) => one.id === id && one.isMoving)
      this.#must(!buffer.isFenced || !moves, `${id} is fenced, and a chunk of it moves`)
      this.#must(
        !buffer.isWithdrawn || buffer.isFenced || moves,
        `${id} is taken back, nothing moves, and it is not fenced`,
      )
    }
  }

  #must(holds: boolean, what: string): void {
    if (!holds) throw new Error(`step ${this.#steps}: ${what}`)
  }
}

t.test('no chunk moves after the fence, nothing is counted wrong, and everything ends', (t) => {
  const walks = Number(process.env['INKWIRE_BUFFER_WALKS'] ?? 2000)
  const failed: string[] = []
  for (let seed = 1; seed <= walks && failed.length === 0; seed++) {
    try {
      new Walk(seed).run(120)
    } catch (thrown) {
      failed.push(`seed ${seed}: ${(thrown as Error).message}`)
    }
  }
  t.strictSame(failed, [])
  t.end()
})

t.test('every combination of rights, range, time, uses and peers is judged by all of them', (t) => {
  let count = 0
  for (const rights of [READ, WRITE, READ | WRITE]) {
    for (const claimed of [READ, WRITE, READ | WRITE]) {
      for (const direction of ['read', 'write'] as const) {
        for (const offset of [0, 9, 10, 20, 21]) {
          for (const length of [0, 1, 10, 11]) {
            for (const [deadlineMs, wallExpiry] of [
              [Infinity, Infinity],
              [50, Infinity],
              [Infinity, 50],
              [51, 51],
            ] as const) {
              for (const usesMax of [1, Infinity]) {
                for (const peers of [null, ['osd.1'], ['osd'], ['mds']]) {
                  count++
                  const registry = new Registry(BUFFERS)
                  const id = registry.register({ memoryBytes: 0, rights, deadlineMs, usesMax, peers })!
                  const claims = {
                    rights: claimed,
                    range: { offset: 10, length: 10 },
                    expiresAtMs: wallExpiry,
                    peers: [],
                  }
                  const ask: Ask = { id, claims, direction, range: { offset, length }, peer: 'osd.1' }
                  const now = { nowMs: 50, wallMs: 50 }
                  const answers = [registry.open(ask, now), registry.open(ask, now)]
                  const right = direction === 'read' ? READ : WRITE
                  const allowed = (rights & claimed & right) > 0 && peers?.[0] !== 'mds'
                  const inTime = deadlineMs > 50 && wallExpiry > 50
                  const inRange = offset >= 10 && offset + length <= 20
                  const opens = answers.map((answer) => typeof answer !== 'string')
                  const fits = allowed && inTime && inRange
                  if (opens[0] !== fits || opens[1] !== (fits && usesMax > 1)) {
                    t.fail(JSON.stringify({ rights, ask, deadlineMs, usesMax, peers, answers }))
                  }
                  if (fits && usesMax === 1 && answers[1] !== 'expired') t.fail('a second use is one too many')
                }
              }
            }
          }
        }
      }
    }
  }
  t.equal(count, 3 * 3 * 2 * 5 * 4 * 4 * 2 * 4)
  t.end()
})

t.test('what its peer lets stand still is stopped, and what the buffer takes its time for is not', (t) => {
  const registry = new Registry(LIMITS)
  const id = registry.register({ memoryBytes: 0, rights: READ, deadlineMs: Infinity, usesMax: Infinity, peers: null })!
  const claims = { rights: READ, range: { offset: 0, length: 1 }, expiresAtMs: Infinity, peers: [] }
  const open = (peer: string): Transfer => {
    const now = { nowMs: 0, wallMs: 0 }
    return registry.open({ id, claims, direction: 'read', range: { offset: 0, length: 1 }, peer }, now) as Transfer
  }
  const [still, moving, heard] = [open('osd.1'), open('osd.2'), open('osd.3')]
  t.equal(registry.begin(moving, 0), null)
  registry.heard(heard, 50)
  t.strictSame(registry.sweep(99), [])
  t.strictSame(registry.sweep(100, 13), [], 'who has stood still itself blames nobody')
  t.strictSame(registry.sweep(100, 12), [{ type: 'stop', transfer: still, reason: 'failed' }])
  t.equal(registry.begin(still, 100), 'stale')
  t.equal(registry.transfers, 2)
  t.end()
})
