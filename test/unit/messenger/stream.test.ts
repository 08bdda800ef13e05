/** That subscribers are user code: what they throw is reported, and they keep nobody from anything. */
import { Subject, firstValueFrom, map, merge, take, toArray } from 'rxjs'
import t from 'tap'
import { guarded } from '../../../src/messenger/stream.ts'
import { hostileValues } from '../../support/hostile-values.ts'

function setUp() {
  const source = new Subject<number>()
  const failures: string[] = []
  const stream = guarded(source, (error) => failures.push(error.message))
  return { source, stream, failures }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

t.test('a subscriber that throws or rejects is reported every time, and all go on', async (t) => {
  const { source, stream, failures } = setUp()
  const got: number[] = []
  stream.subscribe(() => {
    throw new Error('function')
  })
  stream.subscribe({
    next: () => {
      throw new Error('observer')
    },
    complete: () => {
      throw new Error('complete')
    },
  })
  stream.subscribe((): unknown => Promise.reject(new Error('async')))
  stream.subscribe((value) => void got.push(value))
  source.next(1)
  source.next(2)
  source.complete()
  await turn()
  t.strictSame(got, [1, 2])
  t.strictSame(failures.sort(), ['async', 'async', 'complete', 'function', 'function', 'observer', 'observer'])
})

t.test('what is thrown behind operators is reported too', async (t) => {
  const { source, stream, failures } = setUp()
  const got: number[] = []
  const broken = (): never => {
    throw new Error('operator')
  }
  stream.pipe(map(broken)).subscribe()
  stream.pipe(map((value) => value + 1)).subscribe(() => {
    throw new Error('behind')
  })
  stream
    .pipe(
      map((value) => value * 2),
      take(2),
    )
    .subscribe((value) => void got.push(value))
  source.next(1)
  source.next(2)
  await turn()
  t.strictSame(got, [2, 4])
  t.strictSame(failures.sort(), ['behind', 'behind', 'operator'], 'a pipe that threw has ended')
})

t.test('a caller who handles errors of its pipe gets them', (t) => {
  const { source, stream, failures } = setUp()
  const reasons: unknown[] = []
  const why = new Error('operator')
  const broken = (): never => {
    throw why
  }
  stream.pipe(map(broken)).subscribe({ error: (reason) => void reasons.push(reason) })
  source.next(1)
  t.strictSame([reasons, failures], [[why], []])
  t.end()
})

t.test('rxjs takes it as an observable of its own', async (t) => {
  const { source, stream } = setUp()
  const first = firstValueFrom(stream)
  const all = firstValueFrom(merge(stream, stream).pipe(toArray()))
  const seen: number[] = []
  const echo = new Subject<number>()
  echo.subscribe((value) => seen.push(value))
  stream.subscribe(echo)
  const subscription = stream.subscribe()
  source.next(1)
  subscription.unsubscribe()
  t.ok(subscription.closed)
  source.complete()
  t.strictSame([await first, await all, seen], [1, [1, 1], [1]])
})

t.test('nothing that is thrown breaks the report', (t) => {
  for (const [what, value] of hostileValues()) {
    const { source, stream, failures } = setUp()
    stream.subscribe(() => {
      throw value
    })
    source.next(1)
    t.equal(failures.length, 1, what)
  }
  t.end()
})
