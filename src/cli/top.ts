/** `inkwire top`: every peer of every process in a table, the worst first, as it changes. */
import type { Snapshot } from '../observe/index.ts'
import { creditOf } from '../observe/credit.ts'
import { bytes, short, time } from '../observe/words.ts'
import { blamed, blameText, oldest, rowsOf, type Row } from './blame.ts'
import {
  ABOUT_ASKING,
  ASKING,
  EXIT,
  Unreachable,
  UsageError,
  numberOf,
  textOf,
  type Command,
  type Terminal,
} from './command.ts'
import { bySeverity, json, painted, plain, table, type Column } from './paint.ts'
import { pause } from './pause.ts'
import { askAll, socketsOf, type Answered } from './targets.ts'
import { sentenceOf, statBeside } from './verdict.ts'

const SORTS: Readonly<Record<string, (row: Row) => number>> = {
  why: (row) => row.why.severity * 1e12 + oldest(row),
  queue: ({ dump }) => dump.queuedMessages,
  rate: ({ rates }) => rates.sentBytes + rates.receivedBytes,
  rtt: ({ dump }) => dump.link?.rttMs ?? 0,
  faults: ({ dump }) => dump.counters.faults,
}

/** Over what is there, line by line, and nothing below: so it does not flicker. */
const HOME = '\u001b[H'
const END_OF_LINE = '\u001b[K\n'
const BELOW = '\u001b[J'
/** A process whose event loop stands still is told as that, and does not hold up the others for longer, in ms. */
const ANSWER_MS = 2000
/** Who is in the way is said of so many at most; processes have a line each up to so many. */
const BLAMED_MAX = 3
const PROCESSES_MAX = 8

export const top: Command = {
  name: 'top',
  summary: 'a live table of peers: state, rates, queues, credit, round trip, and why',
  usage: '[--every s] [--sort why|queue|rate|rtt|faults] [--once]',
  args: [0, 0],
  options: {
    ...ASKING,
    every: { type: 'string', short: 'n' },
    sort: { type: 'string' },
    once: { type: 'boolean' },
    limit: { type: 'string', short: 'l' },
  },
  about: {
    every: 'seconds between two looks; 0.2 to 3600, default 1',
    sort: 'what comes first: why (the worst; default), queue, rate, rtt or faults',
    once: 'one table, then the end; so it is when the output is no terminal',
    limit: 'rows at most; default: as many as the terminal has, or all',
    ...ABOUT_ASKING,
  },
  exits: { ok: 'what there is was shown', unreachable: 'nobody answers' },
  help: `The lines above the table say who is in the way of others, and which process does not answer. The table is sorted so that
what needs a look is on top. OUT and IN are messages a second; QUEUE is what is accepted and not acked, with the age of the oldest
message that is on no link; CREDIT is what is under way of what the peer lets be. A narrow terminal has fewer columns. Ctrl-C ends.

  inkwire top -a /run/osd.0.asok
  inkwire top -a /run/inkwire --sort queue
  inkwire top --once --json | jq '.[] | select(.why.severity >= 2) | .why.sentence'`,
  async run({ context, values }) {
    const everyMs = numberOf(values, 'every', 1, 0.2, 3600) * 1000
    const sort = SORTS[textOf(values, 'sort') ?? 'why']
    if (sort === undefined) throw new UsageError(`--sort is one of ${Object.keys(SORTS).join(', ')}`)
    const live = values['once'] !== true && values['json'] !== true && context.terminal.columns !== null
    const limit = numberOf(values, 'limit', 1e6, 1, 1e6)
    for (;;) {
      const answered = await askAll(socketsOf(context, values), 'snapshot', live ? { timeoutMs: ANSWER_MS } : {})
      const snapshots = answered.flatMap(({ answer }) => (answer === null ? [] : [answer as Snapshot]))
      if (snapshots.length === 0 && !live) throw new Unreachable(answered.map(({ error }) => error).join('\n'))
      const rows = rowsOf(snapshots).sort((one, other) => sort(other) - sort(one))
      if (values['json'] === true) {
        for (const { error } of answered) if (error !== null) context.err(`${error}\n`)
        context.out(json(rows.slice(0, limit)))
      } else {
        const above = [...processLines(context.terminal, answered), ...blameLines(context.terminal, snapshots)]
        const room = live ? Math.max(3, context.terminal.rows - above.length - 2) : limit
        const screen = `${above.map((line) => `${line}\n`).join('')}${tableOf(context.terminal, rows.slice(0, Math.min(limit, room)))}`
        context.out(live ? HOME + screen.replaceAll('\n', END_OF_LINE) + BELOW : screen)
      }
      if (!live || !(await pause(context, everyMs))) return EXIT.ok
    }
  },
}

