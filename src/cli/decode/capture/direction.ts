/**
 * One direction of a connection in a capture: put in order, recognised by what it begins with, and explained.
 *
 * Before its banner is there 4 KiB of it are kept, in case that the other side turns out to be one of ours. Where the capture
 * begins later than the connection, it is explained from the first segment on that can be a frame of the native protocol;
 * what msgr2 says can only be read from its banner on.
 */
import { concat } from '../../../common/bytes.ts'
import { counted } from '../../../observe/words.ts'
import { FRAME_FLAG, TAG, tagName } from '../../../wire/native/format.ts'
import type { Hearer, Piece, Stop, Way } from '../piece.ts'
import { Decoding } from '../stream.ts'
import { ByteOrder } from './byte-order.ts'
import { NoMemory, type FrameMemory } from './frame-memory.ts'
import type { Segment } from './segment.ts'

export interface DirectionOwner extends Hearer {
  /** So many bytes of a body are shown. */
  readonly max: number
  readonly memory: FrameMemory
  /** It is one of ours, and so is the other direction. */
  recognised(): void
}

const BANNERS = ['INKWIRE\n', 'ceph v2\n'].map((text) => new TextEncoder().encode(text))
const BANNER_BYTES = 8
const HEAD_BYTES_MAX = 4096
/** As many segments are looked at for the beginning of a frame. */
const TRIES_MAX = 256

type State =
  /** `isLate`: the capture begins later than the connection. */
  | { readonly name: 'unknown'; readonly isLate: boolean; readonly head: Uint8Array }
  | { readonly name: 'explained'; readonly decoding: Decoding }
  | { readonly name: 'foreign' }

export class Direction implements Hearer {
  readonly #owner: DirectionOwner
  readonly #order: ByteOrder
  #state: State = { name: 'unknown', isLate: false, head: new Uint8Array(0) }
  #way: Way | null = null
  #tries = 0
  #isCut = false

  constructor(owner: DirectionOwner) {
    this.#owner = owner
    this.#order = new ByteOrder((bytes) => this.#ordered(bytes))
  }

  segment({ seq, isSyn, payload, lackedBytes }: Segment): void {
    if (lackedBytes > 0) this.#isCut = true
    const from = isSyn ? seq + 1 : seq
    if (!this.#order.hasBegun) {
      if (!isSyn && !this.#beginsLate(payload)) return
      this.#order.begin(from)
    }
    if (this.#state.name === 'foreign') return
    this.#order.segment(from, payload)
    if (this.#order.isFull) this.#gap()
  }

  /** It is explained, by this name, and what was kept first. */
  explain(way: Way): void {
    if (this.#state.name !== 'unknown') return
    const { head } = this.#state
    this.#way = way
    const decoding = new Decoding(this, this.#owner.max, this.#owner.memory.of(this))
    this.#state = { name: 'explained', decoding }
    this.#explained(decoding, head)
  }

  /** Nothing comes any more. */
  end(): void {
    if (this.#state.name === 'explained' && this.#order.hasBegun) {
      if (this.#order.missingBytes > 0) this.#gap()
      else this.#state.decoding.end()
    }
    this.#owner.memory.free(this)
  }

  /** Whoever waits for more has had enough. */
  giveUp(reason: string): void {
    if (this.#state.name === 'explained') this.#state.decoding.giveUp(reason)
  }

  piece(piece: Piece): void {
    this.#owner.piece({ way: this.#way!, ...piece })
  }

  stop(stop: Stop): void {
    this.#owner.memory.free(this)
    this.#owner.stop({ way: this.#way!, ...stop })
  }

  #beginsLate(payload: Uint8Array): boolean {
    const state = this.#state
    if (payload.length === 0 || state.name === 'foreign') return false
    if (startsBanner(payload) || mayBeFrame(payload)) {
      if (state.name === 'unknown') this.#state = { ...state, isLate: true }
      return true
    }
    if (++this.#tries >= TRIES_MAX) this.#state = { name: 'foreign' }
    return false
  }

  #ordered(bytes: Uint8Array): void {
    const state = this.#state
    if (state.name === 'explained') this.#explained(state.decoding, bytes)
    if (state.name !== 'unknown') return
    const head = concat([state.head, bytes])
    this.#state = { ...state, head }
    if (startsBanner(head) || (state.isLate && mayBeFrame(head))) this.#owner.recognised()
    else if (head.length > HEAD_BYTES_MAX) this.#state = { name: 'foreign' }
  }

  #explained(decoding: Decoding, bytes: Uint8Array): void {
    try {
      decoding.receive(bytes)
    } catch (thrown) {
      if (!(thrown instanceof NoMemory)) throw thrown
      decoding.giveUp(thrown.message)
    }
  }

  #gap(): void {
    const cut = this.#isCut ? ': packets were captured only in part (tcpdump -s 0 takes all)' : ''
    this.giveUp(`the capture lacks ${counted(this.#order.missingBytes, 'byte')} behind what is here${cut}`)
    this.#state = { name: 'foreign' }
  }
}

function startsBanner(bytes: Uint8Array): boolean {
  return BANNERS.some((banner) => bytes.length >= BANNER_BYTES && banner.every((byte, at) => bytes[at] === byte))
}

/** A head of the native protocol that nothing else begins with by chance: a tag, flags that there are, and what must be zero. */
function mayBeFrame(bytes: Uint8Array): boolean {
  if (bytes.length < 12 || tagName(bytes[0]!) === undefined) return false
  const isMessages = bytes[0] === TAG.MESSAGES
  const flags = FRAME_FLAG.CHECKSUM | (isMessages ? FRAME_FLAG.ACK_NOW : 0)
  return (bytes[1]! & ~flags) === 0 && (isMessages || bytes[2] === 0) && bytes[3] === 0 && bytes[7]! <= 4
}
