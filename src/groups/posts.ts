/**
 * Open groups: who is no member has a member at the other end of a connection publish for it.
 *
 * A post is answered once, with the place where it was told or with why it was not. When the connection is lost before, nobody knows.
 * Limit: so many of a connection wait for their answer, at both ends.
 */
import { isBytes } from '../common/bytes.ts'
import { InkwireError, ERROR_CODES, type InkwireErrorCode } from '../common/errors.ts'
import { describe, onlyKnown } from '../common/options.ts'
import { onAbort } from '../common/abort.ts'
import { signalOf } from '../common/signal-option.ts'
import type { Group } from './group.ts'
import { keyText } from './key.ts'
import { GROUPS } from './machine/limits.ts'
import { isName, type ResolvedGroup } from './options.ts'
import type { PeerLink } from './peer-link.ts'
import { KIND, postBytes, postedBytes, readPost, readPosted, type Posted } from './service-words.ts'
import type { PublishInit, PublishOptions, Published } from './terms.ts'

/** Posts of one connection that wait for their answer. */
export const POSTS_MAX = 256

interface Waiting {
  readonly link: PeerLink
  readonly settle: (posted: Posted | null) => void
}

interface Member {
  readonly group: Group
  readonly options: ResolvedGroup
}

export class Posts {
  readonly #memberOf: (keyText: string) => Member | undefined
  readonly #waiting = new Map<number, Waiting>()
  readonly #serving = new Map<PeerLink, number>()
  #next = 1

  constructor(memberOf: (keyText: string) => Member | undefined) {
    this.#memberOf = memberOf
  }

  post(
    link: PeerLink,
    key: Uint8Array,
    message: PublishInit,
    options: Pick<PublishOptions, 'order' | 'signal'>,
  ): Promise<Published> {
    onlyKnown('publish()', message, ['type', 'data'])
    const signal = signalOf('publish()', options, ['order', 'signal'])
    const { type, data = new Uint8Array(0) } = message
    if (!isBytes(data)) throw new InkwireError('INK_BAD_ARGUMENT', `publish(): data is bytes, not ${describe(data)}`)
    if (!Number.isInteger(type) || type < 0 || type > 65_535) {
      throw new InkwireError('INK_BAD_ARGUMENT', 'publish(): type is 0 to 65535')
    }
    if (data.length > GROUPS.messageBytesMax) {
      throw new InkwireError('INK_MESSAGE_TOO_LARGE', `publish(): the limit is ${GROUPS.messageBytesMax} bytes`)
    }
    if ([...this.#waiting.values()].filter((waiting) => waiting.link === link).length >= POSTS_MAX) {
      throw new InkwireError('INK_QUEUE_FULL', `publish(): ${POSTS_MAX} posts wait for their answer`)
    }
    const id = this.#next++ >>> 0
    const { order = 'agreed' } = options
    return new Promise((resolve, reject) => {
      const release = onAbort(signal, () => {
        this.#waiting.delete(id)
        const text = 'publish() was aborted by its signal; the message goes on'
        reject(new InkwireError('INK_ABORTED', text, { cause: signal?.reason, outcome: 'unknown' }))
      })
      const settle = (posted: Posted | null): void => {
        release()
        this.#waiting.delete(id)
        if (posted?.code === '') resolve(placeOf(posted))
        else reject(errorOf(posted))
      }
      this.#waiting.set(id, { link, settle })
      const front = postBytes({ id, key, type, isSafe: order === 'safe' })
      if (!link.send(Uint8Array.of(KIND.POST), front, new Uint8Array(data))) settle(null)
    })
  }

  /** The peer wants something published. Returns what is wrong with it. */
  asked(link: PeerLink, front: Uint8Array, data: Uint8Array): string | null {
    const post = readPost(front)
    if (post === null) return 'a POST that cannot be read'
    const { id, key, type, isSafe } = post
    const member = this.#memberOf(keyText(key))
    const serving = this.#serving.get(link) ?? 0
    const answer = (posted: Omit<Posted, 'id'>): void => {
      link.send(Uint8Array.of(KIND.POSTED), postedBytes({ id, ...posted }), null)
    }
    const refuse = (code: InkwireErrorCode, text: string): null => {
      answer({ view: '', index: 0, isTransitional: false, code, text })
      return null
    }
    if (member === undefined) return refuse('INK_REFUSED', 'the peer is no member of the group')
    if (!member.options.isOpen) return refuse('INK_REFUSED', 'only members may publish to the group')
    const origin = link.session.connection.peer.name ?? ''
    if (!isName(origin)) return refuse('INK_REFUSED', `a name of more than ${GROUPS.nameBytesMax} bytes posts nothing`)
    if (serving >= POSTS_MAX) return 'more posts than may wait'
    this.#serving.set(link, serving + 1)
    void publishFor(member.group, { type, data }, isSafe, origin).then((posted) => {
      this.#serving.set(link, (this.#serving.get(link) ?? 1) - 1)
      answer(posted)
    })
    return null
  }

  answered(link: PeerLink, front: Uint8Array): string | null {
    const posted = readPosted(front)
    if (posted === null) return 'a POSTED that cannot be read'
    const waiting = this.#waiting.get(posted.id)
    if (waiting?.link === link) waiting.settle(posted)
    return null
  }

  lost(link: PeerLink): void {
    this.#serving.delete(link)
    for (const waiting of [...this.#waiting.values()]) if (waiting.link === link) waiting.settle(null)
  }
}

async function publishFor(
  group: Group,
  message: PublishInit,
  isSafe: boolean,
  origin: string,
): Promise<Omit<Posted, 'id'>> {
  try {
    const place = await group.publishFrom(message, { order: isSafe ? 'safe' : 'agreed' }, origin)
    return { ...place, code: '', text: '' }
  } catch (thrown) {
    const { code, message: text } = thrown as InkwireError
    return { view: '', index: 0, isTransitional: false, code, text }
  }
}

function placeOf({ view, index, isTransitional }: Posted): Published {
  return { view, index, isTransitional }
}

function errorOf(posted: Posted | null): InkwireError {
  if (posted === null) {
    const text = 'the connection was lost before the member said what became of the message'
    return new InkwireError('INK_RESET', text, { outcome: 'unknown' })
  }
  const code = Object.hasOwn(ERROR_CODES, posted.code) ? (posted.code as InkwireErrorCode) : 'INK_REFUSED'
  return new InkwireError(code, `the member says: ${posted.text}`, {
    outcome: code === 'INK_VIEW_CHANGED' ? 'unknown' : 'undelivered',
  })
}
