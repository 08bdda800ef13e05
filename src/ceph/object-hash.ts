/**
 * From the name of an object to its placement group, as every client and OSD computes it.
 *
 * The name (behind its namespace and a separator, if it has one) goes through Jenkins' hash of 1996; the hash is folded to
 * the number of groups so that doubling the number splits each group in two and moves nothing else.
 */
import { concat } from '../common/bytes.ts'
import { InkwireError } from '../common/errors.ts'
import type { NamedPool } from './messages/osd-map.ts'
import type { PlacementGroup } from './messages/placement.ts'

const JENKINS = 2
const GOLDEN = 0x9e3779b9
const SEPARATOR = 0x1f
const BLOCK_BYTES = 12
const TEXT = new TextEncoder()

/** An object's place in a pool. The shard is -1: which one answers for an erasure-coded object is not in its name. */
export interface ObjectPlace {
  readonly hash: number
  readonly group: PlacementGroup
}

/**
 * Where an object of a pool belongs, computed as Ceph does. Throws `INK_INCOMPATIBLE` for a pool that hashes in a way
 * that is not known here.
 */
export function placeOf(pool: NamedPool, object: string, namespace = ''): ObjectPlace {
  if (pool.objectHash !== JENKINS || pool.pgNum < 1) {
    const why = `the pool ${pool.name} hashes names with method ${pool.objectHash} into ${pool.pgNum} groups`
    throw new InkwireError('INK_INCOMPATIBLE', `${why}: only method ${JENKINS}, rjenkins, is known here`)
  }
  const name = TEXT.encode(object)
  const key = namespace === '' ? name : concat([TEXT.encode(namespace), Uint8Array.of(SEPARATOR), name])
  const hash = jenkinsHash(key)
  return { hash, group: { pool: pool.id, seed: folded(hash, pool.pgNum), shard: -1 } }
}

/** `hash` modulo the number of groups, such that a growing number splits groups. */
function folded(hash: number, groups: number): number {
  const mask = groups < 2 ? 0 : 2 ** (32 - Math.clz32(groups - 1)) - 1
  const seed = (hash & mask) >>> 0
  return seed < groups ? seed : (hash & (mask >>> 1)) >>> 0
}

/** 32 bits. */
export function jenkinsHash(bytes: Uint8Array): number {
  const state: State = { a: GOLDEN | 0, b: GOLDEN | 0, c: 0 }
  let at = 0
  for (; bytes.length - at >= BLOCK_BYTES; at += BLOCK_BYTES) {
    state.a = (state.a + word(bytes, at)) | 0
    state.b = (state.b + word(bytes, at + 4)) | 0
    state.c = (state.c + word(bytes, at + 8)) | 0
    mix(state)
  }
  state.a = (state.a + word(bytes, at)) | 0
  state.b = (state.b + word(bytes, at + 4)) | 0
  // The lowest byte of the last word is the length.
  state.c = (state.c + bytes.length + (word(bytes, at + 8) << 8)) | 0
  mix(state)
  return state.c >>> 0
}

interface State {
  a: number
  b: number
  c: number
}

/** Little-endian; what lies behind the end is zero. */
function word(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 4)
  return a | (b << 8) | (c << 16) | (d << 24)
}

function mix(state: State): void {
  let { a, b, c } = state
  a = (a - b - c) ^ (c >>> 13)
  b = (b - c - a) ^ (a << 8)
  c = (c - a - b) ^ (b >>> 13)
  a = (a - b - c) ^ (c >>> 12)
  b = (b - c - a) ^ (a << 16)
  c = (c - a - b) ^ (b >>> 5)
  a = (a - b - c) ^ (c >>> 3)
  b = (b - c - a) ^ (a << 10)
  c = (c - a - b) ^ (b >>> 15)
  Object.assign(state, { a, b, c })
}
