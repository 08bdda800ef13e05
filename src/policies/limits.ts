/**
 * Every default limit of the library in one table, with its reason beside it. docs/LIMITS.md says what happens at each.
 *
 * Whatever a peer can make this side hold, wait for or repeat has a number here. Those of {@link MessengerLimits} can
 * be changed with `new Messenger({ limits })`, those of the policies with the options of the four factories, and those
 * of `auth` not at all.
 */
import type { Backoff } from './backoff.ts'
import type { Keepalive } from './keepalive.ts'
import type { Budget } from './policy.ts'
import { numberOption, optionObject, whole } from '../common/options.ts'
import type { NumberRange, Overrides } from '../common/options.ts'

/** What `new Messenger({ limits })` may change. */
export interface MessengerLimits {
  /** All that a peer may send before it is authenticated, in bytes: 1,024 to 65,536, default 4,096. */
  readonly handshakeBytes: number
  /** From an accepted link to a confirmed session, in ms: 10 to 2,147,483,647, default 5,000. */
  readonly handshakeTimeoutMs: number
  /** Largest payload of a received frame, in bytes: 4,096 to 67,108,864, default 524,288. */
  readonly frameBytes: number
  /** A batch is closed when its messages have this many bytes: 1 to 67,108,864, default 65,536. */
  readonly batchBytes: number
  /** A batch is closed when it has this many messages: 1 to 65,535, default 4,096. */
  readonly batchMessages: number
  /** A message above `batchBytes` travels alone, in chunks of this many bytes: 1,024 to 67,108,864, default 131,072. */
  readonly chunkBytes: number
  /**
   * Accepted links that do not carry a session, or not yet, and that the transport still holds, in the whole
   * messenger: 1 to 1,048,576, default 1,024.
   */
  readonly halfOpenLinksMax: number
  /**
   * Events about refused links in a second; above it one event counts the rest of the second: 0 to 1,048,576, default
   * 32.
   */
  readonly refusalsToldMax: number
  /** Dials of one connection in a second: 1 to 1,048,576, default 16. */
  readonly dialsPerSecondMax: number
  /** Dials in a second to where peers say that they are, in the whole messenger: 1 to 1,048,576, default 256. */
  readonly redialsPerSecondMax: number
  /** Dials in a row to where a peer says that it is, until it comes by itself: 1 to 1,048,576, default 24. */
  readonly redialTriesMax: number
  /** Connections of the messenger, in whatever state: 1 to 1,048,576, default 16,384. */
  readonly connectionsMax: number
  /**
   * What received messages may cost until their handlers have finished, in the whole messenger, in bytes: 65,536 to
   * 1,099,511,627,776, default 1,073,741,824.
   */
  readonly heldBytesMax: number
  /** The same, of one proved name, in bytes: 65,536 to 1,099,511,627,776, default 268,435,456. */
  readonly heldBytesPerNameMax: number
  /** Connections that one proved name may make this messenger keep, in whatever state: 1 to 1,048,576, default 256. */
  readonly connectionsPerNameMax: number
  /**
   * Names without a session of which replaced instances are remembered, up to 16 each; and as many with offered ids,
   * up to 64: 1 to 1,048,576, default 4,096.
   */
  readonly goneInstancesMax: number
  /**
   * How long a session that was promised and never confirmed is remembered, in ms: 1 to 2,147,483,647, default
   * 60,000.
   */
  readonly tentativeMs: number
  /**
   * How long the loser of a race waits for the winner's link before it dials again, in ms: 1 to 2,147,483,647,
   * default 30.
   */
  readonly yieldMs: number
  /** How long `close()` and `shutdown()` wait for acks, in ms: 0 to 2,147,483,647, default 10,000. */
  readonly drainTimeoutMs: number
  /** Longest time that an ack waits for data to ride on, in ms: 0 to 1,000, default 5. */
  readonly ackDelayMs: number
  /** An ack is sent at once when it covers this many messages: 1 to 16,777,216, default 2,048. */
  readonly ackEveryMessages: number
  /** An ack is sent at once when it covers this many bytes: 1 to 67,108,864, default 2,097,152. */
  readonly ackEveryBytes: number
  /** How long handlers may keep the event loop before input is read again, in ms: 1 to 1,000, default 4. */
  readonly dispatchTurnMs: number
  /** How far a peer's clock may pull this one's hybrid logical clock ahead, in ms: 0 to 86,400,000, default 500. */
  readonly maxDriftMs: number
}

