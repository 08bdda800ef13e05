/** A subject that is there when somebody asks for it. */
import { Observable } from 'rxjs'
import t from 'tap'
import { Broadcast } from '../../../src/streams/broadcast.ts'

t.test('what is told before anybody asks is gone, and what comes after is heard by all', (t) => {
  const news = new Broadcast<number>()
  news.next(1)
  t.equal(news.observed, false)
  t.ok(news.shown instanceof Observable, 'as a program that imports rxjs knows them')
  const got: (number | string)[] = []
  const first = news.shown.subscribe((value) => got.push(value))
  news.shown.subscribe({ complete: () => got.push('over') })
  t.equal(news.observed, true)
  news.next(2)
  first.unsubscribe()
  news.next(3)
  news.complete()
  t.strictSame(got, [2, 'over'])
  t.equal(news.observed, false)
  t.end()
})

t.test('who asks after the end is told of it', (t) => {
  const news = new Broadcast<number>()
  news.complete()
  const got: (number | string)[] = []
  news.shown.subscribe({ next: (value) => got.push(value), complete: () => got.push('over') })
  news.next(1)
  t.strictSame(got, ['over'])
  t.end()
})
