/**
 * A link between two threads of one process: rings in memory that both have, and a port for bells.
 *
 * A bell is a message on the port. The port also tells what memory cannot: that the other thread takes the link, or has ended.
 */
import type { MessagePort } from 'node:worker_threads'
import { copyShared } from './copy-shared.ts'
import { RingLink, type RingSettings } from './ring-link.ts'
import { MAPPED_HEADER_BYTES, MappedRing } from './ring/mapped-ring.ts'
import type { Shared } from './ring-lanes.ts'
import type { Link } from './transport.ts'
import { REFUSED, TAKEN } from './worker-hub.ts'

/** What a link is made of. */
export interface WorkerEnd {
  readonly port: MessagePort
  readonly memory: SharedArrayBuffer
  readonly role: 'dialled' | 'accepted'
  readonly localAddress: string
  readonly remoteAddress: string
}

const BELL = 0

/** The memory of a link with rings of this size. */
export function linkMemory(ringBytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * (MAPPED_HEADER_BYTES + ringBytes))
}

export function workerLink(settings: RingSettings, end: WorkerEnd): Link {
  const { port, memory, role, localAddress, remoteAddress } = end
  const bell = { ring: () => port.postMessage(BELL), close: () => port.close() }
  const link = new RingLink(settings, { bell, localAddress, remoteAddress })
  port.on('message', (said: unknown) => {
    if (said === REFUSED) link.end('refused', `Nobody listens at ${remoteAddress}.`)
    else if (said === TAKEN && role === 'dialled') link.taken(sharedOf(memory, role))
    else link.woken()
  })
  port.on('close', () => link.lost('The other side broke the link off, or its thread ended.'))
  if (role === 'accepted') {
    port.postMessage(TAKEN)
    link.accepted(sharedOf(memory, role))
  }
  return link
}

function sharedOf(memory: SharedArrayBuffer, role: WorkerEnd['role']): Shared {
  const half = memory.byteLength / 2
  const [there, back] = [0, half].map(
    (offset) => new MappedRing(memory, offset, half - MAPPED_HEADER_BYTES, copyShared),
  ) as [MappedRing, MappedRing]
  const release = (): void => {
    there.release()
    back.release()
  }
  return role === 'dialled' ? { out: there, into: back, release } : { out: back, into: there, release }
}