/** Every default. */
export interface Limits extends MessengerLimits {
  readonly throttle: Budget
  readonly window: Budget
  readonly replay: Budget
  readonly highWater: number
  /** By kind of policy; lossy sessions have no standby. */
  readonly standbyMs: { readonly losslessClient: number; readonly losslessServer: number; readonly peer: number }
  readonly probeMs: number
  readonly keepalive: Keepalive
  readonly backoff: Backoff
  readonly connectTimeoutMs: number
  readonly concurrency: number
  readonly auth: {
    readonly nonceBytes: number
    readonly secretBytesMin: number
    readonly secretBytesMax: number
    readonly keysMax: number
  }
}

const KIB = 1024
const MIB = 1024 * KIB
const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS

/** The defaults of the library. */
export const LIMITS: Limits = deepFreeze({
  // A whole first flight with eight addresses and two sessions to resume is below 1.5 KiB; 1024 strangers hold 4 MiB.
  handshakeBytes: 4 * KIB,
  // Three flights at a round trip of 300 ms and one lost packet; a silent stranger is gone soon.
  handshakeTimeoutMs: 5 * SECOND_MS,
  // More than twice the largest frame of these defaults, so that peers may use larger batches. A sender keeps to it.
  frameBytes: 512 * KIB,
  // Beyond this a larger batch is not measurably faster, and what follows it would wait longer.
  batchBytes: 64 * KIB,
  // Small messages are mostly record: with 32 bytes for each, a full batch has 192 KiB.
  batchMessages: 4096,
  // A high-priority message waits for at most one chunk: 1 ms at 1 Gbit/s, 0.1 ms at 10 Gbit/s.
  chunkBytes: 128 * KIB,
  // A rack that comes back dials at once; beyond this it is a flood, and the oldest half-open link makes room.
  halfOpenLinksMax: 1024,
  // All that a person reads, or a log keeps without harm; a flood is one line a second beside it.
  refusalsToldMax: 32,
  // Two ends that cross, and links that are cut again and again, need a few; a peer that leads us on gets no more.
  dialsPerSecondMax: 16,
  // A rack of peers that lost their links is found again in a second; a scan of a network by our hand takes its time.
  redialsPerSecondMax: 256,
  // Over two minutes with the usual backoff: then it is down, or lied, and comes by itself or not at all.
  redialTriesMax: 24,
  // Each costs some 10 KiB when idle: 160 MiB. The usual limit of open files is below it.
  connectionsMax: 16384,
  // A quarter of the heap that Node.js has on a host of usual size, and sixteen windows.
  heldBytesMax: 1024 * MIB,
  // Three connections with full windows, overhead included; a heap of 512 MiB bears it.
  heldBytesPerNameMax: 256 * MIB,
  // More than any pool of connections needs, and a sixty-fourth of all of them.
  connectionsPerNameMax: 256,
  // Some 500 bytes each, rarely more. Names with a session do not count: nobody makes theirs forgotten.
  goneInstancesMax: 4096,
  // Three times the longest backoff and a dial: an establishment that was cut is continued, not reset.
  tentativeMs: MINUTE_MS,
  // Longer than a round trip in a data centre, short enough that a pair with one working direction does not notice.
  yieldMs: 30,
  // As long as a service manager usually leaves a service for stopping, less a margin.
  drainTimeoutMs: 10 * SECOND_MS,
  // Replies of a storage service mostly come sooner, and carry the ack for nothing.
  ackDelayMs: 5,
  // A 32nd of the window: an ack costs a write on one side and a read on the other, some 10 µs for both.
  ackEveryMessages: 2048,
  // A 32nd of the window, too: at 10 Gbit/s an ack every 1.7 ms, well before 64 MiB run dry.
  ackEveryBytes: 2 * MIB,
  // Below what a person or a keepalive notices; long enough to run hundreds of small handlers per turn.
  dispatchTurnMs: 4,
  // Ten times what NTP leaves between hosts of one site. A broken clock cannot pull everybody into the future.
  maxDriftMs: 500,

  // The windows bound each connection already; a service that fears the sum of them sets this.
  throttle: { messages: Infinity, bytes: Infinity },
  // 50 ms at 10 Gbit/s. A message must fit whole into the window of its receiver, so this is the largest message too.
  window: { messages: 65536, bytes: 64 * MIB },
  // Twice the window: what one full window holds up can wait as much again behind it.
  replay: { messages: 131072, bytes: 128 * MIB },
  // 16 Ki messages or 16 MiB ahead: 13 ms at 10 Gbit/s, and few enough to die young in the garbage collector (measured:
  // a fifth of the sender's time at 64 B). A careless sender has seven times as much before send() throws.
  highWater: 0.125,
  // Clients come and go, and a server must forget: ten minutes outlast a reboot. Clients and peers chose whom to call,
  // and only they know when to stop: they keep on until told.
  standbyMs: { losslessClient: Infinity, losslessServer: 10 * MINUTE_MS, peer: Infinity },
  // A side that cannot be dialled learns within a second or so that the other has work for it.
  probeMs: SECOND_MS,
  // Three intervals: one lost probe and its answer are no fault, a dead host is noticed in half a minute.
  keepalive: { intervalMs: 10 * SECOND_MS, timeoutMs: 30 * SECOND_MS },
  // Ceph: 200 ms to 15 s without jitter. A restarted process is found sooner, and a herd spreads over half the wait.
  backoff: { firstMs: 50, maxMs: 10 * SECOND_MS, jitter: 0.5 },
  // As Ceph's ms_connection_ready_timeout: two SYN retries of Linux (1 s, 2 s) and a slow handshake.
  connectTimeoutMs: 10 * SECOND_MS,
  // Handlers that wait for disks profit from hundreds; beyond, they only hold memory.
  concurrency: 1024,

  auth: {
    // The length of a SHA-256: no two handshakes ever share one.
    nonceBytes: 32,
    // 128 bits, if they are random.
    secretBytesMin: 16,
    // No key is longer; a file that was pasted by mistake is.
    secretBytesMax: 1024,
    // One per daemon of a large cluster.
    keysMax: 16384,
  },
})

