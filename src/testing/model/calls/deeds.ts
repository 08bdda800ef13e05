/** What callers and handlers of a plan do, by name. */
import { CALLS } from '../../../transactions/machine/limits.ts'
import type { CallFailure } from '../../../transactions/machine/words.ts'
import type { End } from './end.ts'
import type { ModelAsked, ModelServed } from './halves.ts'

/**
 * A few bytes, and then as much as a piece can be: two of them are more than a window, and the credit of the first alone is not worth
 * much. Each is one shorter than the one before: so parts are told apart.
 */
const PARTS_BYTES = [8 * 1024, CALLS.pieceBytes] as const

const THROWN: CallFailure = {
  reason: 'handler-error',
  code: 'EIO',
  detail: '',
  indeterminate: true,
  retryAfterMs: 0,
}
/** Of a call that was handed on to where nobody serves it, and of one whose service is removed. */
const UNHANDLED: CallFailure = { ...THROWN, reason: 'unhandled', code: 'INK_UNHANDLED', indeterminate: false }

export const CALLER_DEEDS = ['part', 'end', 'cancel', 'give-up', 'discard', 'stop', 'reset', 'read'] as const
export type CallerDeed = (typeof CALLER_DEEDS)[number]

export const HANDLER_DEEDS = [
  'begin',
  'remove',
  'part',
  'stop',
  'hush',
  'reset',
  'read',
  'reply',
  'throw',
  'pass',
] as const
export type HandlerDeed = (typeof HANDLER_DEEDS)[number]

export function callerDoes(deed: CallerDeed, end: End, asked: ModelAsked): void {
  const { exchange, nowMs } = end
  asked.did.push(deed)
  switch (deed) {
    case 'part':
      end.part(asked, nextPart(asked))
      return
    case 'end':
      exchange.parts.end(asked, nowMs)
      return
    case 'cancel':
      exchange.cancel(asked, 'cancelled-local', '', nowMs)
      return
    case 'give-up':
      exchange.giveUp(asked, 'cancelled-local', '', nowMs)
      return
    case 'discard':
      end.discard(asked)
      return
    case 'stop':
      exchange.parts.stop(asked, '', true)
      return
    case 'reset':
      exchange.parts.reset(asked, '')
      return
    case 'read':
      end.read(asked)
  }
}

/** `remove`: its service is gone before it begins. `hush`: it discards the parts. `pass`: it handed the call on, in vain. */
export function handlerDoes(deed: HandlerDeed, end: End, served: ModelServed): void {
  const { exchange, nowMs } = end
  if (deed !== 'reset') served.did.push(deed)
  switch (deed) {
    case 'begin':
      end.begin(served)
      return
    case 'remove':
      end.waiting.delete(served)
      exchange.replies.fail(served, UNHANDLED, nowMs)
      return
    case 'part':
      end.part(served, nextPart(served))
      return
    case 'stop':
    case 'hush':
      exchange.parts.stop(served, '', deed === 'stop')
      return
    case 'reset':
      end.giveUp(served)
      return
    case 'read':
      end.read(served)
      return
    case 'reply':
      end.finish(served, null)
      return
    case 'throw':
      end.finish(served, THROWN)
      return
    case 'pass':
      end.finish(served, UNHANDLED)
  }
}

function nextPart({ sent }: ModelAsked | ModelServed): number {
  return PARTS_BYTES[sent.length === 0 ? 0 : 1] - sent.length
}
