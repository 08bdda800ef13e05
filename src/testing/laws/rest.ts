/**
 * What the two ends of a session say when nothing moves any more, held against each other: laws L2, L7 and L9.
 *
 * Each end counts for itself: how far its lanes are, what it may send, what it lets the other one send. When all is
 * quiet, these numbers meet; a lost ack, a mark of the wrong lane or credit that leaks shows here, long before a queue is full.
 */
import type { RecordedEnd } from './recorded.ts'
import type { RecordedRun, Report } from './violation.ts'

/** Far above any window. */
const UNBOUNDED_MESSAGES = 2 ** 40

/** Compares the ends of a settled run. */
export function checkRest(run: RecordedRun, report: Report): void {
  const ends = (run.ends ?? []).filter((end) => end.open && end.queuedMessages === 0 && end.heldMessages === 0)
  const tell = (law: Parameters<Report>[0], end: RecordedEnd, message: string): void => {
    report(law, `${nameOf(run, end)}: ${message}`, lastOpen(run, end))
  }
  for (const end of ends) {
    const [other, third] = ends.filter((one) => one.session === end.session && one !== end)
    if (other === undefined || third !== undefined) continue
    compareLanes(run, end, other, tell)
    compareCredit(end, other, tell)
  }
}

type Tell = (law: Parameters<Report>[0], end: RecordedEnd, message: string) => void

function compareLanes(run: RecordedRun, end: RecordedEnd, other: RecordedEnd, tell: Tell): void {
  const byHandler = run.connections[other.on]?.ackOn === 'processed'
  for (const [index, { tail, processed }] of end.lanes.entries()) {
    const { inReceived, inProcessed } = other.lanes[index] ?? { inReceived: 0, inProcessed: 0 }
    if (tail !== inReceived) tell('L2', end, `lane ${index} sent ${tail} messages, and ${inReceived} came`)
    else if (byHandler && processed > inProcessed)
      tell('L7', end, `lane ${index} believes in ${processed} handled messages, and there are ${inProcessed}`)
  }
}

/** In flight is nothing, held is nothing: free is the window, but for what is not worth telling. */
function compareCredit(end: RecordedEnd, other: RecordedEnd, tell: Tell): void {
  // A protocol without credit grants more than anybody can ever use.
  if (end.creditFree.messages > UNBOUNDED_MESSAGES) return
  for (const unit of ['messages', 'bytes'] as const) {
    const [free, granted, window] = [end.creditFree[unit], other.creditGranted[unit], other.window[unit]]
    if (free !== granted) tell('L9', end, `it may send ${free} ${unit}, and the other end expects ${granted}`)
    else if (free > window) tell('L9', end, `it may send ${free} ${unit}, more than the window of ${window}`)
    else if ((window - free) * 4 >= window && window > free)
      tell('L9', end, `it may send ${free} ${unit} of a window of ${window}: the rest leaked`)
  }
}

function nameOf(run: RecordedRun, end: RecordedEnd): string {
  return run.nodes[run.connections[end.on]?.node ?? -1]?.name ?? '?'
}

function lastOpen(run: RecordedRun, end: RecordedEnd): number[] {
  return [run.events.findLastIndex((event) => event.kind === 'open' && event.on === end.on)]
}
