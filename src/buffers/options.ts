/** What callers of remote buffers hand over, checked at the edge. */
import { unawaited } from '../common/user-code.ts'
import { isBytes, localBytes } from '../common/bytes.ts'
import { InkwireError } from '../common/errors.ts'
import { UINT48_MAX } from '../common/fields.ts'
import {
  badOption,
  booleanOption,
  describe,
  numberOption,
  optionObject,
  whole,
  wholeOrInfinity,
  type Overrides,
} from '../common/options.ts'
import { claimsOfRef, peersOption, rightsOption, type BufferRef, type BufferRights } from './ref.ts'
import type { Range } from './machine/claims.ts'
import { READ, WRITE } from './machine/claims.ts'
import { BUFFERS, REFERENCE, type BufferLimits } from './machine/limits.ts'
import type { Registering } from './owner.ts'
import type { MayDial } from './reach.ts'
import {
  checkDevice,
  deviceRegion,
  memoryRegion,
  type BufferDevice,
  type BufferSink,
  type BufferSource,
  type Region,
} from './region.ts'

/** Options of `buffers()`. */
export interface BuffersOptions {
  /** Overrides of the limits in docs/LIMITS.md. Default: those. */
  readonly limits?: Overrides<BufferLimits> | undefined
  /**
   * May this address be dialled, for the buffer of this owner, or the peer that forwarded it? References name addresses, and come from
   * anybody. Only `true` is a yes: one that throws, or promises, has refused. Default: yes, as whoever uses a reference has
   * chosen to.
   */
  readonly mayDial?: MayDial | undefined
}

/** How a buffer is registered. */
export interface RegisterOptions {
  /** Default `read`. */
  readonly rights?: BufferRights | undefined
  /** For how long, in ms from now, 1 to 2^48 - 1 or Infinity. Default Infinity: until it is unregistered. */
  readonly expiresMs?: number | undefined
  /** How many transfers may begin, 1 to 2^48 - 1 or Infinity; default Infinity: any number. */
  readonly maxUses?: number | undefined
  /** Who may use it: 1 to 16 names such as `osd.3`, or types such as `osd`. Default: whoever holds the reference. */
  readonly peers?: readonly string[] | undefined
  /**
   * True: the contents ride along in the reference, as they are now; at most 8 KiB of memory that may be read by anybody, for ever.
   * What rides along cannot be taken back. Default false.
   */
  readonly inline?: boolean | undefined
}

interface TransferOptions {
  /** Where it begins, by the offsets of the whole buffer, in bytes, 0 to 2^48 - 1; default: where the reference begins. */
  readonly offset?: number | undefined
  /** How many bytes, 0 to 2^48 - 1; default: to the end of the reference, or as many as `into` or `from` has. */
  readonly length?: number | undefined
  /** Ends the transfer with the reason `cancelled`; what is in place by then stays. Default: nothing does. */
  readonly signal?: AbortSignal | undefined
  /** From now to the end, in ms, 1 to 86,400,000 or Infinity; then it fails with the reason `cancelled`. Default: none. */
  readonly timeoutMs?: number | undefined
  /**
   * Told how many bytes are placed: about every 256 KiB of a `receive()`, every MiB of a `send()`, and at the end. What it throws ends
   * the transfer; a promise is not waited for. Default: nobody is told.
   */
  readonly progress?: ((placed: number) => void) | undefined
}

/** How bytes are received. */
export interface ReceiveOptions extends TransferOptions {
  /** Where they go: memory, or a function that puts them somewhere; offset 0 is the first byte. Default: fresh memory, up to 64 MiB. */
  readonly into?: Uint8Array | BufferSink | undefined
}

/** How bytes are sent. */
export interface SendOptions extends TransferOptions {
  /** Where they come from; leave memory alone until the transfer has ended. A function needs a `length`. */
  readonly from: Uint8Array | BufferSource
}

/** A transfer, checked. */
export interface CheckedTransfer {
  readonly range: Range
  readonly region: Region
  readonly signal: AbortSignal | undefined
  readonly timeoutMs: number | undefined
  readonly progress: (placed: number) => void
  /** Where bytes are received to; null: it is the user's own business. */
  readonly memory: Uint8Array | null
}

/** What is received into memory of ours. */
const FRESH_BYTES_MAX = 64 * 1024 * 1024
const TRANSFER_OPTIONS = ['offset', 'length', 'signal', 'timeoutMs', 'progress'] as const
const DAY_MS = 24 * 3_600_000

export function checkBuffersOptions(options: BuffersOptions): { limits: BufferLimits; mayDial: MayDial } {
  const { limits: given, mayDial = () => true } = optionObject('buffers()', options, ['limits', 'mayDial'])
  if (typeof mayDial !== 'function') throw badOption(`buffers(): mayDial is a function, not ${describe(mayDial)}`)
  const overrides = optionObject('buffers(): limits', given, Object.keys(BUFFERS))
  const limits: BufferLimits = {
    registrationsMax: limit('registrationsMax', whole(1, 2 ** 24)),
    registeredBytesMax: limit('registeredBytesMax', wholeOrInfinity(0, UINT48_MAX)),
    transfersMax: limit('transfersMax', whole(1, 65_536)),
    transfersPerPeerMax: limit('transfersPerPeerMax', whole(1, 65_536)),
    forwardsMax: limit('forwardsMax', whole(0, 2 ** 20)),
    stallMs: limit('stallMs', whole(100, DAY_MS)),
    dialMs: limit('dialMs', whole(10, 600_000)),
  }
  return { limits: Object.freeze(limits), mayDial: mayDial as MayDial }

  function limit(name: keyof BufferLimits, range: Parameters<typeof numberOption>[2]): number {
    return numberOption(`buffers(): limits.${name}`, overrides[name], range, BUFFERS[name])
  }
}

