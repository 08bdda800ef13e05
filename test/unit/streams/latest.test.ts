/** The value of now, and every change of it. */
import t from 'tap'
import { Latest } from '../../../src/streams/latest.ts'

function heard(state: Latest<string>, now: string): string[] {
  const got: string[] = []
  state.shown(now).subscribe({ next: (value) => got.push(value), complete: () => got.push('over') })
  return got
}

t.test('every subscriber gets the value of now first, and a value that follows itself once', (t) => {
  const state = new Latest<string>()
  state.next('before anybody asks')
  const first = heard(state, 'open')
  state.next('open')
  state.next('standby')
  const second = heard(state, 'standby')
  state.next('closed')
  state.complete()
  t.strictSame(first, ['open', 'standby', 'closed', 'over'])
  t.strictSame(second, ['standby', 'closed', 'over'])
  t.strictSame(heard(state, 'ignored: the last one is kept'), ['closed', 'over'])
  t.end()
})

t.test('who asks first after the end gets the last value', (t) => {
  const state = new Latest<string>()
  state.complete()
  t.strictSame(heard(state, 'closed'), ['closed', 'over'])
  t.end()
})
