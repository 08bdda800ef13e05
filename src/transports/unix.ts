/**
 * The Unix socket transport: `unix:///run/osd.sock` by path, `unix://@osd.3` by abstract name (Linux), within one host.
 *
 * A path is guarded by modes: who may not write to the socket, or not enter its directory, does not get through. An
 * abstract name has no owner and no mode: anybody in the same network namespace may take it or dial it. Node cannot ask the
 * kernel who is at the other end (SO_PEERCRED), so this transport proves nobody's name; that is for `auth`.
 */
import { booleanOption, optionObject } from '../common/options.ts'
import { formatAddress } from './address.ts'
import { poller } from './poller.ts'
import { SocketLink } from './socket-link.ts'
import type { Transport } from './transport.ts'
import { listenUnix } from './unix-listener.ts'
import { UNIX_OPTIONS, unixSettings, type UnixOptions } from './unix-options.ts'
import { parsePlace } from './unix-place.ts'
import { unixDial, unixKind, type UnixSettings } from './unix-socket.ts'
import { vouchFor } from './vouched.ts'

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
  optionObject('unix()', options, UNIX_OPTIONS)
  const watched = booleanOption('busyPoll', options?.busyPoll, true)
  return Object.freeze({ ...unixSettings(options), poller: watched ? poller : null })
}
