/**
 * Which view of a partitioned group may act: the primary one, by votes. And what each member brings into a change beside its log.
 *
 * Votes belong to entity names, so that two members of one process have one vote, and a process that starts again has its old one. Every
 * member computes the same from what all brought, so nobody has to announce it. Two majorities of the same votes share a
 * name, and a name is in one view at a time: there are never two primary views, but for `twoNode`, which needs a fence. Pure.
 */
import { ATTEMPTS_MAX, attempted, electorates, memoryBytes, merged, readMemory, type Memory } from './electorate.ts'
import type { MemberId, ViewChange } from './terms.ts'

/** Who wins of two halves. */
export type TieBreak = 'none' | 'lowest' | 'highest' | { readonly name: string }

export interface Quorum {
  /** By entity name. */
  readonly votes: ReadonlyMap<string, number>
  /** After a start, no view is primary before one had all names. */
  readonly waitForAll: boolean
  readonly tieBreak: TieBreak
  /** Of two names, one is enough. */
  readonly twoNode: boolean
  /** The majority is one of the last primary view, not of all names. */
  readonly lastManStanding: boolean
}

/** What a member brings. */
export interface Account {
  /** It was in a view with all names, or with who was. */
  readonly hasSeenAll: boolean
  /** Its view was primary. */
  readonly wasPrimary: boolean
  /** Its application has the state of its view. */
  readonly hasState: boolean
  /** The number of the last primary view that this state has been through; 0: of none. */
  readonly era: number
}

const SEEN_ALL = 1
const PRIMARY = 2
const STATE = 4
const BITS_BYTES = 1
/** Of a number that is exact up to 2^53, as those of views are. */
const ERA_BYTES = 8

/** What it remembers of primary views follows its account. */
export function accountBytes(
  { isPrimary, hasSeenAll, era, memory }: Standing,
  hasState: boolean,
  quorum: Quorum | null,
): Uint8Array {
  const rest = memoryBytes(memory, [...(quorum?.votes.keys() ?? [])])
  const bytes = new Uint8Array(BITS_BYTES + ERA_BYTES + rest.length)
  const out = new DataView(bytes.buffer)
  out.setUint8(0, (hasSeenAll ? SEEN_ALL : 0) | (isPrimary ? PRIMARY : 0) | (hasState ? STATE : 0))
  out.setFloat64(BITS_BYTES, era)
  bytes.set(rest, BITS_BYTES + ERA_BYTES)
  return bytes
}

/** What is not there was not so. */
export function readAccount(bytes: Uint8Array): Account {
  const bits = bytes[0] ?? 0
  return {
    hasSeenAll: (bits & SEEN_ALL) !== 0,
    wasPrimary: (bits & PRIMARY) !== 0,
    hasState: (bits & STATE) !== 0,
    era: readEra(bytes),
  }
}

/** A peer may write anything there. */
function readEra({ buffer, byteOffset, length }: Uint8Array): number {
  if (length < BITS_BYTES + ERA_BYTES) return 0
  const era = new DataView(buffer, byteOffset).getFloat64(BITS_BYTES)
  return Number.isSafeInteger(era) && era > 0 ? era : 0
}

/** The entity name in a member's id. */
export function nameOf(member: MemberId): string {
  return member.slice(0, Math.max(0, member.lastIndexOf('/')))
}

export interface Standing {
  readonly isPrimary: boolean
  readonly hasSeenAll: boolean
  readonly era: number
  /** Of primary views, for `lastManStanding`; null: none. */
  readonly memory: Memory | null
}

/** What a member was in its last view, as it says itself. */
export function standingIn(bytes: Uint8Array, quorum: Quorum | null): Standing {
  const { wasPrimary: isPrimary, hasSeenAll, era } = readAccount(bytes)
  return { isPrimary, hasSeenAll, era, memory: quorum === null ? null : memoryIn(bytes, quorum) }
}

function memoryIn(bytes: Uint8Array, { votes, lastManStanding }: Quorum): Memory | null {
  return lastManStanding ? readMemory(bytes.subarray(BITS_BYTES + ERA_BYTES), [...votes.keys()]) : null
}

/** Without a quorum every view may act, and none is later than another. */
export function standingOf(quorum: Quorum | null, change: ViewChange): Standing {
  if (quorum === null) return { isPrimary: true, hasSeenAll: true, era: 0, memory: null }
  const { view, lineages } = change
  const all = [...quorum.votes.keys()]
  const names = new Set(view.members.map(nameOf))
  const here = all.filter((name) => names.has(name))
  const hasAll = here.length === all.length
  const hasSeenAll =
    hasAll || lineages.some(({ accounts }) => accounts.some(([, bytes]) => readAccount(bytes).hasSeenAll))
  const { isPrimary, memory } = quorum.lastManStanding
    ? remembered(quorum, change, here)
    : { isPrimary: (hasSeenAll || !quorum.waitForAll) && hasMajority(quorum, all, names), memory: null }
  return { isPrimary, hasSeenAll, era: isPrimary ? view.id.number : heritageOf(change).era, memory }
}

