/**
 * The laws of virtual synchrony, VS1 to VS10, held against what the members of a group were told.
 *
 * VS1 a member is in each of its views. VS2 names of its views rise. VS3 one name, one set of members. VS4 nothing is created,
 * altered or told twice. VS5 a message is told in one view, of which its sender is a member. VS6 within a view, what members were
 * told are prefixes of one another, and of one sender, lane by lane, it is in its order and without a gap. VS7 who goes on together
 * was told the same, and agrees on who that is. VS8 what was told as SAFE before the transitional signal, every member of that view is
 * told that goes on to another; what is told behind it says so. VS9 an own message is told or has failed, never both. VS10 when faults
 * have ended, all live members are in one view and told the same.
 */
import { onlyKnown } from '../../common/options.ts'
import { uidOf, type GroupFact, type GroupHistory, type Stay } from './history.ts'

/** The laws of virtual synchrony by name. A {@link GroupViolation} says in words what one was broken by. */
export type GroupLaw = 'VS1' | 'VS2' | 'VS3' | 'VS4' | 'VS5' | 'VS6' | 'VS7' | 'VS8' | 'VS9' | 'VS10'

/** A law that a run of a group has broken. */
export interface GroupViolation {
  readonly law: GroupLaw
  readonly text: string
}

/** What the checker must know besides the history. */
export interface GroupCheck {
  /** Who lives, when the faults have ended and nothing is under way; left out: the run did not end so, and VS10 is not asked. */
  readonly settled?: readonly string[] | undefined
}

/**
 * Everything that is wrong with a history; nothing: it keeps the laws.
 *
 * @throws InkwireError `INK_BAD_ARGUMENT` for an option that there is not.
 */
export function checkGroup(history: GroupHistory, contract: GroupCheck = {}): GroupViolation[] {
  onlyKnown('checkGroup()', contract, ['settled'])
  const { settled } = contract
  const stays = history.stays()
  const found: GroupViolation[] = []
  const say = (law: GroupLaw, text: string): void => void found.push({ law, text })
  for (const own of stays.values()) ownViews(own, say)
  sameMembers([...stays.values()].flat(), say)
  integrity(history.facts, stays, say)
  oneOrder([...stays.values()].flat(), say)
  fifo(history.facts, say)
  for (const own of stays.values()) together(own, stays, say)
  for (const own of stays.values()) safe(own, stays, say)
  signals(history.facts, say)
  outcomes(history.facts, settled, say)
  if (settled !== undefined) settlement(settled, stays, say)
  return found
}

type Say = (law: GroupLaw, text: string) => void
type Stays = ReadonlyMap<string, readonly Stay[]>

function ownViews(own: readonly Stay[], say: Say): void {
  let last: string | null = null
  for (const { member, view } of own) {
    if (!view.members.includes(member)) say('VS1', `${member} is not in its view ${view.view}`)
    if (last !== null && !isLater(view.view, last)) say('VS2', `${member} went from ${last} to ${view.view}`)
    last = view.view
  }
}

function isLater(one: string, other: string): boolean {
  const [a, b] = [Number.parseInt(one, 10), Number.parseInt(other, 10)]
  return a === b ? one.slice(one.indexOf('.')) > other.slice(other.indexOf('.')) : a > b
}

function sameMembers(all: readonly Stay[], say: Say): void {
  const members = new Map<string, string>()
  for (const { member, view } of all) {
    const text = view.members.join()
    const known = members.get(view.view)
    if (known !== undefined && known !== text) say('VS3', `${member} has ${view.view} as ${text}, another as ${known}`)
    members.set(view.view, text)
  }
}

