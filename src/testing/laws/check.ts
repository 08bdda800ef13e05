/**
 * The laws of Inkwire, held against a history: your own run's or a simulated one's.
 *
 * One pass over the events; what needs the end of the run (everything arrived, both ends agree) is only asked when the
 * contract says that the run had settled. L5 is not here: that a run settles at all is seen by whoever runs it.
 *
 * @example
 * const violations = check(history, { settled: true })
 * t.equal(violations.length, 0, report(violations))
 */
import { onlyKnown } from '../../common/options.ts'
import type { HistoryEvent } from './history.ts'
import { HostileLedger } from './hostile-ledger.ts'
import { MessageLedger } from './message-ledger.ts'
import { checkRest } from './rest.ts'
import { SessionLedger } from './session-ledger.ts'
import { tell } from './story.ts'
import type { Contract, Law, RecordedRun, Violation } from './violation.ts'

/** What is wrong with a run; an empty array when nothing is. Throws `INK_BAD_ARGUMENT` for a name that a contract does not have. */
export function check(run: RecordedRun, contract: Contract = {}): Violation[] {
  const violations: Violation[] = []
  onlyKnown('check()', contract, ['settled', 'hostile', 'violationsMax'])
  const most = contract.violationsMax ?? 5
  const report = (law: Law, message: string, about: readonly number[]): void => {
    if (violations.length < most) violations.push({ law, message, story: tell(run, about) })
  }
  const hostile = new HostileLedger(run, contract.hostile ?? [], report)
  const messages = new MessageLedger(run, report)
  const sessions = new SessionLedger(run, report)
  for (const [at, event] of run.events.entries()) {
    if (violations.length >= most) return violations
    if (contract.hostile !== undefined) hostile.take(event, at)
    if (!hostile.withholds(event)) take(messages, sessions, event, at, report)
  }
  hostile.finish()
  if (contract.settled === true) {
    for (const { id } of run.connections) if (sessions.isWhole(id)) messages.settled(id, sessions.peerAcksEarly(id))
    sessions.settled()
    checkRest(hostile.others, report)
  }
  return violations
}

/** Violations as text, for people. */
export function report(violations: readonly Violation[]): string {
  return violations.map(({ law, message, story }) => [`${law}: ${message}`, ...story].join('\n')).join('\n\n')
}

function take(
  messages: MessageLedger,
  sessions: SessionLedger,
  event: HistoryEvent,
  at: number,
  report: (law: Law, message: string, about: readonly number[]) => void,
): void {
  switch (event.kind) {
    case 'send':
      messages.send(event, at)
      break
    case 'withdraw':
      messages.withdraw(event, at)
      break
    case 'acked':
      messages.acked(event, at, sessions.peerAcksEarly(event.on))
      break
    case 'open':
      sessions.open(event, at)
      break
    case 'deliver':
      sessions.deliver(event, at)
      messages.deliver(event, at, sessions.peerOf(event.on))
      break
    case 'finish':
      messages.finish(event, at)
      break
    case 'remoteReset':
      // What is told here is about the peer that was; `open` with the new one follows.
      messages.reset(event.on, event.outcome, at, sessions.peerAcksEarly(event.on), false)
      sessions.remoteReset(event.on, at)
      break
    case 'reset':
    case 'markDown':
      messages.reset(event.on, event.outcome, at, sessions.peerAcksEarly(event.on), true)
      if (event.kind === 'reset') sessions.reset(event.on, at)
      else sessions.closed(event.on)
      break
    case 'closed':
      messages.closed(event.on, at, sessions.peerAcksEarly(event.on))
      sessions.closed(event.on)
      break
    case 'undeliverable':
      messages.undeliverable(event, at)
      break
    case 'overrun':
      report(event.law, event.what, [at])
      break
    case 'crash':
      sessions.crash(event.node)
      break
    case 'fault':
      sessions.fault(event.on)
      break
    case 'failed':
      messages.failed(event, at)
      break
    case 'refused':
      sessions.refused(event, at)
      break
    case 'closing':
      break
  }
}
