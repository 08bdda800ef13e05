/** The resolved options of sharedMemory(), and what both ends of its links say when they end. */
import type { RingSettings } from '../ring-link.ts'
import type { UnixPlace } from '../unix-socket.ts'
import type { NativeMemory } from './native-memory.ts'

export interface SharedSettings extends RingSettings, UnixPlace {
  readonly ringBytes: number
  /** The largest rings that another process may ask for. */
  readonly ringBytesMax: number
  readonly setUpTimeoutMs: number
  readonly setUpsMax: number
  /** Null: memory is read and written as a file. */
  readonly native: NativeMemory | null
}

export const GONE = 'The other side broke the link off, or its process ended.'
export const NO_BELL = 'The other side said something that is no bell.'
