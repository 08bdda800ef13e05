/**
 * The laws of remote buffers, held against what owners and holders saw: a transfer ends well only where its reference allowed it,
 * and one that fails says truly why, and exactly what is placed.
 *
 * Nothing here knows how buffers work: it remembers what was lent, what was taken away from each reference on its way, and when
 * what happened. While there are faults several reasons may be true, and one of them must be given; in peace there is one. Pure.
 */
import type { BufferReason } from '../../buffers/buffer-error.ts'
import type { Shadow } from './shadow.ts'

/** One life of a party. */
export interface Life {
  readonly name: string
  isOver: boolean
}

/** What was lent. Times are those of the world's clock, in ms. */
export interface Lent {
  readonly owner: Life
  readonly id: number
  readonly shadow: Shadow
  /** What it counts of the memory of its owner; 0: a device. */
  readonly memoryBytes: number
  readonly rights: Rights
  readonly deadlineMs: number
  readonly usesMax: number
  readonly peers: readonly string[] | null
  /** Transfers that have begun for certain, and that may have. */
  usesLeast: number
  usesMost: number
  /** When it was taken back; Infinity: it was not. */
  withdrawnMs: number
}

export type Rights = 'read' | 'write' | 'read-write'

/** What a reference grants by what was done to it on its way. */
export interface Grant {
  readonly lent: Lent
  readonly rights: Rights
  readonly offset: number
  readonly length: number
  readonly deadlineMs: number
  /** Each must allow it. */
  readonly peers: readonly (readonly string[])[]
  /** Who may pass it on, and has not said otherwise. */
  readonly vias: readonly Via[]
}

/** Somebody has forwarded it. */
export interface Via {
  readonly life: Life
  isOff: boolean
}

/** A transfer. */
export interface Use {
  readonly by: Life
  readonly grant: Grant
  readonly direction: 'read' | 'write'
  readonly offset: number
  readonly length: number
  readonly startMs: number
  /** Its caller has given it up. */
  isGivenUp: boolean
}

/** The laws of remote buffers by name. A {@link BufferViolation} says in words what one was broken by. */
export type BufferLaw = 'B1' | 'B2' | 'B3' | 'B4'

/** A law of remote buffers that a run broke. */
export interface BufferViolation {
  readonly law: BufferLaw
  readonly text: string
}

/** How it ended. */
export type UseEnd = BufferReason | 'done'

/** Why it may have ended so, when faults were about until `nowMs`: true when it may. */
export function mayEnd(use: Use, end: UseEnd, nowMs: number): boolean {
  const { lent } = use.grant
  switch (end) {
    case 'done':
      return isAllowed(use) && isInRange(use) && use.startMs < lent.withdrawnMs && use.startMs < deadlineOf(use.grant)
    case 'stale':
      return nowMs >= lent.withdrawnMs
    case 'gone':
      return lent.owner.isOver
    case 'denied':
      return (
        !isAllowed(use) || use.grant.vias.some(({ life, isOff }) => isOff || life.isOver || !isPeer(use, life.name))
      )
    case 'expired':
      return nowMs >= deadlineOf(use.grant) || lent.usesMost > lent.usesMax
    case 'out-of-range':
      return !isInRange(use)
    case 'cancelled':
      return use.isGivenUp
    case 'disconnected':
    case 'quota':
      return true
    case 'failed':
      return false
  }
}

/**
 * How it must end where nothing fails and everybody is there: two ways only where nobody knows how many transfers have begun. Null:
 * who passes it on has a say, too. `isBack`: another process has the owner's name.
 */
export function mustEnd(use: Use, isBack: boolean, nowMs: number): readonly UseEnd[] | null {
  const { grant, by, direction } = use
  const { lent } = grant
  if (grant.vias.length > 0) return null
  // Its holder knows these without asking.
  if (!has(grant.rights, direction)) return ['denied']
  if (!isInRange(use)) return ['out-of-range']
  if (lent.owner.isOver) return [isBack ? 'gone' : 'disconnected']
  if (!grant.peers.every((peers) => isAmong(by.name, peers))) return ['denied']
  if (nowMs >= deadlineOf(grant)) return ['expired']
  if (nowMs >= lent.withdrawnMs) return ['stale']
  if (lent.peers !== null && !isAmong(by.name, lent.peers)) return ['denied']
  if (lent.usesLeast >= lent.usesMax) return ['expired']
  return lent.usesMost > lent.usesMax ? ['done', 'expired'] : ['done']
}

/** True when the answer is the owner's, or that of who passes on: then nothing of the transfer comes behind it. */
export function isAnswer(end: UseEnd): boolean {
  return end !== 'disconnected' && end !== 'cancelled'
}

function deadlineOf({ deadlineMs, lent }: Grant): number {
  return Math.min(deadlineMs, lent.deadlineMs)
}

/** By rights, and for who uses it, or any who may have passed it on for him. */
function isAllowed(use: Use): boolean {
  const { grant, by } = use
  const names = [by.name, ...grant.vias.map(({ life }) => life.name)]
  return has(grant.rights, use.direction) && names.some((name) => isPeer(use, name))
}

function isPeer({ grant }: Use, name: string): boolean {
  const lists = grant.lent.peers === null ? grant.peers : [...grant.peers, grant.lent.peers]
  return lists.every((peers) => isAmong(name, peers))
}

function isInRange({ grant, offset, length }: Use): boolean {
  return offset >= grant.offset && offset + length <= grant.offset + grant.length
}

function has(rights: Rights, direction: 'read' | 'write'): boolean {
  return rights === 'read-write' || rights === direction
}

function isAmong(name: string, peers: readonly string[]): boolean {
  return peers.includes(name) || peers.includes(name.slice(0, name.indexOf('.')))
}
