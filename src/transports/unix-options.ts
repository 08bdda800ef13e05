/** What every transport over Unix sockets has: the options of its place and its links, checked once. */
import { numberOption, whole } from '../common/options.ts'
import type { UnixSettings } from './unix-socket.ts'

/** Options of {@link unix}. */
export interface UnixOptions {
  /**
   * Permissions of the socket's file, 0 to 0o777, such as `0o660`; who may write to it may dial it. Default 0o600:
   * the same user.
   */
  readonly mode?: number | undefined
  /**
   * Permissions of its directory, 0 to 0o7777, such as `0o700`: it is made when it is missing, and those above it
   * too; one that is there keeps its own. Default: the directory must be there.
   */
  readonly directoryMode?: number | undefined
  /** How many connections the kernel holds until they are accepted, 1 to 65,535. Default 511. */
  readonly backlog?: number | undefined
  /** `write` answers false above this, 1 or more; `writable` comes at half of it. Default 1 MiB. */
  readonly highWaterBytes?: number | undefined
  /**
   * How long `close` waits for the peer to take the rest and to close too, in ms, 1 or more; then it resets. Default
   * 5,000.
   */
  readonly closeTimeoutMs?: number | undefined
  /** As for `tcp()`. Default true. */
  readonly busyPoll?: boolean | undefined
}

const MAX = 2 ** 31 - 1

export const UNIX_OPTIONS = [
  'mode',
  'directoryMode',
  'backlog',
  'highWaterBytes',
  'closeTimeoutMs',
  'busyPoll',
] as const satisfies readonly (keyof UnixOptions)[]

/** All but what polls, which each transport has of its own. Throws `INK_BAD_OPTION`. */
export function unixSettings(options: UnixOptions | undefined): Omit<UnixSettings, 'poller'> {
  const directoryMode = numberOption('directoryMode', options?.directoryMode, whole(0, 0o7777), -1)
  return {
    mode: numberOption('mode', options?.mode, whole(0, 0o777), 0o600),
    directoryMode: directoryMode === -1 ? null : directoryMode,
    backlog: numberOption('backlog', options?.backlog, whole(1, 65_535), 511),
    highWaterBytes: numberOption('highWaterBytes', options?.highWaterBytes, whole(1, MAX), 1024 * 1024),
    closeTimeoutMs: numberOption('closeTimeoutMs', options?.closeTimeoutMs, whole(1, MAX), 5000),
  }
}
