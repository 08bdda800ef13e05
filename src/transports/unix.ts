/**
 * The Unix socket transport: `unix:///run/osd.sock` by path, `unix://@osd.3` by abstract name (Linux), within one host.
 *
 * A path is guarded by modes: who may not write to the socket, or not enter its directory, does not get through. An
 * abstract name has no owner and no mode: anybody in the same network namespace may take it or dial it. Node cannot ask the
 * kernel who is at the other end (SO_PEERCRED), so this transport proves nobody's name; that is for `auth`.
 */
import { booleanOption, numberOption, optionObject, whole } from '../common/options.ts'
import { formatAddress } from './address.ts'
import { poller } from './poller.ts'
import { SocketLink } from './socket-link.ts'
import type { Transport } from './transport.ts'
import { listenUnix } from './unix-listener.ts'
import { parsePlace } from './unix-place.ts'
import { unixDial, unixKind, type UnixSettings } from './unix-socket.ts'
import { vouchFor } from './vouched.ts'

/** Options of {@link unix}. */
export interface UnixOptions {
  /** Permissions of the socket's file, such as `0o660`; who may write to it may dial it. Default 0o600: the same user. */
  readonly mode?: number | undefined
  /**
   * Permissions of its directory, such as `0o700`: it is made when it is missing, and those above it too; one that is there
   * keeps its own. Default: the directory must be there.
   */
  readonly directoryMode?: number | undefined
  /** Connections that the kernel holds until they are accepted. Default 511. */
  readonly backlog?: number | undefined
  /** `write` answers false above this; `writable` comes at half of it. Default 1 MiB. */
  readonly highWaterBytes?: number | undefined
  /** How long `close` waits for the peer to take the rest and to close too, in ms; then it resets. Default 5,000. */
  readonly closeTimeoutMs?: number | undefined
  /** As for `tcp()`. Default true. */
  readonly busyPoll?: boolean | undefined
}

const MAX = 2 ** 31 - 1
const OPTIONS = ['mode', 'directoryMode', 'backlog', 'highWaterBytes', 'closeTimeoutMs', 'busyPoll'] as const

/**
 * Dials and listens on Unix sockets. A socket whose process is dead is taken over; one that somebody listens at is not.
 *
 * @throws InkwireError `INK_BAD_OPTION`.
 */
export function unix(options?: UnixOptions): Transport {
  const settings = resolve(options)
  return vouchFor({
    scheme: 'unix',
    parse: (address) => parsePlace('unix', address),
    listen: (address, onLink, listenOptions) =>
      listenUnix(settings, parsePlace('unix', address), onLink, listenOptions),
    dial: (given) => {
      const address = parsePlace('unix', given)
      return new SocketLink(settings, unixKind('', formatAddress(address)), unixDial(address.host))
    },
  })
}

function resolve(options: UnixOptions | undefined): UnixSettings {
  optionObject('unix()', options, OPTIONS)
  const directoryMode = numberOption('directoryMode', options?.directoryMode, whole(0, 0o7777), -1)
  return Object.freeze({
    mode: numberOption('mode', options?.mode, whole(0, 0o777), 0o600),
    directoryMode: directoryMode === -1 ? null : directoryMode,
    backlog: numberOption('backlog', options?.backlog, whole(1, 65_535), 511),
    highWaterBytes: numberOption('highWaterBytes', options?.highWaterBytes, whole(1, MAX), 1024 * 1024),
    closeTimeoutMs: numberOption('closeTimeoutMs', options?.closeTimeoutMs, whole(1, MAX), 5000),
    poller: booleanOption('busyPoll', options?.busyPoll, true) ? poller : null,
  })
}
