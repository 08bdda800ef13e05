/**
 * The shared memory transport: `shm://@osd.3` or `shm:///run/osd.3.shm`, between processes of one user on one Linux host.
 *
 * Bytes go through a ring in each direction, and no system call is made for them while both ends are awake and the memory is
 * mapped. The address is that of a Unix socket, on which memory is agreed upon, and which carries bells afterwards; it also tells
 * of the end of a process, however that came. The memory has no name, and nothing of it is left behind.
 */
import { badOption, booleanOption, describe, numberOption, optionObject, whole } from '../../common/options.ts'
import { formatAddress } from '../address.ts'
import { isRingSize, RING_BYTES_MIN } from '../ring/ring.ts'
import { ringWatch } from '../ring-watch.ts'
import type { Address, Link, Listener, ListenOptions, Transport } from '../transport.ts'
import { listenAtPlace } from '../unix-listener.ts'
import { UNIX_OPTIONS, unixSettings, type UnixOptions } from '../unix-options.ts'
import { parsePlace } from '../unix-place.ts'
import { vouchFor } from '../vouched.ts'
import { SetUps } from './accepted.ts'
import { dialShared } from './dialled.ts'
import { Door } from './door.ts'
import { nativeMemory, type NativeMemory } from './native-memory.ts'
import type { SharedSettings } from './settings.ts'

/**
 * Options of {@link sharedMemory}, beside those of the Unix socket that it is set up on. Whatever `mode` says, memory is of one
 * user; `highWaterBytes` is of what waits for room in the ring.
 */
export interface SharedMemoryOptions extends UnixOptions {
  /**
   * How memory is reached. `auto` maps it where the package koffi is installed or Node has `node:ffi`, and reads and writes it as a
   * file elsewhere; `mapped` is an error where it cannot be mapped; `file` maps nothing. Default `auto`.
   */
  readonly access?: 'auto' | 'mapped' | 'file' | undefined
  /** Bytes of shared memory of a link that is dialled, in each direction; a power of two from 4,096 to 2^26. Default 1 MiB. */
  readonly ringBytes?: number | undefined
  /** The largest rings that a link may have which arrives, 4 KiB to 64 MiB; another one is refused. Default 16 MiB. */
  readonly ringBytesMax?: number | undefined
  /** How long a process that has arrived may take to offer memory, in ms, 1 or more. Default 5,000. */
  readonly setUpTimeoutMs?: number | undefined
  /** How many processes may be at that at once, 1 or more; the oldest makes room. Default 64. */
  readonly setUpsMax?: number | undefined
}

const MAX = 2 ** 31 - 1
const RING_BYTES_LIMIT = 2 ** 26
const OPTIONS = ['access', 'ringBytes', 'ringBytesMax', 'setUpTimeoutMs', 'setUpsMax', ...UNIX_OPTIONS] as const

/**
 * Dials and listens between processes of one user. Where memory cannot be shared after all, such as with another container, a dial
 * fails and says why: a session that tries it as a path stays where it is.
 *
 * @example
 * new Messenger({ name, policies, transports: [tcp(), sharedMemory()], paths: ['shm', 'tcp'] })
 * @throws InkwireError `INK_BAD_OPTION`; also on other systems than Linux.
 */
export function sharedMemory(options?: SharedMemoryOptions): Transport {
  const settings = resolve(options)
  return vouchFor({
    scheme: 'shm',
    parse: (address) => parsePlace('shm', address),
    listen: (address, onLink, listenOptions) => listen(settings, parsePlace('shm', address), onLink, listenOptions),
    dial: (given) => {
      const address = parsePlace('shm', given)
      return dialShared(settings, address.host, formatAddress(address))
    },
  })
}

async function listen(
  settings: SharedSettings,
  address: Address,
  onLink: (link: Link) => void,
  options?: ListenOptions,
): Promise<Listener> {
  const onMissed = (reason: string): void => options?.onMissed?.(reason)
  const setUps = new SetUps({ settings, localAddress: formatAddress(address), onLink, onMissed })
  const listener = await listenAtPlace(settings, address, (origin) => setUps.add(new Door(origin)), options)
  return {
    address: listener.address,
    close: () => {
      setUps.end()
      return listener.close()
    },
  }
}

function resolve(options: SharedMemoryOptions | undefined): SharedSettings {
  optionObject('sharedMemory()', options, OPTIONS)
  if (process.platform !== 'linux') throw badOption('sharedMemory() needs Linux; leave it out of transports elsewhere')
  const ring = whole(RING_BYTES_MIN, RING_BYTES_LIMIT)
  const ringBytes = numberOption('ringBytes', options?.ringBytes, ring, 1024 * 1024)
  if (!isRingSize(ringBytes)) throw badOption(`ringBytes must be a power of two, got ${ringBytes}`)
  return Object.freeze({
    native: nativeOf(options?.access ?? 'auto'),
    ringBytes,
    ringBytesMax: numberOption('ringBytesMax', options?.ringBytesMax, ring, 16 * 1024 * 1024),
    setUpTimeoutMs: numberOption('setUpTimeoutMs', options?.setUpTimeoutMs, whole(1, MAX), 5000),
    setUpsMax: numberOption('setUpsMax', options?.setUpsMax, whole(1, MAX), 64),
    ...unixSettings(options),
    watch: booleanOption('busyPoll', options?.busyPoll, true) ? ringWatch : null,
  })
}

function nativeOf(access: unknown): NativeMemory | null {
  if (access === 'file') return null
  if (access !== 'auto' && access !== 'mapped')
    throw badOption(`access must be 'auto', 'mapped' or 'file', not ${describe(access)}`)
  const native = nativeMemory()
  if (native === null && access === 'mapped')
    throw badOption("access: 'mapped' needs the package koffi, or a Node with node:ffi; install koffi, or say 'auto'")
  return native
}
