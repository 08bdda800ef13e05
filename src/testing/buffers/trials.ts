/**
 * Transfers of the world of remote buffers: how each must end is known beforehand, and what it has moved is held against what is
 * there.
 */
import { BufferError, BufferRef } from '../../buffers/index.ts'
import type { SeededRandom } from '../simulator/random.ts'
import { isAnswer, mayEnd, mustEnd, type Grant, type Life, type Use, type UseEnd } from './ledger.ts'
import { NAMES, type BufferStage, type Held, type Party } from './stage.ts'

export class Trials {
  /** How transfers ended, for whoever counts. */
  readonly ends = new Map<UseEnd, number>()
  readonly #stage: BufferStage

  constructor(stage: BufferStage) {
    this.#stage = stage
  }

  /** Somebody uses a reference; resolves when that has ended, which is never for who dies meanwhile. */
  use({ life, buffers: user, writing }: Party, { bytes, grant }: Held): Promise<void> {
    const random = this.#stage.random
    const { lent } = grant
    const slot = slotOf(life)
    const direction = this.#directionOf(grant)
    if (direction === 'write' && writing.has(lent)) return Promise.resolve()
    const own = lent.shadow.slotRange(slot)
    const range =
      direction === 'write' ? { ...own, length: random.integer(1, own.length) } : this.#anyRange(grant, random)
    const use: Use = { by: life, grant, direction, ...range, startMs: this.#stage.nowMs, isGivenUp: false }
    const ref = BufferRef.decode(bytes)
    const options = { ...range, signal: this.#patience(use) }
    lent.usesMost++
    if (direction === 'read') return this.#read(use, (into) => user.receive(ref, { ...options, into }))
    writing.add(lent)
    const written = this.#write(use, slot, (from) => user.send(ref, { ...options, from }))
    return written.finally(() => writing.delete(lent))
  }

  /** Mostly what the reference is for. */
  #directionOf({ rights }: Grant): 'read' | 'write' {
    if (rights !== 'read-write' && !this.#stage.random.chance(0.1)) return rights
    return this.#stage.random.pick(['read', 'write'])
  }

  /** Now and then its caller gives up. */
  #patience(use: Use): AbortSignal {
    const abort = new AbortController()
    const giveUp = (): void => {
      use.isGivenUp = true
      abort.abort()
    }
    if (this.#stage.random.chance(0.1)) this.#stage.sim.clock.setTimer(giveUp, this.#stage.random.integer(0, 10))
    return abort.signal
  }

  #anyRange({ offset, length }: Grant, random: SeededRandom): { offset: number; length: number } {
    const from = offset + random.integer(0, length)
    const beyond = random.chance(0.05) ? 1 : 0
    return { offset: from, length: random.integer(0, offset + length - from) + beyond }
  }

  async #read(use: Use, receive: (into: Uint8Array) => Promise<unknown>): Promise<void> {
    const { shadow } = use.grant.lent
    const into = new Uint8Array(use.length)
    const { versions } = shadow
    const ended = await outcomeOf(receive(into))
    if (use.by.isOver) return
    this.#judge(use, ended.end)
    const placed = ended.end === 'done' ? use.length : placedOf(use, ended.error)
    this.#stage.say('B3', shadow.misread(into.subarray(0, placed), use.offset, versions), use)
    const rest = into.subarray(placed)
    if (!rest.every((byte) => byte === 0)) this.#stage.say('B3', ['bytes are there that are not said to be'], use)
  }

  async #write(use: Use, slot: number, send: (from: Uint8Array) => Promise<void>): Promise<void> {
    const { shadow } = use.grant.lent
    const bytes = new Uint8Array(use.length).fill(this.#stage.fill())
    const write = shadow.begin(slot, bytes)
    const ended = await outcomeOf(send(bytes))
    if (use.by.isOver) return
    this.#judge(use, ended.end)
    write.sure = ended.end === 'done' ? use.length : placedOf(use, ended.error)
    const uncertain = ended.error?.uncertain ?? null
    write.most = uncertain === null ? write.sure : uncertain.offset + uncertain.length - use.offset
    this.#stage.say('B3', shadow.settle(slot, write, uncertain === null || isAnswer(ended.end)), use)
  }

  #judge(use: Use, end: UseEnd): void {
    this.ends.set(end, (this.ends.get(end) ?? 0) + 1)
    if (end === 'done') use.grant.lent.usesLeast++
    if (!mayEnd(use, end, this.#stage.nowMs)) this.#stage.say('B2', [`ended ${end}, which was not so`], use)
  }

  /** In peace: it must end as is true. */
  async tryOnce({ bytes, grant }: Held): Promise<void> {
    const { lent } = grant
    const { life, buffers: user } = this.#stage.random.pick([...this.#stage.parties.values()])
    const direction = this.#directionOf(grant)
    const slot = slotOf(life)
    const range = direction === 'write' ? lent.shadow.slotRange(slot) : this.#anyRange(grant, this.#stage.random)
    const use: Use = { by: life, grant, direction, ...range, startMs: this.#stage.nowMs, isGivenUp: false }
    const isBack = this.#stage.parties.get(lent.owner.name)?.life !== lent.owner
    const wanted = mustEnd(use, isBack, this.#stage.nowMs)
    lent.usesMost++
    const ref = BufferRef.decode(bytes)
    if (direction === 'read') {
      await this.#read(use, async (into) => this.#must(use, wanted, user.receive(ref, { ...range, into })))
    } else {
      await this.#write(use, slot, async (from) => this.#must(use, wanted, user.send(ref, { ...range, from })))
    }
  }

  async #must<T>(use: Use, wanted: readonly UseEnd[] | null, transfer: Promise<T>): Promise<T> {
    const { end } = await outcomeOf(transfer)
    if (wanted !== null && !wanted.includes(end))
      this.#stage.say('B2', [`ended ${end} in peace, and not ${wanted.join(' or ')}`], use)
    return transfer
  }
}

function slotOf({ name }: Life): number {
  return NAMES.findIndex((one) => one === name)
}

interface Ended {
  readonly end: UseEnd
  readonly error: BufferError | null
}

async function outcomeOf(transfer: Promise<unknown>): Promise<Ended> {
  try {
    await transfer
    return { end: 'done', error: null }
  } catch (thrown) {
    if (thrown instanceof BufferError) return { end: thrown.reason, error: thrown }
    throw thrown
  }
}

function placedOf({ offset }: Use, error: BufferError | null): number {
  const [first] = error?.placed ?? []
  return first === undefined || first.offset !== offset ? 0 : first.length
}
