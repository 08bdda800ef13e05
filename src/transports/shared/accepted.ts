/**
 * What becomes of a connection that has arrived: it hears a number, offers memory that bears it, and is a link once that is
 * open; or it hears why not.
 *
 * Limits: `setUpsMax` connections that are no links yet, of which the oldest makes room, each for `setUpTimeoutMs`.
 */
import { nodeCrypto } from '../../late/modules.ts'
import { clearTimer, setTimer } from '../host.ts'
import { RingLink } from '../ring-link.ts'
import { isRingSize } from '../ring/ring.ts'
import type { Link } from '../transport.ts'
import type { Door, DoorHandlers } from './door.ts'
import { openSegment, SegmentError, type Segment } from './segment.ts'
import { decodeOffer, encodeAnswer, encodeHello, NONCE_BYTES, type Offer } from './set-up.ts'
import { GONE, NO_BELL, type SharedSettings } from './settings.ts'

/** Where links go that have arrived at one place, and the reasons of those that have not. */
export interface Arrivals {
  readonly settings: SharedSettings
  readonly localAddress: string
  readonly onLink: (link: Link) => void
  readonly onMissed: (reason: string) => void
}

/** The connections of one listener that are no links yet. */
export class SetUps {
  readonly #arrivals: Arrivals
  readonly #open = new Set<SetUp>()

  constructor(arrivals: Arrivals) {
    this.#arrivals = arrivals
  }

  add(door: Door): void {
    const [oldest] = this.#open
    if (this.#open.size >= this.#arrivals.settings.setUpsMax) oldest?.miss('another one came, and there was no room')
    this.#open.add(new SetUp(this.#arrivals, door, (setUp) => this.#open.delete(setUp)))
  }

  /** Nobody listens any more. */
  end(): void {
    for (const setUp of this.#open) setUp.miss('nobody listens any more')
  }
}

class SetUp implements DoorHandlers {
  readonly #arrivals: Arrivals
  readonly #door: Door
  readonly #done: (setUp: SetUp) => void
  readonly #nonce = nodeCrypto().randomBytes(NONCE_BYTES)
  readonly #timer: NodeJS.Timeout

  constructor(arrivals: Arrivals, door: Door, done: (setUp: SetUp) => void) {
    this.#arrivals = arrivals
    this.#door = door
    this.#done = done
    const { setUpTimeoutMs, native } = arrivals.settings
    this.#timer = setTimer(() => this.miss('its time was up'), setUpTimeoutMs)
    door.handlers = this
    door.say(encodeHello({ maps: native !== null, nonce: this.#nonce }))
  }

  words(): void {
    const offer = this.#door.word(decodeOffer)
    if (offer === undefined) return
    if (offer === 'nonsense') {
      this.miss('it said something else')
      return
    }
    const segment = this.#take(offer)
    if (typeof segment === 'string') this.#refuse(segment)
    else this.#begin(segment)
  }

  /** Only words come before the door is open. */
  rung(): void {}

  nonsense(): void {}

  closed(error: Error | null): void {
    this.miss(error === null ? 'it has gone' : error.message)
  }

  miss(reason: string): void {
    this.#end()
    this.#door.close()
    this.#arrivals.onMissed(`A process that wanted to share memory got none: ${reason}.`)
  }

  #refuse(reason: string): void {
    this.#door.say(encodeAnswer({ refused: reason }))
    this.#door.closeBehindWords()
    this.miss(reason)
  }

  #begin({ shared }: Segment): void {
    this.#end()
    const { settings, localAddress, onLink } = this.#arrivals
    const door = this.#door
    const link = new RingLink(settings, { bell: door, localAddress, remoteAddress: '' })
    door.handlers = {
      words: () => {},
      rung: () => link.woken(),
      nonsense: () => link.end('failed', NO_BELL),
      closed: () => link.lost(GONE),
    }
    door.say(encodeAnswer('taken'))
    link.accepted(shared)
    onLink(link)
    door.open()
  }

  /** The memory, or why it is not taken. */
  #take(offer: Offer): Segment | string {
    const { kind, ringBytes } = offer
    const { native, ringBytesMax } = this.#arrivals.settings
    if (!isRingSize(ringBytes) || ringBytes > ringBytesMax)
      return `its rings would have ${ringBytes} bytes, and at most ${ringBytesMax} are allowed`
    if (kind === 'mapped' && native === null) return 'memory cannot be mapped here'
    try {
      return openSegment(kind === 'mapped' ? native : null, offer, this.#nonce)
    } catch (thrown) {
      if (thrown instanceof SegmentError) return thrown.message
      throw thrown
    }
  }

  #end(): void {
    clearTimer(this.#timer)
    this.#done(this)
  }
}
