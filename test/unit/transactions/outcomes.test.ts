/** What a server keeps of calls that run once: who has the handler, who waits for it, what is kept, and for how long. */
import t from 'tap'
import { ONCE } from '../../../src/transactions/machine/limits.ts'
import { behindOnce, onceNote, readOnce } from '../../../src/transactions/machine/once.ts'
import { Outcomes, type CallOutcomeKept } from '../../../src/transactions/machine/outcomes.ts'
import type { CallFailure } from '../../../src/transactions/machine/words.ts'

const REPLY: CallOutcomeKept = { reply: { front: null, data: new Uint8Array(3) }, failure: null }

function failed(indeterminate: boolean): CallOutcomeKept {
  const failure: CallFailure = { reason: 'handler-error', code: 'EIO', detail: '', indeterminate, retryAfterMs: 0 }
  return { reply: null, failure }
}

/** Attempts are named by what they are: `a1` is the first of call a. */
function setUp() {
  const outcomes = new Outcomes<string>()
  let nowMs = 0
  return {
    outcomes,
    pass: (ms: number) => (nowMs += ms),
    come: (call: string, number: number, below = 0, caller = 'client.a', again = false) =>
      outcomes.arrived(caller, { number, below, again }, call, nowMs),
  }
}

t.test('a second attempt waits for the first, goes with it, and ends as it has', (t) => {
  const { outcomes, come } = setUp()
  t.match(come('a1', 1), { is: 'first' })
  t.match(come('a2', 1), { is: 'behind' })
  t.strictSame(outcomes.began('a1'), ['a2'])
  t.match(come('a3', 1), { is: 'joined', runner: 'a1' })
  t.strictSame([outcomes.runnerOf('a1'), outcomes.runnerOf('a3'), outcomes.runnerOf('b1')], [null, 'a1', null])
  t.match(come('b1', 1, 0, 'client.b'), { is: 'first' }, 'another caller has numbers of its own')
  t.strictSame(outcomes.ended('a2', REPLY, 10), [], 'it has not the handler')
  t.strictSame(outcomes.ended('a1', REPLY, 10), ['a2', 'a3'])
  t.match(come('a4', 1), { is: 'answered', outcome: REPLY })
  t.strictSame(outcomes.ended('a1', failed(true), 10), [], 'it ends once')
  t.strictSame(outcomes.kept, { callers: 2, attempts: 1, bytes: 10 })
  t.end()
})

t.test('one that never runs makes room for the next, and what has not run may run', (t) => {
  const { outcomes, come } = setUp()
  come('a1', 1)
  come('a2', 1)
  come('a3', 1)
  t.equal(outcomes.left('a2'), null, 'it only waited')
  t.equal(outcomes.left('a1'), 'a3')
  t.strictSame(outcomes.began('a3'), [])
  t.equal(outcomes.left('a3'), null, 'whoever has the handler keeps it')
  t.strictSame(outcomes.ended('a3', failed(false), 10), [])
  t.match(come('a4', 1), { is: 'first' }, 'no handler had run')
  t.equal(outcomes.left('a4'), null)
  t.match(come('a5', 1), { is: 'first' })
  outcomes.began('a5')
  outcomes.ended('a5', failed(true), 10)
  t.match(come('a6', 1), { is: 'answered', outcome: failed(true) }, 'a failure of its handler is its outcome')
  t.end()
})

t.test('what its caller asks for no more is not kept, and a late attempt of it never runs', (t) => {
  const { outcomes, come } = setUp()
  for (const number of [1, 2, 3]) {
    come(`a${number}`, number)
    if (number < 3) outcomes.ended(`a${number}`, REPLY, 100)
  }
  t.equal(outcomes.kept.bytes, 200)
  come('b', 4, 4)
  t.strictSame(outcomes.kept, { callers: 1, attempts: 2, bytes: 0 })
  t.match(come('late', 2), { is: 'refused', failure: { reason: 'refused', code: 'OVER', indeterminate: true } })
  t.match(come('late', 3), { is: 'refused' })
  outcomes.began('a3')
  t.strictSame(outcomes.ended('a3', REPLY, 100), [], 'it runs to its end, and nobody wants to know')
  t.equal(outcomes.kept.bytes, 0)
  come('c', 5, 2)
  t.match(come('late', 3), { is: 'refused' }, 'the mark never goes back')
  t.end()
})

