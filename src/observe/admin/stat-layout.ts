/**
 * The fixed layout of a stat file: counters of a process that another one reads, also when the first one hangs or is dead.
 *
 * Little-endian, version 1. The same generation stands at the beginning and at the end: when they differ, it is read while it is
 * written, and read again. Pure: bytes in, bytes out.
 *
 *     0  8  'INKSTAT1'     8  f64 generation      16  f64 wall time of the write, ms    24  f64 everyMs
 *    32  f64 pid          40  f64 started, ms     48  f64 lag of the loop, ms           56  f64 life: 0 running, 1 ended in order
 *    64  24 × f64 totals, in the order of TOTALS
 *   256  64 bytes name    320  f64 count of peers 328  64 × 128 bytes peers: 64 bytes name, 8 × f64 in the order of PEER
 *  8520  f64 generation
 */
export const TOTALS = [
  ...[
    'peers',
    'open',
    'sentMessages',
    'sentBytes',
    'receivedMessages',
    'receivedBytes',
    'queuedMessages',
    'queuedBytes',
  ],
  ...[
    'heldMessages',
    'heldBytes',
    'waitingMessages',
    'faults',
    'resumes',
    'failedMessages',
    'failedHandlers',
    'unhandled',
  ],
  ...['rssBytes', 'heapBytes', 'callsAsked', 'callsServed'],
] as const
export const PEER = [
  'open',
  'severity',
  'queuedMessages',
  'heldMessages',
  'peerMs',
  'hereMs',
  'faults',
  'rttMs',
] as const

export type StatTotals = { readonly [Name in (typeof TOTALS)[number]]: number }
export type StatPeer = { readonly name: string } & { readonly [Name in (typeof PEER)[number]]: number }

export interface Stat {
  readonly name: string
  readonly pid: number
  /** Wall times, in ms since 1970. */
  readonly atMs: number
  readonly startedMs: number
  readonly everyMs: number
  readonly loopLagMs: number
  readonly life: 'running' | 'ended'
  readonly totals: StatTotals
  /** The first 64. */
  readonly peers: readonly StatPeer[]
}

const MAGIC = 'INKSTAT1'
const NAME_BYTES = 64
const PEERS_MAX = 64
const PEER_BYTES = 128
const TOTALS_AT = 64
const NAME_AT = 256
const COUNT_AT = 320
const PEERS_AT = 328
const END_AT = PEERS_AT + PEERS_MAX * PEER_BYTES

export const STAT_BYTES = END_AT + 8

export function writeStat(stat: Stat, generation: number): Uint8Array {
  const bytes = new Uint8Array(STAT_BYTES)
  const view = new DataView(bytes.buffer)
  const put = (at: number, values: readonly number[]): void => {
    values.forEach((value, index) => {
      view.setFloat64(at + 8 * index, value, true)
    })
  }
  const name = (at: number, text: string): void =>
    void new TextEncoder().encodeInto(text, bytes.subarray(at, at + NAME_BYTES))
  name(0, MAGIC)
  put(8, [
    generation,
    stat.atMs,
    stat.everyMs,
    stat.pid,
    stat.startedMs,
    stat.loopLagMs,
    stat.life === 'running' ? 0 : 1,
  ])
  put(
    TOTALS_AT,
    TOTALS.map((total) => stat.totals[total]),
  )
  name(NAME_AT, stat.name)
  const peers = stat.peers.slice(0, PEERS_MAX)
  put(COUNT_AT, [peers.length])
  peers.forEach((peer, index) => {
    const at = PEERS_AT + PEER_BYTES * index
    name(at, peer.name)
    put(
      at + NAME_BYTES,
      PEER.map((field) => peer[field]),
    )
  })
  put(END_AT, [generation])
  return bytes
}

/** What the bytes say; a text: why they say nothing (`torn`: they were read while they were written). */
export function readStat(bytes: Uint8Array): Stat | 'torn' | 'foreign' {
  if (bytes.length !== STAT_BYTES) return 'foreign'
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const number = (at: number): number => view.getFloat64(at, true)
  const name = (at: number): string => {
    const end = bytes.subarray(at, at + NAME_BYTES).indexOf(0)
    return new TextDecoder().decode(bytes.subarray(at, at + (end < 0 ? NAME_BYTES : end)))
  }
  if (new TextDecoder().decode(bytes.subarray(0, MAGIC.length)) !== MAGIC) return 'foreign'
  if (number(8) !== number(END_AT)) return 'torn'
  const peers: StatPeer[] = []
  for (let index = 0; index < Math.min(PEERS_MAX, number(COUNT_AT)); index++) {
    const at = PEERS_AT + PEER_BYTES * index
    const fields = PEER.map((field, at8) => [field, number(at + NAME_BYTES + 8 * at8)])
    peers.push({ ...Object.fromEntries(fields), name: name(at) } as StatPeer)
  }
  return {
    name: name(NAME_AT),
    pid: number(32),
    atMs: number(16),
    startedMs: number(40),
    everyMs: number(24),
    loopLagMs: number(48),
    life: number(56) === 0 ? 'running' : 'ended',
    totals: Object.fromEntries(TOTALS.map((total, index) => [total, number(TOTALS_AT + 8 * index)])) as StatTotals,
    peers,
  }
}
