/**
 * The shortest story that shows a violation: the events it is about, and what happened to their connections meanwhile.
 */
import type { HistoryEvent } from './history.ts'
import type { RecordedRun } from './violation.ts'

/** More lines than this are cut out of the middle. */
const LINES_MAX = 16

/** One line per event, oldest first. */
export function tell(run: RecordedRun, about: readonly number[]): string[] {
  const named = new Set(about.filter((at) => at >= 0 && at < run.events.length))
  const connections = new Set(
    [...named].map((at) => run.events[at]).map((event) => (event && 'on' in event ? event.on : -1)),
  )
  const first = Math.min(...named)
  const last = Math.max(...named)
  const lines: string[] = []
  for (let at = first; at <= last; at++) {
    const event = run.events[at]
    if (event === undefined || !(named.has(at) || isTurn(event, connections))) continue
    lines.push(describe(run, event))
  }
  if (lines.length <= LINES_MAX) return lines
  const half = LINES_MAX / 2
  return [...lines.slice(0, half), `… ${lines.length - LINES_MAX} more …`, ...lines.slice(-half)]
}

/** Something that changes the course of a connection. */
function isTurn(event: HistoryEvent, connections: ReadonlySet<number>): boolean {
  if (event.kind === 'crash') return true
  if (['send', 'withdraw', 'acked', 'failed', 'deliver', 'finish'].includes(event.kind)) return false
  return connections.has(event.on)
}

function describe(run: RecordedRun, event: HistoryEvent): string {
  const time = `${event.atMs.toFixed(3).padStart(12)} ms  `
  if (event.kind === 'crash') return `${time}${run.nodes[event.node]?.name ?? '?'} crashes`
  const connection = run.connections[event.on]
  const where = `${run.nodes[connection?.node ?? -1]?.name ?? '?'} #${event.on}`
  return `${time}${where.padEnd(14)} ${say(event)}`
}

function say(event: Exclude<HistoryEvent, { kind: 'crash' }>): string {
  switch (event.kind) {
    case 'send':
      return `sends ${event.key}`
    case 'deliver':
      return `gets ${event.key}`
    case 'open':
      return `${event.how} ${event.peerName} (${event.peerInstance.slice(0, 8)}, session ${event.session.slice(0, 8)})`
    case 'fault':
      return `fault: ${event.reason}`
    case 'reset':
    case 'remoteReset':
      return `${event.kind}: ${event.reason} (${counts(event.outcome)})`
    case 'markDown':
      return `markDown (${counts(event.outcome)})`
    case 'undeliverable':
      return `cannot deliver ${event.key}`
    case 'overrun':
      return event.what
    case 'finish':
      return 'handler done'
    case 'failed':
      return `deliver() failed: ${event.fate}`
    case 'withdraw':
      return 'the message was not taken'
    case 'refused':
      return `refused: ${event.code}`
    case 'closing':
    case 'acked':
    case 'closed':
      return event.kind
  }
}

function counts(outcome: { readonly undelivered: readonly string[]; readonly unknown: readonly string[] }): string {
  return `${outcome.undelivered.length} undelivered, ${outcome.unknown.length} unknown`
}