t.test('a caller of whom too much is kept is refused before it runs, and others are not', (t) => {
  const { outcomes, come } = setUp()
  for (let number = 1; number <= ONCE.outcomesMax; number++) {
    t.equal(come(`a${number}`, number).is, 'first')
    outcomes.ended(`a${number}`, REPLY, 1)
  }
  const busy = { is: 'refused', failure: { reason: 'quota', code: 'BUSY', indeterminate: false, retryAfterMs: 100 } }
  t.match(come('more', 2000), busy)
  t.match(come('again', 7), { is: 'answered' }, 'what it has asked before it may ask')
  t.match(come('b', 1, 0, 'client.b'), { is: 'first' })
  t.match(come('more', 2000, 10), { is: 'first' })

  const large = setUp()
  large.come('a1', 1)
  large.come('a2', 2)
  large.outcomes.ended('a1', REPLY, ONCE.callerBytesMax)
  large.outcomes.ended('a2', REPLY, 1)
  t.match(large.come('a3', 2), { is: 'answered', outcome: { failure: { code: 'NOT_KEPT', indeterminate: true } } })
  t.match(large.come('a4', 4), busy)
  t.match(large.come('a5', 5, 2), { is: 'first' })
  t.end()
})

t.test('who has not called for long is forgotten when there is need, and never taken for new', (t) => {
  const { outcomes, pass, come } = setUp()
  const callers = ONCE.callersMax
  for (let index = 0; index < callers; index++) {
    come(`${index}`, 1, 0, `client.${index}`)
    if (index > 0) outcomes.ended(`${index}`, REPLY, ONCE.bytesMax / callers)
  }
  t.match(come('new', 1, 0, 'client.new'), { is: 'refused', failure: { code: 'BUSY' } })
  t.match(
    come('first try', 1, 0, 'client.gone', true),
    { is: 'refused', failure: { code: 'BUSY' } },
    'nobody was forgotten',
  )
  pass(ONCE.keptMs)
  t.match(come('new', 1, 0, 'client.new'), { is: 'first' })
  t.equal(outcomes.kept.callers, callers)
  t.match(come('0 again', 1, 0, 'client.0', true), { is: 'behind' }, 'one that waits for its handler is kept')
  t.match(come('1 again', 1, 0, 'client.1', true), {
    is: 'refused',
    failure: { code: 'FORGOTTEN', indeterminate: true },
  })
  t.match(come('1 anew', 2, 2, 'client.1'), { is: 'first' })
  t.match(come('3 again', 1, 0, 'client.3', true), { is: 'answered' })
  t.end()
})

t.test('outcomes of all callers together are bounded, too', (t) => {
  const { outcomes, pass, come } = setUp()
  const callers = ONCE.bytesMax / ONCE.callerBytesMax
  for (let index = 0; index < callers; index++) {
    come(`${index}`, 1, 0, `client.${index}`)
    outcomes.ended(`${index}`, REPLY, ONCE.callerBytesMax)
  }
  t.match(come('a', 1, 0, 'client.a'), { is: 'refused', failure: { code: 'BUSY' } })
  pass(ONCE.keptMs)
  t.match(come('a', 2, 0, 'client.a'), { is: 'first' })
  t.equal(outcomes.kept.bytes, ONCE.bytesMax - ONCE.callerBytesMax)
  t.end()
})

t.test('the note of an attempt is read as it was written, whatever its metadata is', (t) => {
  const attempt = { instance: '0123456789abcdef0123456789abcdef', number: 2 ** 40 + 3, below: 2 ** 33, again: true }
  for (const metadata of [null, Uint8Array.of(1, 2, 3)]) {
    const note = onceNote(attempt, metadata)
    t.strictSame(readOnce(note), attempt)
    t.strictSame([...behindOnce(note)], [...(metadata ?? [])])
    t.equal(readOnce(note.subarray(0, ONCE.noteBytes - 1)), null)
  }
  t.equal(readOnce(new Uint8Array(100).fill(1)), null, 'metadata')
  t.equal(readOnce(new Uint8Array(0)), null)
  t.end()
})
