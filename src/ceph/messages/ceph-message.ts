/**
 * One of Ceph's messages: its number, and its body as bytes and back.
 *
 * `make` gives what `connection.send()` takes; `read` takes what a dispatcher gets. The bytes are those of Ceph 16. A
 * newer sender may append fields, which are skipped.
 */
import { InkwireError } from '../../common/errors.ts'
import type { Message, MessageInit } from '../../index.ts'
import { Malformed, Reader, Writer } from '../msgr2/codec.ts'

/** What is not part of a body. */
export interface MessageExtras {
  /** Ties an answer to its question, 0 to 2^53 - 1. */
  readonly tid?: number | undefined
}

/** What `read` needs of a received message. */
export type Received = Pick<Message, 'type' | 'version' | 'front' | 'data'>

/** A type of message; see {@link CephMessage.make} and {@link CephMessage.read}. */
export interface CephMessage<Body> {
  readonly name: string
  /** Ceph's number of it. */
  readonly type: number
  /** The message as `connection.send()` takes it. */
  make(body: Body, extras?: MessageExtras): MessageInit
  /**
   * The body of a received message. Bytes in it may be views.
   *
   * @throws InkwireError `INK_DECODE_FAILED`, whatever the bytes are; `INK_BAD_ARGUMENT` for a message of another type.
   */
  read(message: Received): Body
}

interface Definition<Body> {
  readonly name: string
  readonly type: number
  readonly version: number
  readonly priority?: number | undefined
  write(writer: Writer, body: Body): void
  read(reader: Reader, message: Received): Body
  /** The data segment, of messages that have one. */
  data?(body: Body): Uint8Array
}

const PRIORITY_DEFAULT = 127

export function cephMessage<Body>(definition: Definition<Body>): CephMessage<Body> {
  const { name, type, version, priority = PRIORITY_DEFAULT } = definition
  return Object.freeze({
    name,
    type,
    make(body: Body, extras: MessageExtras = {}): MessageInit {
      const writer = new Writer()
      definition.write(writer, body)
      const data = definition.data?.(body) ?? null
      return { type, version, priority, tid: extras.tid ?? 0, front: writer.done(), data }
    },
    read(message: Received): Body {
      if (message.type !== type) {
        throw new InkwireError('INK_BAD_ARGUMENT', `${name} is a message of type ${type}, not ${message.type}`)
      }
      return decoded(name, () => definition.read(new Reader(message.front), message))
    },
  })
}

/** Runs a decoder; what is malformed becomes INK_DECODE_FAILED. */
export function decoded<T>(what: string, decode: () => T): T {
  try {
    return decode()
  } catch (thrown) {
    if (!(thrown instanceof Malformed)) throw thrown
    throw new InkwireError('INK_DECODE_FAILED', `${what} does not decode: ${thrown.message}`, { cause: thrown })
  }
}
