/** How references come into the world of remote buffers, and what becomes of them on their way from hand to hand, as bytes. */
import { BufferRef, type BufferDevice } from '../../buffers/index.ts'
import type { Grant, Lent, Rights, Via } from './ledger.ts'
import { Shadow } from './shadow.ts'
import { NAMES, type BufferStage, type Held, type Party } from './stage.ts'

/** A reference that has gone further is not handed on. */
const STEPS_MAX = 10

export class Handing {
  readonly #stage: BufferStage

  constructor(stage: BufferStage) {
    this.#stage = stage
  }

  /** Somebody lends a buffer. */
  lend(party: Party): void {
    const random = this.#stage.random
    const memory = new Uint8Array(NAMES.length * random.pick([1, 100, 66_000, 200_000])).fill(this.#stage.fill())
    const rights = random.pick<Rights>(['read', 'write', 'read-write', 'read-write'])
    const expiresMs = random.chance(0.2) ? random.integer(1, 2000) : Infinity
    const usesMax = random.chance(0.2) ? random.integer(1, 3) : Infinity
    const peers = random.chance(0.15) ? random.pick([['osd'], ['client.2'], ['osd.0', 'client']]) : null
    const isDevice = random.chance(0.3)
    const ref = party.buffers.register(isDevice ? this.#device(memory, party.life.name) : memory, {
      ...{ rights, expiresMs, peers: peers ?? undefined },
      maxUses: usesMax === Infinity ? undefined : usesMax,
    })
    const lent: Lent = {
      ...{ owner: party.life, id: ref.id, shadow: new Shadow(memory, NAMES.length), rights, usesMax, peers },
      ...{ deadlineMs: this.#stage.nowMs + expiresMs, usesLeast: 0, usesMost: 0, withdrawnMs: Infinity },
      memoryBytes: isDevice ? 0 : memory.length,
    }
    this.#stage.lent.push(lent)
    const all = { offset: 0, length: memory.length, deadlineMs: Infinity, peers: [], vias: [] }
    this.#stage.held.push({ bytes: ref.encode(), grant: { lent, rights, ...all }, steps: 0 })
  }

  /** Memory whose bytes are read and written after a while, for as long as its process lives. */
  #device(memory: Uint8Array, host: string): BufferDevice {
    const random = this.#stage.random.fork(`device ${this.#stage.lent.length}`)
    const mostMs = random.pick([0, 1, 10])
    const { clock } = this.#stage.sim.processOn(host)!
    const late = (): Promise<void> => new Promise((resolve) => void clock.setTimer(resolve, random.integer(0, mostMs)))
    return {
      size: memory.length,
      read: (offset, length) => late().then(() => memory.slice(offset, offset + length)),
      write: async (offset, bytes) => {
        await late()
        memory.set(bytes, offset)
      },
    }
  }

  /** A weaker reference, or one that says who passes bytes on. */
  handOn({ bytes, grant, steps }: Held): void {
    if (steps >= STEPS_MAX) return
    const ref = BufferRef.decode(bytes)
    if (this.#stage.random.chance(0.4)) {
      this.#forward(ref, grant, steps)
      return
    }
    const weaker = this.#weaker(grant)
    const { rights, offset, length, peers, deadlineMs } = weaker
    const wallMs = this.#wallMs(grant.lent.owner.name)
    const made = ref.attenuate({
      ...{ rights, range: { offset, length } },
      peers: peers.slice(grant.peers.length)[0],
      expiresAtMs: deadlineMs === grant.deadlineMs ? undefined : Math.round(wallMs + deadlineMs - this.#stage.nowMs),
    })
    this.#stage.held.push({ bytes: made.encode(), grant: weaker, steps: steps + 4 })
  }

  #forward(ref: BufferRef, grant: Grant, steps: number): void {
    const { life, buffers: forwarder } = this.#stage.random.pick([...this.#stage.parties.values()])
    const via: Via = { life, isOff: false }
    const bytes = forwarder.forward(ref).encode()
    this.#stage.held.push({ bytes, grant: { ...grant, vias: [...grant.vias, via] }, steps: steps + 1 })
    if (!this.#stage.random.chance(0.2)) return
    forwarder.unforward(ref)
    // It is the buffer that bytes are passed on for, whichever the reference.
    for (const held of this.#stage.held) {
      if (held.grant.lent === grant.lent) for (const one of held.grant.vias) if (one.life === life) one.isOff = true
    }
  }

  #weaker(grant: Grant): Grant {
    const random = this.#stage.random
    const offset = grant.offset + (random.chance(0.3) ? random.integer(0, grant.length) : 0)
    const left = grant.offset + grant.length - offset
    const wallMs = this.#wallMs(grant.lent.owner.name)
    const expiresMs = Math.ceil(wallMs) - wallMs + random.integer(1, 2000)
    return {
      ...grant,
      rights: grant.rights === 'read-write' ? random.pick<Rights>(['read', 'write', 'read-write']) : grant.rights,
      offset,
      length: random.chance(0.3) ? random.integer(0, left) : left,
      deadlineMs: random.chance(0.2) ? Math.min(grant.deadlineMs, this.#stage.nowMs + expiresMs) : grant.deadlineMs,
      peers: random.chance(0.15) ? [...grant.peers, random.pick([['osd'], ['client'], ['osd.1']])] : grant.peers,
    }
  }

  #wallMs(host: string): number {
    return this.#stage.sim.processOn(host)!.clock.wallMs()
  }
}
