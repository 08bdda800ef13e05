/** What holds of calls at any moment, whatever has happened, and what when nothing is under way. Each throws what is broken. */
import { CALLS } from '../../../transactions/machine/limits.ts'
import type { CallFailure } from '../../../transactions/machine/words.ts'
import { BrokenLaw } from '../broken-law.ts'
import type { Told } from './halves.ts'
import type { AskedSeen, EndSeen, InflowSeen, OutflowSeen, ServedSeen } from './seen.ts'

/** At any moment. */
export function checkCalls(caller: EndSeen, server: EndSeen): void {
  for (const asked of caller.asked) {
    const of = server.served.filter(({ key }) => key === asked.key)
    const [served] = of
    must(of.length <= 1, asked, `was opened ${of.length} times`)
    must(asked.told.length <= 1, asked, `has ${asked.told.length} outcomes`)
    const [told] = asked.told
    if (told !== undefined) checkOutcome(asked, told, served)
    checkVerdict(asked, served)
    checkParts(asked, served)
    if (served !== undefined && caller.session === server.session) {
      const isServed = served.session === server.session && served.phase !== 'gone'
      const isHeld = asked.phase === 'open' || asked.phase === 'over'
      must(!isServed || isHeld, asked, `is ${served.phase}, and its caller's place is free (${asked.phase})`)
    }
  }
}

/** One outcome, and it is true. */
function checkOutcome(asked: AskedSeen, { outcome, by, wasOnLink }: Told, served: ServedSeen | undefined): void {
  const run = served?.run ?? 'never'
  if (outcome === 'reply') {
    must(run === 'replied', asked, `has a reply, and its handler: ${run}`)
    return
  }
  const { reason, indeterminate } = outcome
  const hasRun = run !== 'never' && run !== 'passed'
  must(indeterminate || !hasRun, asked, `failed ${nameOf(outcome)}, and was said not to have run: ${run}`)
  // Who knows says just what was; who does not knows at least whether it could be.
  if (by === 'peer') must(!indeterminate || hasRun, asked, `failed ${nameOf(outcome)}, and never ran`)
  else
    must(indeterminate === wasOnLink, asked, `failed ${nameOf(outcome)}, and was ${wasOnLink ? '' : 'never '}on a link`)
  if (reason === 'handler-error' && by === 'peer' && outcome.code === 'EIO')
    must(run === 'threw', asked, `has an error of nobody: ${run}`)
}

/** What the server says of a cancel is what its handler did. */
function checkVerdict(asked: AskedSeen, served: ServedSeen | undefined): void {
  const run = served?.run ?? 'never'
  const heard = served?.aborts ?? []
  if (asked.verdict === 'cancelled') {
    must(run === 'threw', asked, `is cancelled, and its handler: ${run}`)
    must(heard.length > 0, asked, 'is cancelled, and its handler was not told')
  }
  if (asked.verdict === 'unheard') must(run === 'never' || run === 'passed', asked, `is cancelled unheard, and: ${run}`)
  const isLate = asked.verdict === 'too-late' || asked.verdicts.includes('too-late')
  if (isLate) must(run === 'replied' || run === 'threw', asked, `was cancelled too late, and its handler: ${run}`)
}

/** Parts are read as they were sent; and what looks whole is whole. */
function checkParts(asked: AskedSeen, served: ServedSeen | undefined): void {
  if (served === undefined) return
  must(
    isPrefix(served.parts, asked.sent),
    asked,
    `was sent ${asked.sent.join()}, and its handler has ${served.parts.join()}`,
  )
  must(
    isPrefix(asked.parts, served.sent),
    asked,
    `was sent ${served.sent.join()}, and its caller has ${asked.parts.join()}`,
  )
  const isGivenUp = did(asked, 'reset', 'cancel', 'give-up', 'discard', 'stop') || did(served, 'reset', 'stop', 'hush')
  if (asked.told[0]?.outcome === 'reply' && !asked.isBroken) {
    must(!did(served, 'reset'), asked, 'was answered, and parts that were given up look whole')
    const got = asked.parts.length + (asked.inflow?.unread ?? 0)
    if (!isGivenUp) must(got === served.sent.length, asked, `was answered behind ${got} of ${served.sent.length} parts`)
  }
  // Whatever its caller has done since: what it has cut off must not look whole.
  if (served.isWhole && !served.isBroken && !did(served, 'stop', 'hush') && asked.sent.length > 0) {
    const got = served.parts.length + (served.inflow?.unread ?? 0)
    must(did(asked, 'end'), asked, 'looks whole to its handler, and its caller has not ended')
    must(got === asked.sent.length, asked, `looks whole behind ${got} of ${asked.sent.length} parts`)
  }
}

/** When all has arrived that was on its way. */
export function checkQuiet(caller: EndSeen, server: EndSeen): void {
  if (caller.session !== server.session) return
  for (const asked of caller.asked) {
    const served = server.served.find(({ key, session }) => key === asked.key && session === server.session)
    if (served === undefined || served.phase === 'gone' || asked.phase === 'gone') continue
    if (asked.isCancelled) {
      must(served.phase !== 'waiting', asked, 'waits for its handler, and was cancelled')
      must(
        served.phase !== 'running' || served.aborts.length > 0,
        asked,
        'was cancelled, and its handler has not heard',
      )
    }
    const waits = served.phase === 'running' && !served.isWhole && !served.isBroken && served.aborts.length === 0
    const isDropped = did(asked, 'discard') && asked.sent.length > 0 && !did(served, 'stop')
    must(!waits || !isDropped, asked, 'was discarded, and its handler waits for the rest of its parts')
    checkFlow(asked, asked.outflow, served.inflow)
    checkFlow(asked, served.outflow, asked.inflow)
  }
}

/** No credit is lost: what was sent has come, what was granted is known, and nobody waits while the other waits for it. */
function checkFlow(asked: AskedSeen, outflow: OutflowSeen | null, inflow: InflowSeen | null): void {
  if (outflow === null || outflow.isOver) return
  const { told, received, unread, owesCredit } = inflow ?? FRESH
  must(outflow.used === received, asked, `sent ${outflow.used} of its credit, of which ${received} has come`)
  must(outflow.granted === told, asked, `was granted ${told}, of which its sender knows ${outflow.granted}`)
  must(!owesCredit, asked, 'is owed credit')
  must(!outflow.waits || unread > 0, asked, 'waits for credit of parts that were read')
}

/** When no handler runs, nobody asks, and all has arrived. */
export function checkRest(caller: EndSeen, server: EndSeen): void {
  for (const asked of caller.asked) must(asked.told.length === 1, asked, 'has no outcome')
  for (const { places, alarms, paced } of [caller, server]) {
    if (places > 0) throw new BrokenLaw(`${places} places of calls are held for ever`)
    if (alarms > 0) throw new BrokenLaw(`${alarms} alarms are left`)
    if (paced > 0) throw new BrokenLaw(`${paced} bytes are counted that are acked`)
  }
}

const FRESH: InflowSeen = { told: CALLS.windowBytes, received: 0, unread: 0, owesCredit: false }

function must(holds: boolean, { key }: AskedSeen, what: string): void {
  if (!holds) throw new BrokenLaw(`call ${key} ${what}`)
}

function nameOf({ reason, code }: CallFailure): string {
  return code === '' ? reason : `${reason} (${code})`
}

function isPrefix(part: readonly number[], whole: readonly number[]): boolean {
  return part.every((one, at) => one === whole[at])
}

function did({ did: all }: Pick<AskedSeen, 'did'>, ...deeds: readonly string[]): boolean {
  return deeds.some((deed) => all.includes(deed))
}
