/** `inkwire top`: every peer of every process in a table, the worst first, as it changes. */
import type { PeerView, Snapshot } from '../observe/index.ts'
import { bytes, short, time } from '../observe/words.ts'
import {
  ABOUT_ASKING,
  ASKING,
  EXIT,
  UsageError,
  numberOf,
  textOf,
  type Command,
  type Context,
  type Terminal,
} from './command.ts'
import { bySeverity, json, painted, plain, table, type Column } from './paint.ts'
import { answersOf, askAll, socketsOf } from './targets.ts'

interface Row extends PeerView {
  readonly of: string
}

const SORTS: Readonly<Record<string, (row: Row) => number>> = {
  why: ({ why, ages }) => why.severity * 1e12 + ages.peerMs + ages.hereMs,
  queue: ({ dump }) => dump.queuedMessages,
  rate: ({ rates }) => rates.sentBytes + rates.receivedBytes,
  rtt: ({ dump }) => dump.link?.rttMs ?? 0,
  faults: ({ dump }) => dump.counters.faults,
}

const CLEAR = '\u001b[H\u001b[2J'

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
  help: `Sorted so that what needs a look is on top. OUT and IN are messages a second; QUEUE is what is accepted and not acked, with the
age of the oldest message that is on no link; CREDIT is what the peer holds of what it lets us have under way.

  inkwire top -a /run/osd.0.asok
  inkwire top -a /run/inkwire --sort queue
  inkwire top --once --json | jq '.[] | select(.why.severity >= 2) | .why.sentence'`,
  async run({ context, values }) {
    const everyMs = numberOf(values, 'every', 1, 0.2, 3600) * 1000
    const sort = SORTS[textOf(values, 'sort') ?? 'why']
    if (sort === undefined) throw new UsageError(`--sort is one of ${Object.keys(SORTS).join(', ')}`)
    const live = values['once'] !== true && values['json'] !== true && context.terminal.columns !== null
    const limit = numberOf(values, 'limit', live ? Math.max(5, context.terminal.rows - 4) : 1e6, 1, 1e6)
    for (;;) {
      const answered = answersOf(await askAll(socketsOf(context, values), 'snapshot'), context)
      const snapshots = answered.map(({ answer }) => answer as Snapshot)
      const rows = rowsOf(snapshots).sort((one, other) => sort(other) - sort(one))
      if (values['json'] === true) context.out(json(rows.slice(0, limit)))
      else
        context.out(
          `${live ? CLEAR : ''}${head(context.terminal, snapshots)}${tableOf(context.terminal, rows.slice(0, limit))}`,
        )
      if (!live || !(await pause(context, everyMs))) return EXIT.ok
    }
  },
}

export function rowsOf(snapshots: readonly Snapshot[]): Row[] {
  return snapshots.flatMap(({ name, peers }) => peers.map((peer) => ({ ...peer, of: name })))
}

function head(terminal: Terminal, snapshots: readonly Snapshot[]): string {
  return snapshots
    .map(({ name, process, loopLagMs, health }) => {
      const lag = loopLagMs >= 200 ? painted(terminal, 'red', `  loop lag ${time(loopLagMs)}`) : ''
      const serving = health.status === 'SERVING' ? '' : painted(terminal, 'red', '  NOT SERVING')
      return `${plain(name)}  pid ${process.pid}  up ${time(process.uptimeS * 1000)}  rss ${bytes(process.rssBytes)}${lag}${serving}\n`
    })
    .join('')
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
  { title: 'OUT/s', align: 'right', text: ({ rates }) => short(rates.sentMessages).trim() },
  { title: 'IN/s', align: 'right', text: ({ rates }) => short(rates.receivedMessages).trim() },
  {
    title: 'QUEUE',
    align: 'right',
    text: ({ dump, ages }) => `${dump.queuedMessages}${ages.queuedMs > 0 ? ` (${time(ages.queuedMs)})` : ''}`,
  },
  { title: 'CREDIT', align: 'right', text: creditOf },
  {
    title: 'RTT',
    align: 'right',
    text: ({ dump }) => (typeof dump.link?.rttMs === 'number' ? time(dump.link.rttMs) : '-'),
  },
  { title: 'FAULTS', align: 'right', text: ({ dump }) => String(dump.counters.faults) },
  {
    title: 'WHY',
    align: 'left',
    text: ({ why }) => why.sentence,
    paint: ({ why }, text) => bySeverity(terminal, why.severity, text),
  },
]

function creditOf({ dump }: Row): string {
  if (dump.link === null) return '-'
  const under = dump.lanes.slice(0, 3).reduce((sum, lane) => sum + lane.sent, 0)
  return `${under}/${short(under + dump.creditFree.messages).trim()}`
}

function tableOf(terminal: Terminal, rows: readonly Row[]): string {
  return rows.length === 0 ? 'no peers\n' : table(terminal, COLUMNS(terminal), rows)
}

/** False: the user has had enough. */
export function pause({ signal }: Pick<Context, 'signal'>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve(false)
      return
    }
    const stop = (): void => {
      clearTimeout(timer)
      resolve(false)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve(true)
    }, ms)
    signal.addEventListener('abort', stop, { once: true })
  })
}
