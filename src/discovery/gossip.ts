/**
 * Gossip: whoever is connected tells the other whom it knows, so that one seed is enough to find all.
 *
 * It rides on the messenger's own sessions, as a service: no port of its own, and who tells has proved its name. What it tells of others
 * is hearsay, which the handshake with those others proves or does not. Seeds are dialled, and dialled again when their connection has
 * ended; all other sessions are those that the application has anyway. Limits: 1,024 processes are remembered; a word is of 64 at most,
 * and whoever has not finished the last ones is told nothing more meanwhile.
 */
import { FieldReader, FieldWriter } from '../common/fields.ts'
import { badOption, numberOption, optionObject, whole } from '../common/options.ts'
import type { Connection, Message, Service, ServiceSession, Verdict } from '../index.ts'
import type { Lookup, LookupWorld } from './lookup.ts'
import { Rumours, type Rumour } from './machine/rumours.ts'
import { checkedRecord } from './record.ts'

/** Options of `gossip()`. */
export interface GossipOptions {
  /** Addresses of peers that are likely to be there, 0 to 16; one of them is enough. Default: none, and others dial this one. */
  readonly seeds?: readonly string[] | undefined
  /** How long a peer counts of which nothing new is heard, in ms: 300 to 3,600,000, default 10,000. It is told of three times as often. */
  readonly ttlMs?: number | undefined
}

const SERVICE_NUMBER = 9
const SEEDS_MAX = 16
const PEERS_MAX = 1024
const RUMOURS_MAX = 64
const BEATS_PER_TTL = 3
/** What comes meanwhile is looked at together. */
const GATHER_MS = 20
/** Its own count begins with the time at which discovery began, in steps of this: one that begins later counts on from there. */
const BEAT_MS = 100
const NO_BYTES = new Uint8Array(0)
const [TELL, GONE] = [Uint8Array.of(1), Uint8Array.of(2)]

/** Peers tell one another whom they know. @throws InkwireError `INK_BAD_OPTION`. */
export function gossip(options: GossipOptions = {}): Lookup {
  const { seeds = [], ttlMs: given } = optionObject('gossip()', options, ['seeds', 'ttlMs'])
  const areTexts = Array.isArray(seeds) && seeds.every((seed): seed is string => typeof seed === 'string')
  if (!areTexts || seeds.length > SEEDS_MAX) throw badOption(`gossip(): seeds are 0 to ${SEEDS_MAX} addresses`)
  const ttlMs = numberOption('gossip(): ttlMs', given, whole(300, 3_600_000), 10_000)
  return {
    name: 'gossip',
    start: (world) => {
      const talk = new Gossip(world, seeds, ttlMs)
      return {
        stop: () => {
          talk.stop()
          return Promise.resolve()
        },
      }
    },
  }
}

class Gossip implements Service {
  readonly name = 'gossip'
  readonly number = SERVICE_NUMBER
  readonly atOnce = true
  readonly #world: LookupWorld
  readonly #rumours: Rumours
  readonly #seeds = new Map<string, Connection | null>()
  readonly #everyMs: number
  /** Those that have not finished the last word are told nothing more meanwhile. */
  readonly #sessions = new Map<ServiceSession, 'ready' | 'busy'>()
  #gathering: (() => void) | null = null
  readonly #remove: () => void
  #beats = 0
  #cancel: () => void

  constructor(world: LookupWorld, seeds: readonly string[], ttlMs: number) {
    this.#world = world
    this.#rumours = new Rumours(ttlMs, PEERS_MAX)
    this.#everyMs = ttlMs / BEATS_PER_TTL
    for (const seed of seeds) this.#seeds.set(seed, null)
    this.#remove = world.messenger.useService(this)
    this.#cancel = world.timer(() => this.#beat(), 0)
  }

  adopted(session: ServiceSession): void {
    if (!session.marks) return
    this.#sessions.set(session, 'ready')
    this.#tell(session)
  }

  reset(session: ServiceSession): void {
    session.withdraw()
    this.#sessions.delete(session)
  }

