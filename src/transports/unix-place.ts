/** Where Unix sockets are: absolute paths and abstract names, checked, and in one canonical form, whatever scheme goes by them. */
import { posix } from 'node:path'
import { badAddress } from './address.ts'
import type { Address } from './transport.ts'
import { excessBytes, PATH_BYTES_MAX } from './unix-path.ts'
import { ABSTRACT_BYTES_MAX } from './unix-socket.ts'

/** The canonical form of an address of this scheme. Throws `INK_BAD_ADDRESS`. */
export function parsePlace(wanted: string, { scheme, host, port }: Address): Address {
  if (scheme !== wanted)
    throw badAddress(`The ${wanted} transport serves ${wanted}:///path and ${wanted}://@name, not ${scheme}://.`)
  if (port !== 0) throw badAddress(`A Unix socket has no port, and '${scheme}://${host}' was given ${port}.`)
  return { scheme, host: host.startsWith('@') ? abstractName(scheme, host) : path(scheme, host), port }
}

function abstractName(scheme: string, host: string): string {
  if (process.platform !== 'linux')
    throw badAddress(
      `'${scheme}://${host}' is an abstract name, which only Linux has; write ${scheme}:///absolute/path.`,
    )
  if (!/^@[\x21-\x7e]+$/.test(host))
    throw badAddress(
      `'${scheme}://${host}' is no abstract name; write ${scheme}://@ and printable characters without spaces.`,
    )
  const excess = host.length - 1 - ABSTRACT_BYTES_MAX
  if (excess > 0)
    throw badAddress(
      `'${scheme}://${host}' is ${excess} bytes too long: an abstract name has at most ${ABSTRACT_BYTES_MAX}.`,
    )
  return host
}

/** Canonical: no empty, `.` or `..` parts, which are resolved as text. */
function path(scheme: string, host: string): string {
  if (!/^\/[^\0]*[^/\0]$/.test(host))
    throw badAddress(
      `'${scheme}://${host}' is no place of a socket; write ${scheme}:///absolute/path, or ${scheme}://@name on Linux.`,
    )
  const canonical = posix.normalize(host)
  const excess = excessBytes(canonical)
  if (excess > 0)
    throw badAddress(
      `'${scheme}://${host}' is ${excess} bytes too long: the path of a Unix socket has at most ${PATH_BYTES_MAX}; ` +
        'choose a shorter directory, such as one in /run.',
    )
  return canonical
}