/** By what its members remember of primary views; who remembers nothing does not count. `here`: the names in it that have votes. */
function remembered(
  quorum: Quorum,
  { view, lineages }: ViewChange,
  here: readonly string[],
): Pick<Standing, 'isPrimary' | 'memory'> {
  const hasAll = here.length === quorum.votes.size
  const counting = new Set<string>()
  const memories: Memory[] = []
  for (const [member, bytes] of lineages.flatMap(({ accounts }) => accounts)) {
    const memory = memoryIn(bytes, quorum)
    if (memory === null) continue
    memories.push(memory)
    if (view.members.includes(member)) counting.add(nameOf(member))
  }
  const before = merged(memories) ?? (hasAll ? { electors: { era: 0, names: here }, attempts: [] } : null)
  if (before === null) return { isPrimary: false, memory: null }
  // With all names there is nobody else; for that view one place is always kept.
  const isPrimary =
    hasAll ||
    (before.attempts.length < ATTEMPTS_MAX - 1 &&
      electorates(before).every(({ names }) => hasMajority(quorum, names, counting)))
  const now = { era: view.id.number, names: here }
  return { isPrimary, memory: isPrimary ? attempted(before, now) : before }
}

/** Of the votes of those electors. */
function hasMajority(
  { votes, tieBreak, twoNode }: Quorum,
  electors: readonly string[],
  names: ReadonlySet<string>,
): boolean {
  let [here, all] = [0, 0]
  for (const name of electors) {
    const count = votes.get(name) ?? 0
    all += count
    if (names.has(name)) here += count
  }
  if (twoNode) return here > 0
  return here * 2 > all || (here * 2 === all && here > 0 && winsTie(votes, electors, tieBreak, names))
}

function winsTie(
  votes: Quorum['votes'],
  electors: readonly string[],
  tieBreak: TieBreak,
  names: ReadonlySet<string>,
): boolean {
  const voters = electors.filter((name) => votes.get(name) !== 0).sort((one, other) => (one < other ? -1 : 1))
  switch (tieBreak) {
    case 'none':
      return false
    case 'lowest':
      return names.has(voters[0] ?? '')
    case 'highest':
      return names.has(voters.at(-1) ?? '')
    default:
      return names.has(tieBreak.name)
  }
}

/** Whose state holds in the new view, and who gives it to the others. */
export interface Heritage {
  /** Who has the state already: those who came from the view that it is taken from. */
  readonly heirs: readonly MemberId[]
  /** Of their state. */
  readonly era: number
  /** Who gives it to a member that has not. Null: nobody has it; it comes with who has. */
  readonly providerOf: (member: MemberId) => MemberId | null
}

/**
 * Of several old views the state of the primary one holds; else of the one whose state was in a primary view last, however few have it:
 * what was acknowledged there is in no older one; else of one that was more than a fresh member; else of the one from which most come;
 * else of the one with the least member. Providers take turns, so that one that fails is not asked again.
 */
export function heritageOf({ view, lineages }: ViewChange): Heritage {
  if (lineages.length === 0) return { heirs: view.members, era: 0, providerOf: () => null }
  const candidates = lineages.map(({ transitional, accounts, isFresh }) => {
    const by = new Map(accounts.map(([member, bytes]) => [member, readAccount(bytes)]))
    const heirs = transitional.filter((member) => by.get(member)?.hasState === true)
    const wasPrimary = heirs.some((member) => by.get(member)?.wasPrimary === true)
    const era = Math.max(0, ...heirs.map((member) => by.get(member)?.era ?? 0))
    return { heirs, era, rank: [wasPrimary ? 1 : 0, era, isFresh ? 0 : 1, heirs.length] }
  })
  const able = candidates.filter(({ heirs }) => heirs.length > 0)
  able.sort((one, other) => compare(other.rank, one.rank) || (one.heirs[0]! < other.heirs[0]! ? -1 : 1))
  const { heirs, era } = able[0] ?? { heirs: [], era: 0 }
  return { heirs, era, providerOf: () => (heirs.length === 0 ? null : heirs[view.id.number % heirs.length]!) }
}

function compare(one: readonly number[], other: readonly number[]): number {
  for (const [index, value] of one.entries()) if (value !== other[index]) return value - (other[index] ?? 0)
  return 0
}
