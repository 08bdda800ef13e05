/** `inkwire sim`: runs a random world by its seed, and tells its story. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { EXIT, UsageError, numberOf, textOf, type Command } from './command.ts'
import { json, painted } from './paint.ts'

export const sim: Command = {
  name: 'sim',
  summary: 'a random world of messengers under faults, by its seed, held to the laws of delivery',
  usage: '<seed> [--seeds n] [--story | --save file]',
  args: [1, 1],
  options: {
    seeds: { type: 'string' },
    story: { type: 'boolean' },
    save: { type: 'string' },
    json: { type: 'boolean' },
  },
  about: {
    seeds: 'how many worlds, from that seed on; default 1, at most 100,000',
    story: 'prints what happened, in simulated time; of long ones the end',
    save: 'writes the story and the plan of the world into a file',
    json: 'JSON for machines',
  },
  exits: { ok: 'every law was kept', unwell: 'a law was broken' },
  help: `The same seed is the same world, to the last byte, on every machine: hosts that crash, links that are cut in the middle of a
frame, clocks that jump. Exit code 1 when a law is broken; the story of that seed is the bug report. docs/TESTING.md has the laws.

  inkwire sim 7 --story
  inkwire sim 1 --seeds 200`,
  async run({ context, values, args }) {
    const first = Number(args[0])
    if (!Number.isSafeInteger(first) || first < 0)
      throw new UsageError(`a seed is a whole number, not ${JSON.stringify(args[0])}`)
    const count = numberOf(values, 'seeds', 1, 1, 100_000)
    const save = textOf(values, 'save')
    const { explainSimulation, simulate } = await import('../testing/index.ts')
    let broken = 0
    for (let seed = first; seed < first + count && !context.signal.aborted; seed++) {
      const run = await simulate(seed)
      if (run.violations.length > 0) broken++
      const { plan, trace, violations, virtualMs, messages, turns, traceHash } = run
      if (values['json'] === true) context.out(json({ seed, violations, virtualMs, messages, turns, traceHash }))
      else {
        const verdict = painted(context.terminal, violations.length > 0 ? 'red' : 'green', explainSimulation(run))
        context.out(
          `${verdict}\n  ${messages} messages in ${(virtualMs / 1000).toFixed(1)} s of simulated time, ${turns} turns\n`,
        )
      }
      if (values['story'] === true) context.out(`${trace.join('\n')}\n`)
      const story = `${explainSimulation(run)}\n\n${trace.join('\n')}\n\n${json(plan)}`
      if (save !== null) writeFileSync(resolve(context.cwd, save), story)
    }
    return broken > 0 ? EXIT.unwell : EXIT.ok
  },
}
