/**
 * What is said on an admin socket: a line of JSON for a question, a line of JSON for its answer.
 *
 * Version 1. Questions may be added; what an answer holds may grow; nothing changes its meaning while the version stays. Every
 * question only reads. Limits stand here, for both ends.
 */

export const ADMIN_VERSION = 1

/** Every question, with what it answers. */
export const QUESTIONS = {
  hello: 'who this is, and which questions it answers',
  snapshot: 'everything that is known now',
  why: 'why a peer is slow: cause, severity and sentence',
  peer: 'everything about one peer',
  trace: 'what happened last, to one peer or to all',
  metrics: 'the text of a scrape',
  health: 'whether it serves, by service',
  ping: 'how far away a peer is now, in ms',
} as const

export type Question = keyof typeof QUESTIONS

export interface AdminRequest {
  readonly v: typeof ADMIN_VERSION
  /** Comes back with the answer. */
  readonly id: number
  readonly ask: Question
  /** Of `why`, `peer`, `trace` and `ping`: whom. */
  readonly peer?: string | undefined
}

export type AdminAnswer =
  | { readonly v: typeof ADMIN_VERSION; readonly id: number; readonly answer: unknown }
  | {
      readonly v: typeof ADMIN_VERSION
      readonly id: number
      readonly error: { readonly code: string; readonly message: string }
    }

/** Clients at once; further ones are turned away with an answer that says so. */
export const CLIENTS_MAX = 8
/** A question with its end of line. */
export const REQUEST_BYTES_MAX = 4096
/** An answer, for who asks: a thousand connections are some three megabytes. */
export const ANSWER_BYTES_MAX = 256 << 20
/** What a client does not read is kept up to here; then it is cut off. */
export const UNREAD_BYTES_MAX = 16 << 20
/** A client that asks nothing for so long is cut off, in ms. */
export const SILENT_MS = 60_000
/** A ping that takes longer fails, in ms. */
export const PING_MS = 5000

/** The question of a line. Throws an Error that says what is wrong with it. */
export function readRequest(line: string): AdminRequest {
  let given: unknown
  try {
    given = JSON.parse(line)
  } catch {
    throw new Error('a question is one line of JSON, such as {"v":1,"id":1,"ask":"hello"}')
  }
  const { v, id, ask, peer } = (given ?? {}) as Partial<Record<keyof AdminRequest, unknown>>
  if (v !== ADMIN_VERSION)
    throw new Error(
      `this end speaks version ${ADMIN_VERSION}, and the question says v: ${JSON.stringify(v) ?? 'nothing'}`,
    )
  if (typeof id !== 'number' || !Number.isSafeInteger(id)) throw new Error('id is a whole number')
  if (typeof ask !== 'string' || !Object.hasOwn(QUESTIONS, ask))
    throw new Error(`ask is one of ${Object.keys(QUESTIONS).join(', ')}`)
  if (peer !== undefined && (typeof peer !== 'string' || peer.length > 300))
    throw new Error('peer is a name, an address or an id')
  if (peer === undefined && (ask === 'why' || ask === 'peer' || ask === 'ping')) throw new Error(`${ask} needs a peer`)
  return { v, id, ask: ask as Question, peer }
}
