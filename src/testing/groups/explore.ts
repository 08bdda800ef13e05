/**
 * Random runs of group machines: faults for a while, then peace, in which all that live must come together again.
 *
 * A run is its seed. `explainGroup()` puts what it broke into words, with the command that replays it.
 */
import { onlyKnown } from '../../common/options.ts'
import { seededRandom, type SeededRandom } from '../simulator/random.ts'
import { checkGroup, type GroupViolation } from './laws.ts'
import { GroupWorld } from './world.ts'
import type { WorldMember } from './world-member.ts'

/** Options of `exploreGroup()`. */
export interface ExploreOptions {
  /** The number that the whole run is drawn from, a whole one. */
  readonly seed: number
  /** How many members there are at first, 2 to 9; drawn from the seed when left out. */
  readonly members?: number | undefined
  /** How many steps with faults there are, 0 or more; default 1500. */
  readonly steps?: number | undefined
}

/** What a random run of group machines came to. */
export interface Exploration {
  readonly violations: readonly GroupViolation[]
  /** Views that members entered, and messages that they were told, for whoever counts. */
  readonly views: number
  readonly messages: number
  readonly world: GroupWorld
}

/** Steps until all must have come together: far more than any run takes. */
const PEACE_STEPS = 80_000

/**
 * Runs group machines at random, in virtual time: faults for a while, then peace, in which all that live must come
 * together again.
 *
 * @throws InkwireError `INK_BAD_ARGUMENT` for an option that there is not.
 */
export function exploreGroup(options: ExploreOptions): Exploration {
  onlyKnown('exploreGroup()', options, ['seed', 'members', 'steps'])
  const { seed, members, steps = 1500 } = options
  const random = seededRandom(`group ${seed}`)
  const world = new GroupWorld(random)
  const count = members ?? random.integer(2, 9)
  const late = random.integer(0, Math.max(0, count - 2))
  for (let index = 0; index < count - late; index++) world.start(`m${index}`)
  const rates = drawRates(random.fork('rates'))
  const moves = random.fork('moves')
  let next = count - late
  for (let step = 0; step < steps; step++) {
    world.step()
    if (random.chance(0.045)) publishSome(world, random)
    trouble(world, random, rates)
    if (next < count && random.chance(0.004)) world.start(`m${next++}`)
    if (moves.chance(rates.move) && world.living.length > 0) world.move(moves.pick(world.living))
    if (random.chance(rates.restart)) restart(world, random, step)
  }
  world.heal()
  for (const member of world.living) for (const other of world.living) if (member !== other) trust(world, member, other)
  const settled = peace(world)
  return { ...verdict(world, settled), world }
}

/** What a run broke, and how to see it again. */
export function explainGroup(seed: number, violations: readonly GroupViolation[]): string {
  const lines = violations.slice(0, 10).map(({ law, text }) => `${law}: ${text}`)
  return [`group seed ${seed}:`, ...lines, `replay: npm run soak:groups -- --from ${seed} --seeds 1`].join('\n')
}

function verdict(world: GroupWorld, settled: readonly string[] | null): Omit<Exploration, 'world'> {
  const violations = checkGroup(world.history, { settled: settled ?? undefined })
  if (settled === null) violations.push({ law: 'VS10', text: 'those that live never came together' })
  for (const fault of world.faults) violations.push({ law: 'VS4', text: `a member broke the protocol: ${fault}` })
  const { facts } = world.history
  const of = (kind: string): number => facts.filter((fact) => fact.kind === kind).length
  return { violations, views: of('view'), messages: of('message') }
}

/** Whom it suspected of nothing, it trusts again. */
function trust(world: GroupWorld, member: WorldMember, other: WorldMember): void {
  world.network.suspect(member.id, other.id, 'up')
}

function publishSome(world: GroupWorld, random: SeededRandom): void {
  const { living } = world
  if (living.length === 0) return
  const member = random.pick(living)
  for (let count = random.integer(1, 5); count > 0 && member.isAlive; count--) world.publish(member)
}

/** How often what happens, per step. */
const RATES = {
  part: 0.006,
  reset: 0.004,
  apart: 0.001,
  suspect: 0.002,
  freeze: 0.001,
  deaf: 0.0005,
  crash: 0.0006,
  leave: 0.0006,
  restart: 0.0006,
  move: 0.004,
}
type Rates = Record<keyof typeof RATES, number>

/** Each run has its own weather: some troubles often, some never, so that rare meetings of two are found. */
function drawRates(random: SeededRandom): Rates {
  const rates: Rates = { ...RATES }
  for (const name of Object.keys(RATES) as (keyof Rates)[]) rates[name] *= random.pick([0, 0.5, 1, 2, 5])
  return rates
}

function trouble(world: GroupWorld, random: SeededRandom, rates: Rates): void {
  const { living } = world
  if (living.length < 2) return
  const [one, other] = random.shuffled(living) as [WorldMember, WorldMember]
  if (random.chance(rates.part)) world.network.part(random.chance(0.45) ? 1 : 2)
  if (random.chance(rates.reset)) world.network.reset(one.id, other.id)
  if (random.chance(rates.apart)) world.network.keepApart(one.id, other.id)
  if (random.chance(rates.suspect)) world.network.suspect(one.id, other.id, 'down')
  if (random.chance(3 * rates.suspect)) trust(world, one, other)
  if (random.chance(rates.freeze)) one.isFrozen = true
  if (random.chance(4 * rates.freeze)) other.isFrozen = false
  if (random.chance(rates.deaf)) one.isReading = false
  if (random.chance(6 * rates.deaf)) other.isReading = true
  if (random.chance(rates.crash) && living.length > 2) world.crash(one)
  if (random.chance(rates.leave) && living.length > 2) world.tell(other, { kind: 'leave' })
}

function restart(world: GroupWorld, random: SeededRandom, step: number): void {
  const { living } = world
  if (living.length < 2) return
  const member = random.pick(living)
  world.crash(member)
  world.start(`${member.id.split('~', 1)[0]}~${step}`)
}

/** Runs until all that live are in one view and were told all; returns who they are, null when they never are. */
function peace(world: GroupWorld): string[] | null {
  for (let step = 0; step < PEACE_STEPS && !world.isSettled; step++) world.step()
  if (!world.isSettled) return null
  for (const member of world.living) for (let count = 0; count < 3; count++) world.publish(member)
  const told = world.history.facts.length
  for (let step = 0; step < PEACE_STEPS && !(world.isSettled && isDone(world)); step++) world.step()
  return isDone(world) && (world.history.facts.length > told || world.living.length === 0)
    ? world.living.map(({ id }) => id)
    : null
}

function isDone(world: GroupWorld): boolean {
  return world.living.every(({ unread, machine }) => unread === 0 && machine.isIdle && machine.held === 0)
}
