/** The law of calls: what it believes, and every lie that it finds. */
import t from 'tap'
import { CallLedger, type CallEnd, type CallFact } from '../../../../src/testing/laws/call-ledger.ts'

const reply = (answers: number): CallEnd => ({ how: 'reply', answers })
const failure = (reason: string, indeterminate: boolean): CallEnd => ({ how: 'failure', reason, indeterminate })
const made = { kind: 'made', call: 1, by: 'a' } as const
const ran = { kind: 'ran', call: 1 } as const
const answered = { kind: 'handled', call: 1, how: 'answered' } as const
const threw = { kind: 'handled', call: 1, how: 'threw' } as const
const ended = (end: CallEnd): CallFact => ({ kind: 'ended', call: 1, end })
const verdict = (what: 'cancelled' | 'too-late'): CallFact => ({ kind: 'verdict', call: 1, verdict: what })

function problemsOf(facts: readonly CallFact[], isOver = true): string[] {
  const ledger = new CallLedger()
  for (const fact of facts) ledger.add(fact)
  return ledger.problems(isOver)
}

t.test('what may happen to a call is no violation', (t) => {
  const stories: readonly (readonly CallFact[])[] = [
    [made, ran, answered, ended(reply(1))],
    [made, ran, threw, ended(failure('handler-error', true))],
    [made, ended(failure('quota', false))],
    [made, ended(failure('disconnected', true))],
    [made, ran, ended(failure('deadline', true)), answered],
    [made, ran, threw, verdict('cancelled'), ended(failure('cancelled-local', true))],
    [made, ran, answered, verdict('too-late'), ended(reply(1))],
    [made, ran, { kind: 'crashed', by: 'a' }],
  ]
  for (const story of stories) t.strictSame(problemsOf(story), [])
  t.strictSame(problemsOf([made, ran], false), [], 'it may still be open')
  t.end()
})

t.test('every lie is found', (t) => {
  const lies: readonly (readonly [RegExp, readonly CallFact[]])[] = [
    [/never heard/, [made, ran, answered]],
    [/ended 2 times/, [made, ran, answered, ended(reply(1)), ended(reply(1))]],
    [/ran 2 times/, [made, ran, ran, answered, ended(reply(1))]],
    [/nobody gave/, [made, ended(reply(1))]],
    [/reply of call 2/, [made, ran, answered, ended(reply(2))]],
    [/denies that/, [made, ended(failure('deadline', false)), ran]],
    [/leaves open/, [made, ended(failure('quota', true))]],
    [/nobody threw/, [made, ran, answered, ended(failure('handler-error', true))]],
    [/called cancelled/, [made, ran, answered, verdict('cancelled'), ended(failure('cancelled-local', true))]],
    [/never ended/, [made, ran, verdict('too-late'), ended(failure('cancelled-local', true))]],
    [/two verdicts/, [made, ran, threw, verdict('too-late'), verdict('cancelled'), ended(failure('deadline', true))]],
    [/nobody made it/, [ran]],
  ]
  for (const [what, story] of lies) t.match(problemsOf(story).join(), what)
  t.end()
})

t.test('it counts how calls ended', (t) => {
  const ledger = new CallLedger()
  for (const fact of [made, ran, answered, ended(reply(1))]) ledger.add(fact)
  t.equal(ledger.count('reply'), 1)
  t.equal(ledger.count('deadline'), 0)
  t.equal(ledger.size, 1)
  t.end()
})
