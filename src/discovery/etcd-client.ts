/**
 * As much of etcd v3 as discovery needs, through its JSON gateway: leases, keys, and a watch.
 *
 * The gateway is part of etcd and speaks HTTP, so the platform's own `fetch` will do, and nothing is depended on. Numbers of 64
 * bits are texts there, and keys and values base64. An endpoint that fails is followed by the next one at the next request.
 * Answers are bounded.
 */
import { InkwireError, wordsOf } from '../common/errors.ts'

/** As the platform's; for proxies, certificates of one's own, and tests. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface EtcdPlace {
  readonly endpoints: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly fetch: Fetch
  /** Of a request; a watch lasts as long as its signal. */
  readonly timeoutMs: number
}

export interface KeyValue {
  readonly key: string
  readonly value: string
}

export interface EtcdChange extends KeyValue {
  readonly isDeleted: boolean
}

/** All records that are read: some four thousand of the largest. */
const ANSWER_BYTES_MAX = 32 * 1024 * 1024
/** One answer of a watch. */
const LINE_CHARS_MAX = 4 * 1024 * 1024

interface Answer {
  readonly [name: string]: unknown
}

export class EtcdClient {
  readonly #place: EtcdPlace
  #at = 0

  constructor(place: EtcdPlace) {
    this.#place = place
  }

  /** The id of a lease of so many seconds. */
  async grant(seconds: number, signal: AbortSignal): Promise<string> {
    const { ID: id } = await this.#ask('lease/grant', { TTL: String(seconds) }, signal)
    if (typeof id !== 'string') throw unexpected('lease/grant')
    return id
  }

  /** False: the lease has expired. */
  async keepAlive(lease: string, signal: AbortSignal): Promise<boolean> {
    const { result } = await this.#ask('lease/keepalive', { ID: lease }, signal)
    const { TTL: seconds } = (result ?? {}) as { TTL?: unknown }
    return typeof seconds === 'string' && Number(seconds) > 0
  }

  async revoke(lease: string, signal: AbortSignal): Promise<void> {
    await this.#ask('lease/revoke', { ID: lease }, signal)
  }

  async put(key: string, value: string, lease: string, signal: AbortSignal): Promise<void> {
    await this.#ask('kv/put', { key: toBase64(key), value: toBase64(value), lease }, signal)
  }

  /** All that begins so, and the revision at which it was so. */
  async list(prefix: string, signal: AbortSignal): Promise<{ all: readonly KeyValue[]; revision: number }> {
    const { header, kvs } = await this.#ask('kv/range', rangeOf(prefix), signal)
    const revision = Number((header as { revision?: unknown } | undefined)?.revision)
    if (!Number.isSafeInteger(revision)) throw unexpected('kv/range')
    return { all: (Array.isArray(kvs) ? kvs : []).map(keyValue), revision }
  }

  /** What changes from this revision on, until the signal fires. Throws when it cannot be told without a gap. */
  async *watch(prefix: string, revision: number, signal: AbortSignal): AsyncGenerator<readonly EtcdChange[], void> {
    const body = { create_request: { ...rangeOf(prefix), start_revision: String(revision) } }
    const response = await this.#post('watch', body, signal)
    for await (const line of linesOf(response)) {
      const { result, error } = JSON.parse(line) as { result?: Answer; error?: unknown }
      if (error !== undefined || result === undefined || result['canceled'] === true) throw unexpected('watch')
      const { events } = result
      if (!Array.isArray(events)) continue
      yield events.map(({ type, kv }: { type?: unknown; kv: unknown }) => ({
        ...keyValue(kv),
        isDeleted: type === 'DELETE',
      }))
    }
  }

  async #ask(what: string, body: object, signal: AbortSignal): Promise<Answer> {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(this.#place.timeoutMs)])
    const response = await this.#post(what, body, bounded)
    let text = ''
    for await (const part of textOf(response)) {
      text += part
      if (text.length > ANSWER_BYTES_MAX) throw unexpected(what)
    }
    return JSON.parse(text) as Answer
  }

  async #post(what: string, body: object, signal: AbortSignal): Promise<Response> {
    const { endpoints, headers, fetch } = this.#place
    const url = `${endpoints[this.#at % endpoints.length]}/v3/${what}`
    try {
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal })
      if (response.ok) return response
      const said = (await response.text()).slice(0, 200)
      throw new InkwireError('INK_REFUSED', `etcd answers ${response.status} to ${what}: ${said}`)
    } catch (thrown) {
      this.#at++
      if (thrown instanceof InkwireError) throw thrown
      throw new InkwireError('INK_CONNECTION_REFUSED', `etcd at ${url}: ${wordsOf(thrown)}`, { cause: thrown })
    }
  }
}

function unexpected(what: string): InkwireError {
  return new InkwireError('INK_INCOMPATIBLE', `etcd answers to ${what} what it should not: is it version 3.4 or newer?`)
}

/** From the prefix to the first key that does not begin so. Prefixes end in a character of ASCII. */
function rangeOf(prefix: string): { key: string; range_end: string } {
  const end = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
  return { key: toBase64(prefix), range_end: toBase64(end) }
}

function keyValue(given: unknown): KeyValue {
  const { key, value } = (given ?? {}) as { key?: unknown; value?: unknown }
  return { key: fromBase64(key), value: fromBase64(value) }
}

function toBase64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function fromBase64(text: unknown): string {
  return typeof text === 'string' ? Buffer.from(text, 'base64').toString() : ''
}

async function* textOf({ body }: Response): AsyncGenerator<string, void> {
  if (body === null) return
  const decoder = new TextDecoder()
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) yield decoder.decode(chunk, { stream: true })
}

async function* linesOf(response: Response): AsyncGenerator<string, void> {
  let rest = ''
  for await (const part of textOf(response)) {
    const lines = (rest + part).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LINE_CHARS_MAX) throw unexpected('watch')
    for (const line of lines) if (line.trim() !== '') yield line
  }
}
