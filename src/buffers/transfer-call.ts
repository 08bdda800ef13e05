/**
 * The call by which bytes move: the holder opens it, chunks are its parts in one direction, and in the other goes how much of them
 * is placed. So a transfer has credit of its own, ends with its session, and nothing of it can come late.
 */
import { CallError, InkwireError, PRIORITY } from '../index.ts'
import type { CallOptions, Connection, Transaction } from '../index.ts'
import { defineOwnCall } from '../transactions/define-call.ts'
import { wordsOf } from '../common/errors.ts'
import { BufferError, type BufferErrorOptions, type BufferReason } from './buffer-error.ts'
import type { Refusal, StopReason } from './machine/registry.ts'
import { decodeRequest, encodeRequest, type TransferRequest } from './machine/words.ts'
import { RegionError } from './region.ts'

/** Its number among the calls of this package. */
const OWN_TYPE = 0
/** Bulk: every call and message of an application that says nothing else goes before a chunk that waits. */
const BULK_PRIORITY = PRIORITY.LOW

export const TransferCall = defineOwnCall<TransferRequest, Uint8Array>({
  type: OWN_TYPE,
  name: 'inkwire.buffers',
  request: {
    encode: encodeRequest,
    decode: (bytes) => {
      const request = decodeRequest(bytes)
      if (request === null) throw new InkwireError('INK_DECODE_FAILED', 'this is no request for a transfer')
      return request
    },
  },
  reply: { encode: (bytes) => bytes, decode: (bytes) => bytes },
})

/** Opens a transfer over a connection. */
export function openTransfer(
  connection: Connection,
  request: TransferRequest,
  options: Pick<CallOptions, 'signal' | 'timeoutMs'>,
): Transaction<Uint8Array> {
  return connection.transact(TransferCall, request, { ...options, priority: BULK_PRIORITY })
}

const SENTENCES: Readonly<Record<BufferReason, string>> = {
  stale: 'the buffer was unregistered',
  denied: 'the reference is not genuine, or does not allow this to this peer',
  expired: 'the time or the uses of the reference are up',
  gone: 'the owner of the buffer is another process by now',
  disconnected: 'the owner of the buffer cannot be reached',
  'out-of-range': 'the reference does not cover these bytes',
  quota: 'too many transfers are open: try again later',
  cancelled: 'the transfer was cancelled',
  failed: 'the transfer failed',
}

/** As the owner, or who passes it on, says it to the holder. */
export function refusal(reason: BufferReason, detail = SENTENCES[reason]): CallError {
  return new CallError(reason, detail)
}

/** What the owner's loop throws when its transfer was stopped. */
export function stopped(reason: StopReason | Refusal): CallError {
  return refusal(reason, reason === 'failed' ? 'the transfer stood still for too long' : SENTENCES[reason])
}

/** What failed at the owner, or on the way to it, for the holder; what is a refusal stays one. */
export function asRefusal(thrown: unknown): CallError {
  if (thrown instanceof BufferError) return refusal(thrown.reason, thrown.message)
  return thrown instanceof CallError ? thrown : refusal('failed', wordsOf(thrown))
}

/** Why a transfer failed, for its holder. */
export function reasonOf(thrown: unknown): BufferReason {
  if (thrown instanceof BufferError) return thrown.reason
  if (!(thrown instanceof CallError)) return 'failed'
  switch (thrown.reason) {
    case 'handler-error':
      return Object.hasOwn(SENTENCES, thrown.code) ? (thrown.code as BufferReason) : 'failed'
    case 'disconnected':
      return 'disconnected'
    case 'cancelled-local':
    case 'deadline':
      return 'cancelled'
    case 'quota':
      return 'quota'
    case 'cancelled-remote':
    case 'refused':
    case 'unhandled':
    case 'protocol':
      return 'failed'
  }
}

/** What the other side said, without what the layer of calls has put before it. */
export function saidBy(thrown: unknown, reason: BufferReason): string {
  if (thrown instanceof RegionError) return thrown.message
  return thrown instanceof CallError ? thrown.message.replace(CALLED, '') : SENTENCES[reason]
}

const CALLED = /^inkwire\.buffers: [\w-]+(?: \([^)]*\))?: /

/** The error of a transfer. */
export function failure(
  what: string,
  reason: BufferReason,
  cause?: unknown,
  options: BufferErrorOptions = {},
): BufferError {
  const more = cause === undefined ? options : { ...options, cause }
  return new BufferError(reason, `${what}: ${reason}: ${saidBy(cause, reason)}`, more)
}
