/**
 * The stat file of a process, written at each look: a few kilobytes, in one write, at the same place.
 *
 * Only its owner may read it. What a symbolic link leads to is never written. After an orderly end it says so and stays: it is the
 * next process with this path that makes it anew.
 */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { InkwireError } from '../../common/errors.ts'
import type { Snapshot } from '../snapshot.ts'
import { STAT_BYTES, readStat, writeStat, type Stat, type StatTotals } from './stat-layout.ts'

export class StatFile {
  readonly path: string
  readonly #file: number
  #generation = 0
  #last: Stat | null = null

  /** @throws InkwireError `INK_BIND_FAILED` when it cannot be made. */
  constructor(path: string) {
    this.path = path
    const flags = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0)
    try {
      this.#file = openSync(path, flags, 0o600)
      if (!fstatSync(this.#file).isFile()) throw new Error('it is no file')
      ftruncateSync(this.#file, STAT_BYTES)
    } catch (thrown) {
      const text = `the stat file ${path}: ${(thrown as Error).message}`
      throw new InkwireError('INK_BIND_FAILED', text, { cause: thrown })
    }
  }

  write(snapshot: Snapshot): void {
    this.#last = statOf(snapshot)
    this.#put(this.#last)
  }

  /** It ends in order. */
  close(): void {
    if (this.#last !== null) this.#put({ ...this.#last, life: 'ended' })
    closeSync(this.#file)
  }

  /** A full disk must not end a process: the next look tries again. */
  #put(stat: Stat): void {
    try {
      writeSync(this.#file, writeStat(stat, ++this.#generation), 0, STAT_BYTES, 0)
    } catch {
      this.#generation--
    }
  }
}

/** What a stat file says. @throws Error a sentence, when there is none, or it is something else. */
export function readStatFile(path: string): Stat {
  for (let tries = 0; tries < 100; tries++) {
    const stat = readStat(readFileSync(path))
    if (stat === 'foreign') throw new Error(`${path} is no stat file of Inkwire, or one of another version`)
    if (stat !== 'torn') return stat
  }
  throw new Error(`${path} is being written whenever it is read; try again`)
}

function statOf({ name, peers, process, atMs, everyMs, loopLagMs, counters, events, callsRunning }: Snapshot): Stat {
  const sum = (read: (peer: Snapshot['peers'][number]) => number): number =>
    peers.reduce((all, peer) => all + read(peer), 0)
  const total = (field: keyof Snapshot['counters'][string]): number =>
    Object.values(counters).reduce((all, one) => all + one[field], 0)
  const totals: StatTotals = {
    peers: peers.length,
    open: sum(({ dump }) => (dump.link === null ? 0 : 1)),
    sentMessages: total('sentMessages'),
    sentBytes: total('sentBytes'),
    receivedMessages: total('receivedMessages'),
    receivedBytes: total('receivedBytes'),
    queuedMessages: sum(({ dump }) => dump.queuedMessages),
    queuedBytes: sum(({ dump }) => dump.queuedBytes),
    heldMessages: sum(({ dump }) => dump.heldMessages),
    heldBytes: sum(({ dump }) => dump.heldBytes),
    waitingMessages: sum(({ dump }) => dump.waitingMessages),
    faults: total('faults'),
    resumes: total('resumes'),
    failedMessages: total('failedMessages'),
    failedHandlers: total('failedHandlers'),
    unhandled: events['unhandled'] ?? 0,
    rssBytes: process.rssBytes,
    heapBytes: process.heapBytes,
    callsAsked: callsRunning.asked,
    callsServed: callsRunning.served,
  }
  return {
    ...{
      name,
      pid: process.pid,
      atMs,
      startedMs: atMs - process.uptimeS * 1000,
      everyMs,
      loopLagMs,
      life: 'running',
      totals,
    },
    peers: peers.map(({ peer, why, ages, dump }) => ({
      name: peer,
      open: dump.link === null ? 0 : 1,
      severity: why.severity,
      queuedMessages: dump.queuedMessages,
      heldMessages: dump.heldMessages,
      peerMs: ages.peerMs,
      hereMs: ages.hereMs,
      faults: dump.counters.faults,
      rttMs: dump.link?.rttMs ?? -1,
    })),
  }
}
