/**
 * Inkwire's own wire protocol (docs/PROTOCOL.md): the WireProtocol that a Messenger uses unless told otherwise, and what its user may
 * choose. What it does on a link is in native-wire.ts.
 */
import { InkwireError } from '../../common/errors.ts'
import { optionObject } from '../../common/options.ts'
import type { Wire, WireContext, WireProtocol, WireSink } from '../wire.ts'
import { capabilitiesWith, OFFERED } from './features.ts'
import { CHECKSUM, type ChecksumKind } from './format.ts'
import { NativeWire } from './native-wire.ts'

export interface NativeOptions {
  /**
   * How MESSAGES frames are protected. `crc32c` always checks. `none` does so only with peers that want checks; between two
   * sides with `none` the link is trusted, as on a loopback interface. Default: `none` where the transport itself protects what it
   * carries, as `tls()` does, and `crc32c` everywhere else.
   */
  readonly checksum?: 'crc32c' | 'none' | undefined
}

/** The native protocol: docs/PROTOCOL.md. Throws `INK_BAD_OPTION`. */
export function native(options: NativeOptions = {}): WireProtocol {
  optionObject('native()', options, ['checksum'])
  const { checksum } = options
  const plain = preferences(checksum ?? 'crc32c')
  const protectedToo = preferences(checksum ?? 'none')
  const kinds = ({ isProtected }: WireContext): readonly ChecksumKind[] => (isProtected ? protectedToo : plain)
  return Object.freeze({
    name: 'native',
    capabilities: capabilitiesWith(OFFERED),
    dialler: (context: WireContext, sink: WireSink): Wire => new NativeWire('dialler', kinds(context), context, sink),
    acceptor: (context: WireContext, sink: WireSink): Wire => new NativeWire('acceptor', kinds(context), context, sink),
  })
}

/** Kinds that are taken, the preferred one first. Who wants checks never gives them up for the peer's sake. */
function preferences(checksum: unknown): readonly ChecksumKind[] {
  if (checksum === 'crc32c') return [CHECKSUM.CRC32C]
  if (checksum === 'none') return [CHECKSUM.NONE, CHECKSUM.CRC32C]
  throw new InkwireError('INK_BAD_OPTION', `native({ checksum }) must be 'crc32c' or 'none', not ${String(checksum)}`)
}