/** Those that do not answer always; those that do as far as there are few, or something is wrong with them. */
function processLines(terminal: Terminal, answered: readonly Answered[]): string[] {
  const lines = answered.map(({ path, answer, error }) => {
    if (error !== null) {
      const stat = statBeside(path)
      return {
        wrong: true,
        line: painted(terminal, 'red', plain(stat === null ? error : sentenceOf(stat, Date.now()))),
      }
    }
    const { name, process, loopLagMs, health } = answer as Snapshot
    const lag = loopLagMs >= 200 ? painted(terminal, 'red', `  loop lag ${time(loopLagMs)}`) : ''
    const serving = health.status === 'SERVING' ? '' : painted(terminal, 'red', '  NOT SERVING')
    const text = `${plain(name)}  pid ${process.pid}  up ${time(process.uptimeS * 1000)}  rss ${bytes(process.rssBytes)}`
    return { wrong: lag + serving !== '', line: `${text}${lag}${serving}${layersText(answer as Snapshot)}` }
  })
  if (lines.length <= PROCESSES_MAX) return lines.map(({ line }) => line)
  const wrong = lines.filter((one) => one.wrong).map(({ line }) => line)
  return [`${lines.length} processes, ${wrong.length} of them with a line below`, ...wrong]
}

/** What groups and buffers have, where there are any. */
function layersText({ groups, buffers }: Snapshot): string {
  const joined = groups.map(({ group, view, phase, unstable, unread }) => {
    const moving = phase === 'normal' ? '' : ` ${phase}`
    return `  group ${plain(group)}: ${view.members.length} members${moving}, ${unstable} unstable, ${unread} unread`
  })
  if (buffers === null) return joined.join('')
  const { registrations, registeredBytes, transfers } = buffers
  return `${joined.join('')}  buffers: ${registrations} (${bytes(registeredBytes)}), ${transfers} transfers`
}

function blameLines(terminal: Terminal, snapshots: readonly Snapshot[]): string[] {
  const all = blamed(snapshots).filter(({ by }) => by.length > 0)
  return all.slice(0, BLAMED_MAX).map((one) => bySeverity(terminal, one.severity, plain(blameText(one))))
}

const COLUMNS = (terminal: Terminal): Column<Row>[] => [
  { title: 'OF', align: 'left', text: ({ of }) => of },
  { title: 'PEER', align: 'left', text: ({ peer }) => peer },
  {
    title: 'STATE',
    align: 'left',
    text: ({ state }) => state,
    paint: ({ state }, text) => painted(terminal, state === 'open' ? 'green' : 'yellow', text),
  },
  { title: 'PATH', align: 'left', from: 150, text: ({ path }) => path?.address ?? '-' },
  { title: 'RESERVE', align: 'left', from: 180, text: reserveOf },
  { title: 'OUT/s', align: 'right', text: ({ rates }) => short(rates.sentMessages).trim() },
  { title: 'IN/s', align: 'right', text: ({ rates }) => short(rates.receivedMessages).trim() },
  {
    title: 'QUEUE',
    align: 'right',
    text: ({ dump, ages }) => `${dump.queuedMessages}${ages.queuedMs > 0 ? ` (${time(ages.queuedMs)})` : ''}`,
  },
  { title: 'CREDIT', align: 'right', text: creditText },
  {
    title: 'RTT',
    align: 'right',
    text: ({ dump }) => (typeof dump.link?.rttMs === 'number' ? time(dump.link.rttMs) : '-'),
  },
  { title: 'FAULTS', align: 'right', from: 120, text: ({ dump }) => String(dump.counters.faults) },
  {
    title: 'WHY',
    align: 'left',
    // The word where a sentence would have no room.
    text: ({ why }) => (terminal.columns !== null && terminal.columns < 100 ? why.cause : why.sentence),
    paint: ({ why }, text) => bySeverity(terminal, why.severity, text),
  },
]

/** Where a link is kept ready, and how far the peer is there. Processes of earlier versions do not say. */
function reserveOf({ dump }: Row): string {
  const ready = (dump.paths as typeof dump.paths | undefined)?.find(({ state }) => state === 'ready')
  if (ready === undefined) return '-'
  return ready.rttMs === null ? ready.address : `${ready.address} ${time(ready.rttMs)}`
}

function creditText({ dump }: Row): string {
  if (dump.link === null) return '-'
  const { used, window } = creditOf(dump)
  return `${used}/${short(window).trim()}`
}

function tableOf(terminal: Terminal, rows: readonly Row[]): string {
  return rows.length === 0 ? 'no peers\n' : table(terminal, COLUMNS(terminal), rows)
}
