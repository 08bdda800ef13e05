/**
 * A link that this process dials: it makes the memory when the other end has said hello, offers it, and is open once that is taken.
 *
 * Whatever fails before is the end of this dial and of nothing else: a session stays on the path that it has.
 */
import { RingLink } from '../ring-link.ts'
import type { Bell } from '../ring-lanes.ts'
import type { Link, LinkEnd } from '../transport.ts'
import { systemPath, unixEndOf } from '../unix-socket.ts'
import { Door, type DoorHandlers } from './door.ts'
import { makeSegment, SegmentError, type Segment } from './segment.ts'
import { decodeAnswer, decodeHello, encodeOffer, type Hello } from './set-up.ts'
import { GONE, NO_BELL, type SharedSettings } from './settings.ts'

const STRANGE = 'What answers there does not set up shared memory.'

export function dialShared(settings: SharedSettings, host: string, remoteAddress: string): Link {
  const dialled = new Dialled(settings, remoteAddress)
  dialled.connect(host)
  return dialled.link
}

class Dialled implements DoorHandlers, Bell {
  readonly link: RingLink
  readonly #settings: SharedSettings
  readonly #door = new Door('dial')
  /** Memory that was offered, and not taken yet. */
  #offered: Segment | null = null
  #isTaken = false

  constructor(settings: SharedSettings, remoteAddress: string) {
    this.#settings = settings
    this.#door.handlers = this
    this.link = new RingLink(settings, { bell: this, localAddress: '', remoteAddress })
  }

  connect(host: string): void {
    this.#door.socket.connect({ path: systemPath(host) })
  }

  // The bell of the link.

  ring(): void {
    this.#door.ring()
  }

  /** The link is over. */
  close(): void {
    this.#door.close()
    this.#offered?.shared.release()
    this.#offered = null
  }

  // What comes through the door.

  words(): void {
    if (this.#offered === null) this.#hearHello()
    else this.#hearAnswer(this.#offered)
  }

  rung(): void {
    this.link.woken()
  }

  nonsense(): void {
    this.link.end('failed', NO_BELL)
  }

  closed(error: Error | null): void {
    if (this.#isTaken) this.link.lost(GONE)
    else if (error === null) this.link.end('failed', GONE)
    else {
      const { end, message }: { end: LinkEnd; message: string } = unixEndOf(error, false)
      this.link.end(end, message)
    }
  }

  #hearHello(): void {
    const hello = this.#door.word(decodeHello)
    if (hello === 'nonsense') this.link.end('failed', STRANGE)
    else if (hello !== undefined) this.#offer(hello)
  }

  #offer({ maps, nonce }: Hello): void {
    const { ringBytes } = this.#settings
    const native = maps ? this.#settings.native : null
    try {
      this.#offered = makeSegment(native, ringBytes, nonce)
    } catch (thrown) {
      if (!(thrown instanceof SegmentError)) throw thrown
      this.link.end('failed', `No memory can be shared: ${thrown.message}.`)
      return
    }
    const { fd } = this.#offered
    this.#door.say(encodeOffer({ kind: native === null ? 'file' : 'mapped', ringBytes, pid: process.pid, fd }))
  }

  #hearAnswer({ shared }: Segment): void {
    const answer = this.#door.word(decodeAnswer)
    if (answer === undefined) return
    if (answer === 'nonsense') this.link.end('failed', STRANGE)
    else if (typeof answer === 'object')
      this.link.end('failed', `The other side cannot use the memory of this one: ${answer.refused}.`)
    else {
      this.#offered = null
      this.#isTaken = true
      this.link.taken(shared)
      this.#door.open()
    }
  }
}
