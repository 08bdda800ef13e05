/** The commands that ask running processes one thing: `dump`, `trace`, `ping`, `health` and `metrics`. */
import type { HealthReport, PeerTrace } from '../observe/index.ts'
import { time } from '../observe/words.ts'
import {
  ABOUT_ASKING,
  ASKING,
  EXIT,
  numberOf,
  type Command,
  type Context,
  type ExitCode,
  type Invocation,
} from './command.ts'
import { bySeverity, json, painted, plain } from './paint.ts'
import { answersOf, askAll, socketsOf, type Answered } from './targets.ts'
import { pause } from './pause.ts'

async function asked({ context, values, args }: Invocation, ask: Parameters<typeof askAll>[1]): Promise<Answered[]> {
  return answersOf(await askAll(socketsOf(context, values), ask, { peer: args[0] }), context)
}

export const dump: Command = {
  name: 'dump',
  summary: 'everything that a process knows of its messenger, as JSON',
  usage: '[peer]',
  args: [0, 1],
  options: ASKING,
  about: ABOUT_ASKING,
  exits: { ok: 'what there is was shown', unreachable: 'nobody answers, or knows that peer' },
  help: `Always JSON: of one process an object, of several an array. With a peer, everything about that one.

  inkwire dump -a /run/osd.0.asok | jq .counters
  inkwire dump osd.3 -a /run/osd.0.asok`,
  async run(invocation) {
    const answers = (await asked(invocation, invocation.args[0] === undefined ? 'snapshot' : 'peer')).map(
      ({ answer }) => answer,
    )
    invocation.context.out(json(answers.length === 1 ? answers[0] : answers))
    return EXIT.ok
  },
}

export const trace: Command = {
  name: 'trace',
  summary: 'what happened to peers last: states, faults, resumes, with times and reasons',
  usage: '[peer]',
  args: [0, 1],
  options: { ...ASKING, follow: { type: 'boolean', short: 'f' } },
  about: { follow: 'goes on, and tells what happens from now on, too', ...ABOUT_ASKING },
  exits: { ok: 'what there is was shown', unreachable: 'nobody answers, or knows that peer' },
  help: `Also of connections that are over, for a while. Times are of the clock of the process that is asked, in UTC.

  inkwire trace osd.3 -a /run/osd.0.asok
  inkwire trace -f -a /run/inkwire`,
  async run(invocation) {
    const { context, values } = invocation
    const told = new Set<string>()
    for (;;) {
      const traces = (await asked(invocation, 'trace')).map(({ path, answer }) => ({
        path,
        traces: answer as PeerTrace[],
      }))
      if (values['json'] === true && values['follow'] !== true) {
        context.out(json(traces.flatMap(({ traces: one }) => one)))
        return EXIT.ok
      }
      tellTraces(context, traces, told, values['json'] === true)
      if (values['follow'] !== true || !(await pause(context, 1000))) return EXIT.ok
    }
  },
}

function tellTraces(
  context: Context,
  all: readonly { readonly path: string; readonly traces: readonly PeerTrace[] }[],
  told: Set<string>,
  asJson: boolean,
): void {
  const lines = all.flatMap(({ path, traces }) =>
    traces.flatMap(({ id, peer, entries }) => entries.map((entry) => ({ path, id, peer, ...entry }))),
  )
  for (const line of lines.sort((one, other) => one.atMs - other.atMs)) {
    const key = JSON.stringify(line)
    if (told.has(key)) continue
    told.add(key)
    const { atMs, id, peer, what, detail } = line
    if (asJson) context.out(`${key}\n`)
    else
      context.out(
        `${new Date(atMs).toISOString()}  ${plain(peer)} #${id}  ${painted(context.terminal, 'bold', what)}  ${plain(detail)}\n`,
      )
  }
}

export const ping: Command = {
  name: 'ping',
  summary: 'how far away a peer is now, asked by the process that has the session',
  usage: '<peer> [--count n] [--every s]',
  args: [1, 1],
  options: { ...ASKING, count: { type: 'string', short: 'c' }, every: { type: 'string', short: 'n' } },
  about: { count: 'how often; default 4', every: 'seconds between two; 0 to 3600, default 1', ...ABOUT_ASKING },
  exits: { ok: 'the peer has answered', unreachable: 'nobody answers, or knows that peer' },
  help: `The question is one of the protocol itself: it waits for no handler and no credit, but for what the link was given before.
So a peer whose handlers hang answers, and one whose process is stopped does not.

  inkwire ping osd.3 -a /run/osd.0.asok`,
  async run(invocation) {
    const { context, values, args } = invocation
    const count = numberOf(values, 'count', 4, 1, 1e9)
    const everyMs = numberOf(values, 'every', 1, 0, 3600) * 1000
    const times: number[] = []
    for (let done = 0; done < count; done++) {
      if (done > 0 && !(await pause(context, everyMs))) break
      for (const { answer } of await asked(invocation, 'ping')) {
        const { rttMs } = answer as { rttMs: number }
        times.push(rttMs)
        context.out(
          values['json'] === true
            ? `${JSON.stringify({ peer: args[0], rttMs })}\n`
            : `${plain(args[0]!)} answers after ${time(rttMs)}\n`,
        )
      }
    }
    const [least, most] = [Math.min(...times), Math.max(...times)]
    if (values['json'] !== true) context.out(`${times.length} answers, ${time(least)} to ${time(most)}\n`)
    return EXIT.ok
  },
}

export const health: Command = {
  name: 'health',
  summary: 'whether processes serve, by service; for probes',
  usage: '',
  args: [0, 0],
  options: ASKING,
  about: ABOUT_ASKING,
  exits: { ok: 'all serve', unwell: 'one does not serve', unreachable: 'one does not answer' },
  help: `The exit code is 0 when all of them serve, 1 when one does not, 3 when one does not answer.

  inkwire health -a /run/osd.0.asok`,
  async run(invocation): Promise<ExitCode> {
    const { context, values } = invocation
    const all = await askAll(socketsOf(context, values), 'health')
    const answered = answersOf(all, context)
    const reports = answered.map(({ path, answer }) => ({ path, ...(answer as HealthReport) }))
    if (values['json'] === true) context.out(json(reports))
    for (const { path, status, services } of values['json'] === true ? [] : reports) {
      context.out(`${bySeverity(context.terminal, status === 'SERVING' ? 0 : 2, status)}  ${path}\n`)
      for (const [service, one] of Object.entries(services)) context.out(`  ${one}  ${plain(service)}\n`)
    }
    if (answered.length < all.length) return EXIT.unreachable
    return reports.every(({ status }) => status === 'SERVING') ? EXIT.ok : EXIT.unwell
  },
}

export const metrics: Command = {
  name: 'metrics',
  summary: 'the text of a scrape by Prometheus',
  usage: '',
  args: [0, 0],
  options: { admin: ASKING.admin },
  about: { admin: ABOUT_ASKING.admin },
  exits: { ok: 'what there is was shown', unreachable: 'nobody answers' },
  help: `  inkwire metrics -a /run/osd.0.asok`,
  async run(invocation) {
    for (const { answer } of await asked(invocation, 'metrics')) invocation.context.out(String(answer))
    return EXIT.ok
  },
}
