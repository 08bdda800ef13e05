/**
 * The server of calls is killed (SIGKILL, a real process) at every frame that it reads or writes: every call of its caller ends once, and
 * says truly whether its handler may have run; one that is to run once never runs in two processes.
 *
 * `INKWIRE_KILLS=5` kills it at every frame. test/worlds/calls/crashes.test.ts does the same with many more calls, in the simulation.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ChildProcess } from 'node:child_process'
import t, { type Test } from 'tap'
import { Messenger, type CallError, type Connection } from 'inkwire'
import type { Breakpoint } from 'inkwire/testing'
import { TAG, type TagName } from '../../src/wire/native/format.ts'
import { Append, POLICIES, Stream, type ServerOrder, type ServerReport } from '../support/calls-server.ts'
import { forkScript } from '../support/forked.ts'
import { heldPort } from '../support/held-port.ts'
import { until, within } from '../support/until.ts'

/** How often at each point, of all there are. Without: twice at those at which calls are under way, as each kill costs a process. */
const TIMES = process.env['INKWIRE_KILLS']
const TIMES_MAX = Number(TIMES ?? 2)
const FRAMES = (Object.keys(TAG) as TagName[]).filter(
  (frame) => TIMES !== undefined || /^(CONFIRM|MESSAGES)$/.test(frame),
)
const POINTS = FRAMES.flatMap((frame): Breakpoint[] => [`${frame} read`, `${frame} write`])

/** A server in a process of its own. */
class Server {
  readonly #process: ChildProcess
  readonly #said: ServerReport[] = []
  readonly exit: Promise<unknown>

  constructor(t: Test) {
    this.#process = forkScript('calls-server.ts')
    this.#process.on('message', (report) => this.#said.push(report as ServerReport))
    this.exit = once(this.#process, 'exit')
    t.teardown(() => this.#process.kill('SIGKILL'))
  }

  get isAlive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null
  }

  async bind(address: string, journal: string): Promise<void> {
    await this.#heard('born')
    await this.#tell({ type: 'bind', address, journal }, 'bound')
  }

  async dieAt(point: Breakpoint, nth: number): Promise<void> {
    await this.#tell({ type: 'die', point, nth }, 'ready')
  }

  async counts(): Promise<readonly number[]> {
    await this.#tell({ type: 'count', points: POINTS }, 'counts')
    const last = this.#said.at(-1)
    return last?.type === 'counts' ? last.counts : []
  }

  /** Its answer to an order is the next of this kind. */
  async #tell(order: ServerOrder, answer: ServerReport['type']): Promise<void> {
    this.#said.length = 0
    this.#process.send(order, () => undefined)
    await this.#heard(answer)
  }

  async #heard(type: ServerReport['type']): Promise<void> {
    // One that is to die may do so over what an earlier caller left.
    await until(`the server says: ${type}`, () => !this.isAlive || this.#said.some((report) => report.type === type))
  }
}

type Outcome = 'reply' | CallError

/** One call of each kind at once, and what became of them. */
async function callAll(client: Messenger, address: string, run: string): Promise<ReadonlyMap<string, Outcome>> {
  const connect = (): Connection => client.connect(address)
  const outcomes = new Map<string, Outcome>()
  const ended = async (body: string, reply: Promise<unknown>): Promise<void> => {
    const outcome = await reply.then(
      () => 'reply' as const,
      (thrown: unknown) => thrown as CallError,
    )
    outcomes.set(body, outcome)
  }
  const stream = connect().transact(Stream, `${run} stream`)
  const parts = async (): Promise<unknown> => {
    for (const size of [10, 70_000]) await stream.send(new Uint8Array(size))
    return stream.end()
  }
  await Promise.all([
    ended(`${run} plain`, connect().call(Append, `${run} plain`)),
    ended(`${run} stream`, parts()),
    ended(`${run} once`, client.callOnce(connect, Append, `${run} once`)),
  ])
  return outcomes
}

/** What is wrong with what the caller was told, when this is what ran. */
function judge(
  outcomes: ReadonlyMap<string, Outcome>,
  marks: readonly string[],
  ends: ReadonlyMap<string, number>,
): string[] {
  const problems: string[] = []
  for (const [body, outcome] of outcomes) {
    const ran = marks.filter((mark) => mark.endsWith(` ${body}`)).length
    const say = (what: string): void => void problems.push(`${body}: ${what}`)
    if (ran > 1) say(`ran ${ran} times`)
    if (outcome === 'reply') {
      if (ran === 0) say('was answered by nobody')
      continue
    }
    const { reason, code, indeterminate } = outcome
    if (reason !== 'disconnected') say(`failed ${reason}: ${outcome.message}`)
    if (ran > 0 && !indeterminate) say('ran, and that was denied')
    if (body.endsWith('once') && code !== 'OTHER_INSTANCE') say(`failed ${code}, and could have been asked again`)
  }
  for (const [name, count] of ends) if (count !== 1) problems.push(`${name} ended ${count} times`)
  return problems
}

t.test('a server that is killed at any frame leaves no call without its one true outcome', async (t) => {
  const journal = join(t.testdir({ journal: '' }), 'journal')
  const address = `tcp://127.0.0.1:${await heldPort(t)}`
  let server = new Server(t)
  let spare: Server | null = null
  await server.bind(address, journal)
  let runs = 0

  const next = async (): Promise<void> => {
    server = spare ?? new Server(t)
    spare = null
    await server.bind(address, journal)
  }

  /**
   * Makes the calls with a client of its own, while the server dies at `point`, unless it never comes there. Returns how often it has come
   * to each point by their end; where it died, nothing.
   */
  const run = async (point: Breakpoint | null, nth: number): Promise<readonly number[]> => {
    const name = `${++runs}`
    // It may have died over the last words of the caller before this one.
    if (!server.isAlive) await next()
    const doomed = server
    if (point !== null) {
      spare ??= new Server(t)
      await doomed.dieAt(point, nth)
    }
    const client = new Messenger({ name: `client.${name}`, policies: POLICIES })
    t.teardown(() => client.shutdown())
    const ends = new Map<string, number>()
    client.watchCalls({
      began: ({ callName }) => {
        const key = `${callName} ${ends.size}`
        ends.set(key, 0)
        return { ended: () => void ends.set(key, ends.get(key)! + 1) }
      },
    })
    const calls = callAll(client, address, name)
    if (point !== null) {
      await within('the calls end, or the server', Promise.race([calls, doomed.exit]))
      if (!doomed.isAlive) await next()
    }
    const outcomes = await within(`the calls end that ${point} ${nth} met`, calls)
    const marks = readFileSync(journal, 'utf8').split('\n')
    for (const problem of judge(outcomes, marks, ends)) t.fail(`${point} ${nth}: ${problem}`)
    const counts = point === null ? await doomed.counts() : []
    await client.shutdown()
    return counts
  }

  const before = await server.counts()
  const after = await run(null, 0)
  let killed = 0
  for (const [index, point] of POINTS.entries()) {
    const times = Math.min(after[index]! - before[index]!, TIMES_MAX)
    for (let nth = 1; nth <= times; nth++) {
      const doomed = server
      await run(point, nth)
      if (!doomed.isAlive) killed++
    }
  }
  t.ok(killed >= 3, `${killed} kills in ${runs} runs`)
})
