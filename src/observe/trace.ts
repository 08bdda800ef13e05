/**
 * What happened to one connection last, with times and reasons: a ring of 64 entries, so that a peer that flaps for a week costs what
 * one costs that flaps once.
 */
import type { MessengerEvent } from '../index.ts'
import { counted } from './words.ts'

/** Something that happened to a connection. */
export interface TraceEntry {
  /** Wall time, in ms since 1970. */
  readonly atMs: number
  /** The type of an event, or `state`. */
  readonly what: string
  readonly detail: string
}

/** The trace of one connection. */
export interface PeerTrace {
  readonly id: number
  readonly peer: string
  /** Entries that there were before. */
  readonly forgotten: number
  /** Oldest first. */
  readonly entries: readonly TraceEntry[]
}

const ENTRIES_MAX = 64
/** Reasons may be a peer's words. */
const DETAIL_CHARS_MAX = 300

export class Trace {
  readonly #entries: TraceEntry[] = []
  #forgotten = 0

  add(atMs: number, what: string, detail: string): void {
    this.#entries.push({ atMs, what, detail: detail.slice(0, DETAIL_CHARS_MAX) })
    if (this.#entries.length <= ENTRIES_MAX) return
    this.#entries.shift()
    this.#forgotten++
  }

  /** Oldest first. */
  get entries(): readonly TraceEntry[] {
    return [...this.#entries]
  }

  /** How many there were before. */
  get forgotten(): number {
    return this.#forgotten
  }
}

/** An event in a few words; its type is said beside it. */
export function detailOf(event: MessengerEvent): string {
  switch (event.type) {
    case 'connect':
    case 'accept':
      return `session ${event.connection.dump().session?.slice(0, 8) ?? '?'} with ${event.connection.peer.address}`
    case 'resume':
      return `${counted(event.replayed, 'message')} sent again`
    case 'pathSwitched': {
      const { from, path, why, replayed } = event
      return `${from ?? '?'} → ${path.address} (${why}), ${counted(replayed, 'message')} sent again`
    }
    case 'pathFailed':
      return `${event.address}: ${event.reason}`
    case 'fault':
    case 'authFailed':
      return event.reason
    case 'reset':
    case 'remoteReset': {
      const { undelivered, unknown } = event.outcome
      return `${event.reason}; ${undelivered.length} undelivered, ${unknown.length} unknown`
    }
    case 'linkRefused':
      return `${event.address} at ${event.local}: ${event.reason}${event.count > 1 ? ` (${event.count} links)` : ''}`
    case 'undeliverable':
      return `type ${event.message.type}: ${event.fate}: ${event.error.message}`
    case 'failed':
      return `type ${event.message.type}: ${event.error.message}`
    case 'refused':
    case 'dispatchError':
      return event.error.message
    case 'subscriberError':
      return `${event.stream}: ${event.error.message}`
    case 'unhandled':
      return `type ${event.message.type}: nobody handles it`
    case 'expired':
      return `type ${event.message.type}: its time was up before anybody took it`
    case 'inlineBlocked':
      return `${event.call} took ${Math.round(event.tookMs)} ms${event.demoted ? '; queued from now on' : ''}`
    case 'waitCycle':
      return `${event.calls.join(', ')} wait behind ${counted(event.heldMessages, 'message')} whose handlers have not ended`
    case 'slowDisconnect':
      return `its disconnect has not ended for ${event.afterMs} ms`
    case 'clockSkew':
      return `its clock is ${Math.round(event.aheadMs)} ms ahead`
    case 'stampsUnsaved':
      return event.error.message
    case 'closed':
      return ''
  }
}