/** The longest time that a timer of Node.js can be set to, in ms: 24.8 days. A longer one would fire at once. */
export const TIMER_MS_MAX = 2 ** 31 - 1

/** Enough for any queue in memory, and far from where a count loses precision on the wire. */
export const QUEUE_MESSAGES_MAX = 2 ** 24

const MESSENGER_RANGES: Readonly<Record<keyof MessengerLimits, NumberRange>> = {
  handshakeBytes: whole(1024, 64 * KIB),
  handshakeTimeoutMs: whole(10, TIMER_MS_MAX),
  frameBytes: whole(4 * KIB, 64 * MIB),
  batchBytes: whole(1, 64 * MIB),
  batchMessages: whole(1, 65535),
  chunkBytes: whole(KIB, 64 * MIB),
  halfOpenLinksMax: whole(1, 2 ** 20),
  refusalsToldMax: whole(0, 2 ** 20),
  dialsPerSecondMax: whole(1, 2 ** 20),
  redialsPerSecondMax: whole(1, 2 ** 20),
  redialTriesMax: whole(1, 2 ** 20),
  connectionsMax: whole(1, 2 ** 20),
  heldBytesMax: whole(64 * KIB, 2 ** 40),
  heldBytesPerNameMax: whole(64 * KIB, 2 ** 40),
  connectionsPerNameMax: whole(1, 2 ** 20),
  goneInstancesMax: whole(1, 2 ** 20),
  tentativeMs: whole(1, TIMER_MS_MAX),
  yieldMs: whole(1, TIMER_MS_MAX),
  drainTimeoutMs: whole(0, TIMER_MS_MAX),
  ackDelayMs: whole(0, SECOND_MS),
  ackEveryMessages: whole(1, QUEUE_MESSAGES_MAX),
  ackEveryBytes: whole(1, 64 * MIB),
  dispatchTurnMs: whole(1, SECOND_MS),
  maxDriftMs: whole(0, 24 * 60 * MINUTE_MS),
}

/** The names that `new Messenger({ limits })` takes. */
export const MESSENGER_LIMIT_NAMES = Object.keys(MESSENGER_RANGES) as readonly (keyof MessengerLimits)[]

/** The limits of one messenger: the defaults, with what `overrides` changes. Throws INK_BAD_OPTION. */
export function resolveLimits(overrides?: Overrides<MessengerLimits>): MessengerLimits {
  const given = optionObject('new Messenger({ limits })', overrides, MESSENGER_LIMIT_NAMES)
  // A copy, not an empty object that is filled by name: with so many names V8 makes that a hash table, and looks each up.
  const limits: Record<keyof MessengerLimits, number> = { ...LIMITS }
  for (const name of MESSENGER_LIMIT_NAMES) {
    limits[name] = numberOption(`limits.${name}`, given[name], MESSENGER_RANGES[name], LIMITS[name])
  }
  return Object.freeze(limits)
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) deepFreeze(inner as object)
  return Object.freeze(value)
}