  ended(session: ServiceSession): void {
    this.#sessions.delete(session)
  }

  message(session: ServiceSession, { data }: Message, mark: Uint8Array): Verdict {
    const { name, instance } = session.connection.peer
    const nowMs = this.#world.nowMs()
    if (mark[0] === GONE[0]) this.#rumours.gone(name ?? '', instance, nowMs)
    else if (mark[0] === TELL[0]) {
      const rumours = readRumours(data)
      if (rumours === null) session.fault('a word that cannot be read')
      else this.#rumours.hear(rumours, name ?? '', nowMs)
    }
    this.#gathering ??= this.#world.timer(() => this.#see(), GATHER_MS)
    return 'taken'
  }

  /** Also when the messenger ends. */
  stop(): void {
    this.#cancel()
    this.#gathering?.()
    for (const session of this.#sessions.keys()) say(session, GONE, NO_BYTES, ignore)
    this.#sessions.clear()
    this.#remove()
  }

  #beat(): void {
    const self = this.#world.self()
    this.#beats++
    if (self !== null) {
      const beat = Math.floor(self.sinceMs / BEAT_MS) + this.#beats
      this.#rumours.hear([{ record: self, beat }], self.name, this.#world.nowMs())
    }
    for (const [seed, connection] of this.#seeds) this.#dial(seed, connection)
    for (const [session, state] of this.#sessions) if (state === 'ready') this.#tell(session)
    this.#see()
    this.#cancel = this.#world.timer(() => this.#beat(), this.#everyMs)
  }

  #see(): void {
    this.#gathering?.()
    this.#gathering = null
    this.#world.seen(this.#rumours.living(this.#world.nowMs()).map(({ record }) => record))
  }

  #dial(seed: string, known: Connection | null): void {
    if (known !== null && known.state !== 'closed') return
    try {
      this.#seeds.set(seed, this.#world.messenger.connect(seed))
    } catch (thrown) {
      this.#world.failed(thrown as Error)
    }
  }

  /** All that live, in words of some; the last one says when it is ready for the next. */
  #tell(session: ServiceSession): void {
    const living = this.#rumours.living(this.#world.nowMs())
    const over = (): void => {
      if (this.#sessions.has(session)) this.#sessions.set(session, 'ready')
    }
    for (let from = 0; from < living.length; from += RUMOURS_MAX) {
      const isLast = from + RUMOURS_MAX >= living.length
      const words = rumourBytes(living.slice(from, from + RUMOURS_MAX))
      if (!say(session, TELL, words, isLast ? over : ignore)) return
      if (isLast) this.#sessions.set(session, 'busy')
    }
  }
}

/** False: the session takes nothing now. */
function say(session: ServiceSession, mark: Uint8Array, data: Uint8Array, over: () => void): boolean {
  try {
    session.queue(mark, { type: 0, front: NO_BYTES, data }, { acked: over, failed: over })
    return true
  } catch {
    return false
  }
}

export function rumourBytes(rumours: readonly Rumour[]): Uint8Array {
  const out = new FieldWriter()
  out.uint16(rumours.length)
  for (const { record, beat } of rumours) {
    out.uint48(beat).uint48(record.sinceMs)
    out.text(record.name).text(record.instance ?? '')
    out.uint16(record.addresses.length)
    for (const address of record.addresses) out.text(address)
  }
  return out.take()
}

/** Null: it is none. */
export function readRumours(bytes: Uint8Array): Rumour[] | null {
  const from = new FieldReader(bytes)
  const rumours = from.list((): Rumour | null => {
    const [beat, sinceMs, name, instance] = [from.uint48(), from.uint48(), from.text(), from.text()]
    const record = checkedRecord({ name, instance, sinceMs, addresses: from.list(() => from.text()) })
    return record === null ? null : { record, beat }
  })
  const isSound = from.isAtEnd && rumours.length <= RUMOURS_MAX
  return isSound && rumours.every((rumour): rumour is Rumour => rumour !== null) ? rumours : null
}

function ignore(): void {
  // What comes of it is seen at the next beat.
}
