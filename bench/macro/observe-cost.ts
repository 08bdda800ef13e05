/**
 * What `observe()` costs the 64 B one-way rate: both ends in one process, observed and not in turn, by the processor time of a message.
 *
 * Runs of their own differ by more than what is asked for. So the same process, connection and compiled code do both, in pairs of blocks
 * whose order alternates, and what counts is the ratio within a pair: its median, and an interval by resampling. Looks are a clock's
 * business and not a message's (test/house/counts/observed.test.ts), so they are made twenty times as often as by default: what they
 * cost is seen twenty times as large.
 *
 *   node .build/bench/macro/observe-cost.js [pairs] [ms of a block] [ms between looks]
 */
import process from 'node:process'
import { Messenger, losslessClient, losslessServer } from '../../src/index.ts'
import { observe } from '../../src/observe/index.ts'

const [pairs = 32, blockMs = 500, everyMs = 50] = process.argv.slice(2).map(Number)
const WARM_UP_BLOCKS = 8
const RESAMPLES = 4000
const MESSAGE = { type: 17, data: new Uint8Array(64) }

const osd = new Messenger({ name: 'osd.0', policies: { client: losslessServer() } })
let handled = 0
osd.use({ dispatch: () => void (handled += 1) })
const client = new Messenger({ name: 'client.a', policies: { osd: losslessClient() } })
const connection = client.connect(await osd.bind('tcp://127.0.0.1:0'), { type: 'osd' })

/** Microseconds of a processor for each message, both ends together. */
async function block(kind: 'observed' | 'alone'): Promise<number> {
  const observers = kind === 'alone' ? [] : [osd, client].map((messenger) => observe(messenger, { everyMs }))
  const [before, begun] = [handled, process.cpuUsage()]
  const untilMs = performance.now() + blockMs
  while (performance.now() < untilMs) {
    for (let sent = 0; sent < 64; sent++) if (!connection.send(MESSAGE)) await connection.drained()
  }
  await connection.deliver(MESSAGE)
  const { user, system } = process.cpuUsage(begun)
  for (const observer of observers) observer.close()
  return (user + system) / (handled - before)
}

/** The order alternates: what drifts in one direction falls on both. */
async function pair(index: number): Promise<{ observed: number; alone: number }> {
  if (index % 2 === 0) return { observed: await block('observed'), alone: await block('alone') }
  const alone = await block('alone')
  return { observed: await block('observed'), alone }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!
}

/** Between which two the median lies in 95 of 100 resamples. */
function interval(values: readonly number[]): [number, number] {
  const medians = Array.from({ length: RESAMPLES }, () =>
    median(values.map(() => values[Math.floor(Math.random() * values.length)]!)),
  ).sort((a, b) => a - b)
  return [medians[RESAMPLES * 0.025]!, medians[RESAMPLES * 0.975]!]
}

for (let index = 0; index < WARM_UP_BLOCKS; index++) await block(index % 2 === 0 ? 'observed' : 'alone')
const all: { observed: number; alone: number }[] = []
for (let index = 0; index < pairs; index++) all.push(await pair(index))
const ratios = all.map(({ observed, alone }) => observed / alone)
const [low, high] = interval(ratios)
const [observed, alone] = [median(all.map((one) => one.observed)), median(all.map((one) => one.alone))]
console.log(`${pairs} pairs of ${blockMs} ms, a look every ${everyMs} ms, µs of a processor for each message:`)
console.log(`observed ${observed.toFixed(3)}, without ${alone.toFixed(3)}`)
console.log(`ratio ${median(ratios).toFixed(3)}, 95 %: ${low.toFixed(3)} to ${high.toFixed(3)}`)
await client.close()
await osd.close()
