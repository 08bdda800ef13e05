/**
 * What every transport over TCP has: its options, checked once, and its addresses, whatever is spoken on them.
 */
import { canonicalIp, ipFamily } from '../common/ip.ts'
import { badOption, booleanOption, describe, numberOption, whole } from '../common/options.ts'
import { badAddress, formatAddress } from './address.ts'
import { poller } from './poller.ts'
import type { TcpRoute, TcpSettings } from './tcp-socket.ts'
import type { Address } from './transport.ts'

/** What `tcp()` and `tls()` take. */
export interface OverTcpOptions {
  /** The local IP address to dial from, such as `192.0.2.7`, on hosts with several. Default: the kernel chooses. */
  readonly from?: string | undefined
  /** Sends small writes at once (TCP_NODELAY). Default true: batching is the messenger's. */
  readonly noDelay?: boolean | undefined
  /** Idle time before the kernel probes the peer, in ms, 1 or more; 0 switches probes off. Default 30,000. */
  readonly keepAliveMs?: number | undefined
  /** How many connections the kernel holds until they are accepted, 1 to 65,535. Default 511. */
  readonly backlog?: number | undefined
  /** `write` answers false above this, 1 or more; `writable` comes at half of it. Default 1 MiB. */
  readonly highWaterBytes?: number | undefined
  /**
   * How long `close` waits for the peer to take the rest and to close too, in ms, 1 or more; then it resets. Default
   * 5,000.
   */
  readonly closeTimeoutMs?: number | undefined
  /**
   * While reads come less than 0.2 ms apart, the event loop looks for the next one instead of sleeping, as long as that pays and
   * nobody else needs the processor. A thread with dense traffic then shows as fully busy; what it brings depends on the
   * machine. Default true. See docs/PERFORMANCE.md.
   */
  readonly busyPoll?: boolean | undefined
}

const MAX = 2 ** 31 - 1

export const TCP_OPTIONS: readonly (keyof OverTcpOptions)[] = [
  'from',
  'noDelay',
  'keepAliveMs',
  'backlog',
  'highWaterBytes',
  'closeTimeoutMs',
  'busyPoll',
]

/** Throws `INK_BAD_OPTION`. */
export function tcpSettings(options: OverTcpOptions | undefined): TcpSettings {
  return Object.freeze({
    noDelay: booleanOption('noDelay', options?.noDelay, true),
    keepAliveMs: numberOption('keepAliveMs', options?.keepAliveMs, whole(0, MAX), 30_000),
    backlog: numberOption('backlog', options?.backlog, whole(1, 65_535), 511),
    highWaterBytes: numberOption('highWaterBytes', options?.highWaterBytes, whole(1, MAX), 1024 * 1024),
    closeTimeoutMs: numberOption('closeTimeoutMs', options?.closeTimeoutMs, whole(1, MAX), 5000),
    poller: booleanOption('busyPoll', options?.busyPoll, true) ? poller : null,
  })
}

/** The canonical form of an address of this scheme. Throws `INK_BAD_ADDRESS`. */
export function parseTcp(wanted: string, address: Address): Address {
  const { scheme, host, port } = address
  if (scheme !== wanted) throw badAddress(`The ${wanted} transport serves ${wanted}://host:port, not ${scheme}://.`)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw badAddress(`A TCP port is from 0 to 65535, not ${port}.`)
  if (ipFamily(host) !== 0) return { scheme, host: canonicalIp(host), port }
  const name = host.toLowerCase().replace(/\.$/, '')
  if (name === 'localhost') return { scheme, host: '127.0.0.1', port }
  // A name whose last label is a number is a mistyped IPv4 address; resolvers guess, each in its own way.
  if (/^[\d.]+$/.test(name) || !/^(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/.test(name) || name.length > 253) {
    throw badAddress(
      `'${host}' is neither an IP address nor a host name; write ${wanted}://192.0.2.1:6800 or ${wanted}://osd-1:6800.`,
    )
  }
  return { scheme, host: name, port }
}

/** Where a dial goes. Throws `INK_BAD_ADDRESS`. */
export function routeTo(scheme: string, address: Address): TcpRoute {
  const { host, port } = parseTcp(scheme, address)
  if (port === 0)
    throw badAddress(`'${formatAddress(address)}' cannot be dialled; name the port that the peer listens on.`)
  return { host, port }
}

/** Where all dials come from. A link of one IP family reaches no address of the other. */
export function sourceOf(from: unknown): Pick<TcpRoute, 'localAddress' | 'family'> {
  if (from === undefined) return {}
  if (typeof from !== 'string' || ipFamily(from) === 0)
    throw badOption(`from must be an IP address of this host, such as '192.0.2.7', not ${describe(from)}`)
  return { localAddress: canonicalIp(from), family: ipFamily(from) === 4 ? 4 : 6 }
}
