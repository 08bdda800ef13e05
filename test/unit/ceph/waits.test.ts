/** Calls that wait: each settles once, and leaves nothing behind. */
import t from 'tap'
import { Waits } from '../../../src/ceph/waits.ts'
import { VirtualClock } from '../../../src/testing/index.ts'

function make(max = 3) {
  const clock = new VirtualClock()
  return { clock, waits: new Waits<string, number>({ clock, timeoutMs: 1000, max, why: () => '; it rains' }) }
}

t.test('an answer settles its call, and only once', async (t) => {
  const { waits, clock } = make()
  const answer = waits.add('x', 'detail', {}, (wait) => {
    t.match(wait, { id: 1, detail: 'detail' })
    t.equal(waits.get(1), wait, 'it is in the table when it begins')
    wait.resolve(7)
    wait.reject(new Error('too late'))
  })
  t.equal(await answer, 7)
  t.equal(waits.size, 0)
  t.equal(waits.get(1), undefined)
  await clock.drive(Promise.resolve())
})

t.test('the deadline is the own one, or that of all', async (t) => {
  const { waits, clock } = make()
  await clock.drive(
    Promise.all([
      t.rejects(waits.add('x', '', {}), { code: 'INK_TIMEOUT', message: 'x: no answer in 1000 ms; it rains' }),
      t.rejects(waits.add('y', '', { timeoutMs: 10 }), { code: 'INK_TIMEOUT', message: /^y: no answer in 10 ms/ }),
    ]),
  )
  t.equal(clock.nowMs(), 1000)
  t.equal(waits.size, 0)
})

t.test('signals, the bound and wrong options', async (t) => {
  const { waits } = make(1)
  const abort = new AbortController()
  const aborted = t.rejects(waits.add('x', '', { signal: abort.signal, timeoutMs: Infinity }), { code: 'INK_ABORTED' })
  await t.rejects(waits.add('y', '', {}), { code: 'INK_QUEUE_FULL', message: /1 calls/ })
  abort.abort()
  await aborted
  await t.rejects(waits.add('y', '', { signal: abort.signal }), { code: 'INK_ABORTED' }, 'also one that fired before')
  await t.rejects(waits.add('y', '', { signal: 5 as unknown as AbortSignal }), { code: 'INK_BAD_ARGUMENT' })
  await t.rejects(waits.add('y', '', { timeoutMs: 'soon' as unknown as number }), { code: 'INK_BAD_ARGUMENT' })
  t.equal(waits.size, 0)
})

t.test('all can be ended together, in the order in which they began', async (t) => {
  const { waits } = make()
  const ended: string[] = []
  const all = ['a', 'b'].map((name) => waits.add(name, name, {}).catch(() => ended.push(name)))
  t.strictSame(
    [...waits].map(({ detail }) => detail),
    ['a', 'b'],
  )
  waits.rejectAll(new Error('over'))
  await Promise.all(all)
  t.strictSame(ended, ['a', 'b'])
})
