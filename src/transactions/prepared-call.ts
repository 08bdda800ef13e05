/** What a caller asks for, checked: his mistakes throw here, before anything is done. */
import { isBytes, localBytes } from '../common/bytes.ts'
import { InkwireError } from '../common/errors.ts'
import { describe } from '../common/options.ts'
import type { CallOptions, CallType } from '../messenger/calls.ts'
import { lasting } from '../messenger/chunk.ts'
import { checkTimeout } from '../messenger/message-init.ts'
import { encodeBody } from '../messenger/typed-message.ts'
import { signalOf } from '../common/signal-option.ts'
import { PRIORITY } from '../wire/message.ts'
import type { AskedCall } from './asked-call.ts'
import { checkCall } from './define-call.ts'
import { inherited, inheritedMs } from './inheritance.ts'
import type { OutRecord } from './machine/outgoing.ts'
import { KIND, type CallFailure } from './machine/words.ts'
import { NO_METADATA, noteOf } from './metadata.ts'
import { checkSize } from './parts.ts'
import type { SessionCalls } from './session-calls.ts'
import type { Following } from './watch.ts'

const OPTIONS = ['timeoutMs', 'signal', 'data', 'priority', 'inherit', 'metadata'] as const

/** A call as its caller wants it. */
export interface Wanted {
  readonly request: OutRecord
  /** Its metadata; null: none. */
  readonly note: Uint8Array | null
  readonly kind: { readonly type: number; readonly version: number; readonly priority: number }
  readonly signal: AbortSignal | undefined
  /** How long it has, with what it inherits, in ms; Infinity: as long as it takes. */
  readonly leftMs: number
}

/** A call that can be made, or the reason why not. */
export interface Prepared {
  readonly wanted: Wanted
  readonly calls: SessionCalls
  /** As wanted, with what a watcher adds. */
  readonly note: Uint8Array | null
  readonly following: Following | null
  readonly nowMs: number
  readonly refusal: CallFailure | null
}

/** @throws InkwireError what `call()` throws. */
export function wantedCall<Request, Body, RequestInput, ReplyInput>(
  what: string,
  call: CallType<Request, Body, RequestInput, ReplyInput>,
  body: RequestInput,
  options: CallOptions,
): Wanted {
  checkCall(what, call)
  const signal = signalOf(what, options, OPTIONS)
  const timeoutMs = checkTimeout(what, options.timeoutMs) ?? Infinity
  const data = bytesOption(what, options.data)
  const front = encodeBody(call.request, body, call.callName)
  checkSize(what, front.byteLength + (data?.byteLength ?? 0))
  const kind = { type: call.type, version: call.version, priority: priorityOption(what, options.priority) }
  const from = options.inherit === false ? undefined : inherited()
  return {
    request: { kind: KIND.OPEN, front, data },
    note: noteOf(what, options.metadata, from?.metadata ?? NO_METADATA),
    kind,
    signal,
    leftMs: Math.min(timeoutMs, inheritedMs(from)),
  }
}

/** Hands it to the machine. */
export function begin(asked: AskedCall, prepared: Prepared, streams: boolean): void {
  const { wanted, note, following, nowMs, calls } = prepared
  asked.following = following
  asked.note = note
  asked.deadlineMs = nowMs + wanted.leftMs
  calls.exchange.asking.ask(asked, wanted.request, streams, nowMs)
  asked.attach(wanted.signal)
}

function bytesOption(what: string, data: unknown): Uint8Array | null {
  if (data === undefined) return null
  if (isBytes(data)) return lasting(localBytes(data))
  throw new InkwireError('INK_BAD_ARGUMENT', `${what}: data is a Uint8Array, not ${describe(data)}`)
}

function priorityOption(what: string, priority: unknown): number {
  if (priority === undefined) return PRIORITY.DEFAULT
  if (Number.isInteger(priority) && (priority as number) >= 0 && (priority as number) <= 255) return priority as number
  throw new InkwireError(
    'INK_BAD_ARGUMENT',
    `${what}: priority is a whole number from 0 to 255, not ${describe(priority)}`,
  )
}