function integrity(facts: readonly GroupFact[], stays: Stays, say: Say): void {
  const sent = new Map<string, string>()
  for (const fact of facts) {
    if (fact.kind === 'sent') sent.set(uidOf({ from: fact.member, number: fact.number }), fact.digest)
  }
  const where = new Map<string, string>()
  for (const [member, own] of stays) {
    const told = new Set<string>()
    for (const { view, messages } of own) {
      for (const message of messages) {
        const uid = uidOf(message)
        if (told.has(uid)) say('VS4', `${member} was told ${uid} twice`)
        told.add(uid)
        if (!sent.has(uid)) say('VS4', `${member} was told ${uid}, which nobody sent`)
        else if (sent.get(uid) !== message.digest) say('VS4', `${member} was told ${uid} altered`)
        const known = where.get(uid) ?? message.view
        where.set(uid, known)
        if (known !== message.view || view.view !== message.view)
          say('VS5', `${uid} was told in ${known} and in ${view.view}`)
        if (!view.members.includes(message.from)) say('VS5', `${uid} was told in ${view.view}, without its sender`)
      }
    }
  }
  for (const fact of facts) {
    if (fact.kind !== 'published') continue
    const uid = uidOf({ from: fact.member, number: fact.number })
    if ((where.get(uid) ?? fact.view) !== fact.view) say('VS5', `${uid} was published in ${fact.view}`)
  }
}

function oneOrder(all: readonly Stay[], say: Say): void {
  const longest = new Map<string, Stay>()
  for (const stay of all) {
    const known = longest.get(stay.view.view)
    if (known === undefined) {
      longest.set(stay.view.view, stay)
      continue
    }
    const [short, long] = stay.messages.length < known.messages.length ? [stay, known] : [known, stay]
    const at = short.messages.findIndex((message, index) => uidOf(message) !== uidOf(long.messages[index]!))
    if (at >= 0) say('VS6', `in ${stay.view.view} ${short.member} and ${long.member} differ at ${at}`)
    longest.set(stay.view.view, long)
  }
}

/** Of one sender, lane by lane: nobody is told a later message before an earlier one, nor one behind what was lost. */
function fifo(facts: readonly GroupFact[], say: Say): void {
  const lanes = new Map<string, string>()
  /** The last that each was told, by who was told it, in which view and lane. */
  const last = new Map<string, number>()
  for (const fact of facts) {
    if (fact.kind === 'sent' && fact.lane !== undefined) {
      lanes.set(uidOf({ from: fact.member, number: fact.number }), `${fact.lane} ${fact.member}`)
    }
    if (fact.kind !== 'message') continue
    const lane = lanes.get(uidOf(fact))
    if (lane === undefined) continue
    const place = `${fact.member} ${fact.view} ${lane}`
    const before = last.get(place) ?? 0
    if (fact.number < before) say('VS6', `${fact.member} was told ${uidOf(fact)} behind number ${before}`)
    last.set(place, Math.max(before, fact.number))
  }
  for (const fact of facts) {
    if (fact.kind !== 'failed' || fact.view === undefined) continue
    const uid = uidOf({ from: fact.member, number: fact.number })
    const later = last.get(`${fact.member} ${fact.view} ${lanes.get(uid)}`) ?? 0
    if (later > fact.number)
      say('VS6', `${uid} has failed in ${fact.view}, and number ${later} of its lane was told there`)
  }
}

function together(own: readonly Stay[], stays: Stays, say: Say): void {
  for (let at = 1; at < own.length; at++) {
    const [before, after] = [own[at - 1]!, own[at]!]
    for (const other of after.view.transitional) {
      if (!after.view.members.includes(other))
        say('VS7', `${other} went on into ${after.view.view}, without being in it`)
      const theirs = stays.get(other) ?? []
      const place = theirs.findIndex(({ view }) => view.view === after.view.view)
      // It has not got there yet, or never will.
      if (place < 1) continue
      const [was, is] = [theirs[place - 1]!, theirs[place]!]
      const what = `${before.member} and ${other} went into ${after.view.view} together`
      if (was.view.view !== before.view.view) say('VS7', `${what}, out of different views`)
      else if (textOf(was) !== textOf(before)) say('VS7', `${what}, but were told different things in ${was.view.view}`)
      if (is.view.transitional.join() !== after.view.transitional.join())
        say('VS7', `${what}, but do not agree with whom`)
    }
  }
}

