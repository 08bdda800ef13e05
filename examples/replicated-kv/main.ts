/**
 * A replicated key-value store that goes through a partition, a merge and a kill while clients use it, and a checker that says whether
 * what they saw was linearisable: `npm run build && node .build/examples/replicated-kv/main.js [seed] [--read-locally]`
 *
 * The processes are those of the simulator: half a minute of theirs takes a second or two, and a seed is always the same run. The
 * exit code is 0 when the history is linearisable and the replicas are alike at the end, 1 when not, 2 for a wrong command line.
 */
import { parseArgs } from 'node:util'
import { check } from './checker.ts'
import type { Reads } from './replica.ts'
import { World } from './world.ts'

const NAMES = ['kv.0', 'kv.1', 'kv.2', 'kv.3', 'kv.4']
const CLIENTS = ['client.a', 'client.b', 'client.c']

/** What happens to the replicas. Each act ends when those who can be together are. */
async function story(world: World, say: (line: string) => void): Promise<void> {
  const { random } = world.simulation
  const act = async (what: string, who: readonly string[]): Promise<void> => {
    const ms = await world.together(who)
    say(`${what}; ${who.length} in one view after ${ms.toFixed(0)} ms`)
    await world.pass(random.between(150, 400))
  }
  await act('all replicas have started', NAMES)

  const [one, two, last, ...rest] = random.shuffled(NAMES) as [string, string, string, ...string[]]
  world.cut([one, two])
  await act(`${one} and ${two} are cut off from the others`, [last, ...rest])
  for (const name of rest) world.cut([name])
  await act('the others fall apart too, and nobody has a majority', [last])
  // Only one of these three knows what was written meanwhile.
  world.heal([one, two, last])
  await act(`${last} finds ${one} and ${two}`, [one, two, last])
  world.heal(NAMES)
  await act('all is healed', NAMES)

  world.kill(last)
  await act(`${last} is killed`, [one, two, ...rest])
  await world.start(last)
  await act(`${last} starts again, with nothing`, NAMES)
}

async function run(seed: number, reads: Reads): Promise<number> {
  const world = new World(seed, NAMES, reads)
  const { history, simulation } = world
  const say = (line: string): void => console.log(`${(world.nowMs / 1000).toFixed(1).padStart(5)} s  ${line}`)
  const areAlike = await simulation.run(async () => {
    for (const name of NAMES) await world.start(name)
    const ending = new AbortController()
    const clients = CLIENTS.map((name) => world.client(name, ending.signal))
    await story(world, say)
    ending.abort()
    await Promise.all(clients)
    await world.pass(1000)
    return world.areAlike
  })
  const { isLinearisable, stuckAt, steps } = check(history.operations)
  const { operations, refused, unknown } = history
  console.log(`${operations.length} operations, ${unknown} with unknown outcome; ${refused} more were refused`)
  console.log(`replicas are ${areAlike ? 'alike' : 'NOT ALIKE'}`)
  console.log(`${isLinearisable ? 'linearisable' : 'NOT LINEARISABLE'}, found in ${steps} steps`)
  if (stuckAt !== null) {
    const { client, command, value } = stuckAt
    console.log(`${command.kind} ${command.key} of ${client} fits nowhere: it saw ${value ?? 'nothing'}`)
  }
  return isLinearisable && areAlike ? 0 : 1
}

const { values, positionals } = parseArgs({ options: { 'read-locally': { type: 'boolean' } }, allowPositionals: true })
const seed = Number(positionals[0] ?? 1)
if (Number.isSafeInteger(seed)) process.exitCode = await run(seed, values['read-locally'] ? 'local' : 'ordered')
else {
  console.error('usage: main.js [seed] [--read-locally]')
  process.exitCode = 2
}
