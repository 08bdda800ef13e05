/** `npm run model [name]`: checks the larger plans, and says what it has seen. */
import { Checker } from './check.ts'
import { LARGE_PLANS } from './scenarios.ts'

const wanted = process.argv[2] ?? ''
for (const plan of LARGE_PLANS.filter(({ name }) => name.includes(wanted))) {
  const begunMs = performance.now()
  const { states, edges, depth, complete, violation } = new Checker(plan).run(Number(process.argv[3] ?? Infinity))
  const seconds = ((performance.now() - begunMs) / 1000).toFixed(1)
  console.log(
    `${plan.name}: ${states} states, ${edges} edges, depth ${depth}, ${seconds} s${complete ? '' : ' (incomplete)'}`,
  )
  if (violation === null) continue
  console.log(violation)
  process.exitCode = 1
}
