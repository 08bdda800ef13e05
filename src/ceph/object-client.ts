/**
 * Objects of one pool: written whole, read, looked up, removed.
 *
 * A small part of what librados does: no snapshots, no locks, no watch, no cache tiers. A call ends with its answer or
 * with an error; what happens in between (a lost session, a restarted OSD, a newer map) costs time only, up to the
 * call's deadline. After INK_TIMEOUT, INK_ABORTED or INK_CLOSED a write may still have happened, or happen.
 *
 * @example
 * const objects = new ObjectClient(messenger, monitors, { pool: 'lab' })
 * await objects.write('greeting', new TextEncoder().encode('hello'))
 */
import { InkwireError } from '../common/errors.ts'
import { describe, numberOption, onlyKnown, whole } from '../common/options.ts'
import { concat, isBytes, localBytes } from '../common/bytes.ts'
import type { Messenger } from '../index.ts'
import { Reader } from './msgr2/codec.ts'
import { readSize, readTime, timeMs } from './encoding.ts'
import { decoded } from './messages/ceph-message.ts'
import { objectOp, OBJECT_OP, type ObjectOp } from './messages/object-op.ts'
import type { OsdOpReplyBody } from './messages/osd-op-reply.ts'
import type { MonClient } from './mon-client.ts'
import { ObjectRequests } from './object-requests.ts'
import { objectClientOptions, type ObjectClientOptions } from './options.ts'
import { CALL_OPTIONS, type CallOptions } from './waits.ts'

/** Options of `read()`. */
export interface ReadOptions extends CallOptions {
  /** From where on, in bytes, 0 or more; default 0. */
  readonly offset?: number | undefined
  /** How much at most, in bytes; default: all that is there. */
  readonly length?: number | undefined
}

/** What `stat()` tells of an object. */
export interface ObjectStat {
  readonly bytes: number
  /** Last change, in ms since 1970. */
  readonly modifiedMs: number
}

/** What one request reads at most: well below the receive window and the OSD's own limit. */
const PIECE_BYTES = 4 << 20
const NOTHING = new Uint8Array(0)

/**
 * Reads and writes objects of a Ceph cluster, and goes on through changes of the map. Ends with `close()`, or `await
 * using`.
 */
export class ObjectClient implements AsyncDisposable {
  readonly #requests: ObjectRequests
  readonly #pool: string
  readonly #namespace: string
  #closed = false

  /**
   * Messenger and monitors stay their owner's. With keys, the monitors' client must use the same messenger: it is there
   * that the tickets for OSDs come from.
   *
   * @throws InkwireError `INK_BAD_OPTION`.
   */
  constructor(messenger: Messenger, monitors: MonClient, options: ObjectClientOptions) {
    const { pool, namespace, ...others } = objectClientOptions(options)
    this.#pool = pool
    this.#namespace = namespace
    this.#requests = new ObjectRequests(messenger, monitors, others)
  }

  /**
   * Replaces the whole object, or makes it. The bytes must not change before the answer: when they are to be sent (again) and
   * have another length, nothing more is sent.
   *
   * @throws InkwireError as rejections: {@link CephError} (`ENOSPC`, `EPERM` …), `INK_TIMEOUT`, `INK_ABORTED`,
   *   `INK_CLOSED`, `INK_QUEUE_FULL`, `INK_MESSAGE_TOO_LARGE`, `INK_MESSAGE_CHANGED`, and what `MonClient.command()` rejects
   *   with.
   */
  async write(object: string, bytes: Uint8Array, options: CallOptions = {}): Promise<void> {
    onlyKnown('write()', options, CALL_OPTIONS)
    if (!isBytes(bytes)) {
      throw new InkwireError('INK_BAD_ARGUMENT', `write() takes a Uint8Array, not ${describe(bytes)}`)
    }
    const { byteLength } = bytes
    const op = objectOp(OBJECT_OP.WRITE_FULL, { length: byteLength, dataBytes: byteLength })
    await this.#run('write', object, true, op, localBytes(bytes), options)
  }

  /**
   * The object's bytes. Above 4 MiB it is read in pieces, again from the start when it changes in between.
   *
   * @throws InkwireError as `write()`; {@link CephError} with `ENOENT` when there is no such object.
   */
  async read(object: string, options: ReadOptions = {}): Promise<Uint8Array> {
    onlyKnown('read()', options, [...CALL_OPTIONS, 'offset', 'length'])
    const most = Number.MAX_SAFE_INTEGER
    const offset = numberOption('offset', options.offset, whole(0, most), 0)
    const length = numberOption('length', options.length, whole(0, most), most)
    for (;;) {
      const pieces = await this.#pieces(object, offset, length, options)
      if (pieces !== null) return concat(pieces)
    }
  }

  /** Size and time of an object. Rejects as `read()`. */
  async stat(object: string, options: CallOptions = {}): Promise<ObjectStat> {
    onlyKnown('stat()', options, CALL_OPTIONS)
    const reply = await this.#run('stat', object, false, objectOp(OBJECT_OP.STAT), NOTHING, options)
    return decoded('the answer to stat', () => {
      const reader = new Reader(dataOf(reply))
      return { bytes: readSize(reader), modifiedMs: timeMs(readTime(reader)) }
    })
  }

  /** Removes an object. Rejects as `read()`. */
  async remove(object: string, options: CallOptions = {}): Promise<void> {
    onlyKnown('remove()', options, CALL_OPTIONS)
    await this.#run('remove', object, true, objectOp(OBJECT_OP.DELETE), NOTHING, options)
  }

  /** Ends the sessions with OSDs. Calls that wait reject with `INK_CLOSED`. Calling it again does nothing. */
  async close(): Promise<void> {
    this.#closed = true
    this.#requests.close(closedError())
  }

  /** As `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Null when the object changed between two of them. */
  async #pieces(object: string, offset: number, length: number, options: ReadOptions): Promise<Uint8Array[] | null> {
    const pieces: Uint8Array[] = []
    let version: number | null = null
    let got = 0
    while (got < length) {
      const wanted = Math.min(PIECE_BYTES, length - got)
      const op = objectOp(OBJECT_OP.READ, { offset: offset + got, length: wanted })
      const reply = await this.#run('read', object, false, op, NOTHING, options)
      if (version !== null && version !== reply.objectVersion) return null
      version = reply.objectVersion
      const piece = dataOf(reply)
      pieces.push(piece)
      got += piece.length
      if (piece.length < wanted) break
    }
    return pieces
  }

  #run(
    verb: string,
    object: string,
    writes: boolean,
    op: ObjectOp,
    data: Uint8Array,
    { timeoutMs, signal }: CallOptions,
  ): Promise<OsdOpReplyBody> {
    if (this.#closed) return Promise.reject(closedError())
    if (typeof object !== 'string' || object === '') {
      const text = `${verb}() takes the name of an object, not ${describe(object)}`
      return Promise.reject(new InkwireError('INK_BAD_ARGUMENT', text))
    }
    const request = { pool: this.#pool, namespace: this.#namespace, object, writes, ops: [op], data }
    const options = { ...(timeoutMs !== undefined && { timeoutMs }), ...(signal && { signal }) }
    return this.#requests.run(`${verb} of ${object} in ${this.#pool}`, request, options)
  }
}

function dataOf(reply: OsdOpReplyBody): Uint8Array {
  return reply.results[0]?.data ?? NOTHING
}

function closedError(): InkwireError {
  return new InkwireError('INK_CLOSED', 'the client of the objects is closed')
}