function textOf({ messages }: Stay): string {
  return messages.map(uidOf).join()
}

function safe(own: readonly Stay[], stays: Stays, say: Say): void {
  for (const { member, view, messages } of own) {
    const told = messages.filter(({ isSafe, isTransitional }) => isSafe && !isTransitional).map(uidOf)
    if (told.length === 0) continue
    for (const other of view.members) {
      const theirs = stays.get(other) ?? []
      const place = theirs.findIndex((stay) => stay.view.view === view.view)
      // It is still in that view, or ended in it.
      if (place >= 0 && place + 1 === theirs.length) continue
      const there = new Set(theirs[place]?.messages.map(uidOf))
      const missing = told.find((uid) => !there.has(uid))
      const never = place < 0 ? 'never had that view' : 'never'
      if (missing !== undefined) say('VS8', `${member} was told ${missing} as SAFE in ${view.view}, ${other} ${never}`)
    }
  }
}

/** What is told behind the signal says so. */
function signals(facts: readonly GroupFact[], say: Say): void {
  const behind = new Map<string, string>()
  for (const fact of facts) {
    if (fact.kind === 'transitional') behind.set(fact.member, fact.view)
    else if (fact.kind === 'message' && !fact.isTransitional && behind.get(fact.member) === fact.view)
      say('VS8', `${fact.member} was told ${uidOf(fact)} behind the transitional signal as if it were before`)
  }
}

function outcomes(facts: readonly GroupFact[], settled: readonly string[] | undefined, say: Say): void {
  const ends = new Map<string, string[]>()
  const told = new Set<string>()
  const last = lastViews(facts)
  const mustBeTold = new Set<string>()
  /** It went on behind that view, or to its end: what was told before is written down. Who was killed may have had it in hand. */
  const isPast = (member: string, view: string): boolean =>
    settled?.includes(member) === true || last.get(member) !== view
  for (const fact of facts) {
    if (fact.kind === 'message' && fact.from === fact.member) told.add(uidOf(fact))
    if (fact.kind !== 'published' && fact.kind !== 'failed') continue
    const uid = uidOf({ from: fact.member, number: fact.number })
    if (fact.kind === 'published' && isPast(fact.member, fact.view)) mustBeTold.add(uid)
    ends.set(uid, [...(ends.get(uid) ?? []), fact.kind])
  }
  for (const fact of facts) {
    if (fact.kind !== 'sent') continue
    const uid = uidOf({ from: fact.member, number: fact.number })
    const end = ends.get(uid) ?? []
    if (end.length > 1) say('VS9', `${uid} ended more than once: ${end.join()}`)
    if (end[0] === 'failed' && told.has(uid)) say('VS9', `${uid} has failed, and was told to its sender`)
    if (mustBeTold.has(uid) && !told.has(uid)) say('VS9', `${uid} is published, and was not told to its sender`)
    if (end.length === 0 && settled?.includes(fact.member) === true) say('VS9', `${uid} never ended`)
  }
}

/** The view that each was told of last; of who has left, none. */
function lastViews(facts: readonly GroupFact[]): Map<string, string | null> {
  const last = new Map<string, string | null>()
  for (const fact of facts) {
    if (fact.kind === 'view') last.set(fact.member, fact.view)
    else if (fact.kind === 'left') last.set(fact.member, null)
  }
  return last
}

function settlement(settled: readonly string[], stays: Stays, say: Say): void {
  const wanted = [...settled].sort().join()
  const first = stays.get(settled[0] ?? '')?.at(-1)
  for (const member of settled) {
    const last = stays.get(member)?.at(-1)
    if (last === undefined || first === undefined) say('VS10', `${member} has no view`)
    else if ([...last.view.members].sort().join() !== wanted) {
      say('VS10', `${member} ends in ${last.view.view} with ${last.view.members.join()}, not with ${wanted}`)
    } else if (last.view.view !== first.view.view || textOf(last) !== textOf(first)) {
      say('VS10', `${member} and ${first.member} end apart`)
    }
  }
}