export function checkRegister(buffer: Uint8Array | BufferDevice, options: RegisterOptions): Registering {
  const given = optionObject('register()', options, ['rights', 'expiresMs', 'maxUses', 'peers', 'inline'])
  const rights = rightsOption('register(): rights', given['rights'], 'read')
  const { region, size } = regionOf(buffer, rights)
  const expiresMs = numberOption('register(): expiresMs', given['expiresMs'], wholeOrInfinity(1, UINT48_MAX), Infinity)
  const usesMax = numberOption('register(): maxUses', given['maxUses'], wholeOrInfinity(1, UINT48_MAX), Infinity)
  const peers = peersOption('register(): peers', given['peers'])
  const isInline = booleanOption('register(): inline', given['inline'], false)
  if (!isInline) return { region, size, rights, expiresMs, usesMax, peers, contents: null }
  if (!isBytes(buffer) || size > REFERENCE.contentsBytesMax) {
    throw badOption(`register(): inline is for memory of up to ${REFERENCE.contentsBytesMax} bytes`)
  }
  if ((rights & READ) === 0 || usesMax !== Infinity || peers !== null) {
    throw badOption(
      'register(): what rides along can be read by anybody, as often as they like: without rights, maxUses and peers',
    )
  }
  return { region, size, rights, expiresMs, usesMax, peers, contents: buffer.slice() }
}

export function checkReceive(ref: BufferRef, options: ReceiveOptions): CheckedTransfer {
  const given = optionObject('receive()', options, [...TRANSFER_OPTIONS, 'into'])
  const { into } = given
  if (into !== undefined && !isBytes(into)) checkDevice('receive(): into', into, ['write'])
  const range = rangeOf('receive()', ref, given, isBytes(into) ? into.length : null)
  const rest = restOf('receive()', given)
  if (into !== undefined && !isBytes(into))
    return { ...rest, range, region: deviceRegion(into as BufferSink), memory: null }
  if (into === undefined && range.length > FRESH_BYTES_MAX) {
    throw badOption(`receive(): ${range.length} bytes are too many for memory of ours: say with into where they go`)
  }
  const memory = into === undefined ? new Uint8Array(range.length) : localBytes(into)
  if (memory.length < range.length) {
    throw badOption(`receive(): into has ${memory.length} bytes, and ${range.length} are asked for`)
  }
  return { ...rest, range, region: memoryRegion(memory), memory: memory.subarray(0, range.length) }
}

export function checkSend(ref: BufferRef, options: SendOptions): CheckedTransfer {
  const given = optionObject('send()', options, [...TRANSFER_OPTIONS, 'from'])
  const { from } = given
  if (!isBytes(from)) checkDevice('send(): from', from, ['read'])
  if (!isBytes(from) && given['length'] === undefined) throw badOption('send(): length says how many bytes from has')
  const range = rangeOf('send()', ref, given, isBytes(from) ? from.length : null)
  if (isBytes(from) && from.length < range.length) {
    throw badOption(`send(): from has ${from.length} bytes, and ${range.length} are to be sent`)
  }
  const region = isBytes(from) ? memoryRegion(localBytes(from)) : deviceRegion(from as BufferSource)
  return { ...restOf('send()', given), range, region, memory: null }
}

function regionOf(buffer: unknown, rights: number): { region: Region; size: number } {
  if (isBytes(buffer)) return { region: memoryRegion(localBytes(buffer)), size: buffer.length }
  const methods = [
    ...((rights & READ) === 0 ? [] : (['read'] as const)),
    ...((rights & WRITE) === 0 ? [] : (['write'] as const)),
  ]
  checkDevice('register()', buffer, methods)
  const device = buffer as BufferDevice
  if (device.size === undefined) throw badOption('register(): a buffer that is no memory has a size')
  return { region: deviceRegion(device), size: numberOption('register(): size', device.size, whole(0, UINT48_MAX), 0) }
}

/** `bytes`: what the caller's memory has; null: it is no memory. */
function rangeOf(what: string, ref: BufferRef, given: Record<string, unknown>, bytes: number | null): Range {
  const { range } = claimsOfRef(ref)
  const offset = numberOption(`${what}: offset`, given['offset'], whole(0, UINT48_MAX), range.offset)
  const rest = Math.max(0, range.offset + range.length - offset)
  const fallback = bytes === null ? rest : what === 'send()' ? bytes : Math.min(bytes, rest)
  return { offset, length: numberOption(`${what}: length`, given['length'], whole(0, UINT48_MAX), fallback) }
}

function restOf(what: string, given: Record<string, unknown>): Omit<CheckedTransfer, 'range' | 'region' | 'memory'> {
  const { signal, timeoutMs, progress } = given
  if (!isSignal(signal)) {
    throw new InkwireError('INK_BAD_ARGUMENT', `${what}: signal is an AbortSignal, not ${describe(signal)}`)
  }
  if (progress !== undefined && typeof progress !== 'function') {
    throw new InkwireError('INK_BAD_ARGUMENT', `${what}: progress is a function, not ${describe(progress)}`)
  }
  if (timeoutMs !== undefined) numberOption(`${what}: timeoutMs`, timeoutMs, wholeOrInfinity(1, DAY_MS), 1)
  const told = progress as ((placed: number) => unknown) | undefined
  return {
    signal,
    timeoutMs: timeoutMs === Infinity ? undefined : (timeoutMs as number | undefined),
    progress: (placed) => {
      unawaited(told?.(placed))
    },
  }
}

/** Also one of another realm. */
function isSignal(signal: unknown): signal is AbortSignal | undefined {
  const { addEventListener } = (signal ?? {}) as Partial<AbortSignal>
  return signal === undefined || typeof addEventListener === 'function'
}
