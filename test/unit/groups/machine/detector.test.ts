/** Who is suspected: a peer that is silent for much longer than it used to be, and nobody when it was we who stood still. */
import t from 'tap'
import { Detector } from '../../../../src/groups/machine/detector.ts'

const TIMES = { tickMs: 100, suspectAfterMs: 1000, suspectByMs: 60_000 }

/** Ticks every 100 ms up to `toMs`; `each` says who is heard then. */
function run(detector: Detector<string>, fromMs: number, toMs: number, each: (nowMs: number) => void): string[] {
  const suspected: string[] = []
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += 100) {
    each(nowMs)
    suspected.push(...detector.tick(nowMs).map((peer) => `${peer} at ${nowMs}`))
  }
  return suspected
}

t.test('a silent peer is suspected once, and trusted again when it is heard', (t) => {
  const detector = new Detector<string>(TIMES, 0)
  detector.watch('a', 0)
  detector.watch('b', 0)
  t.strictSame(
    run(detector, 100, 3000, (nowMs) => void detector.heard('b', nowMs)),
    ['a at 1100'],
  )
  t.equal(detector.isSuspected('a'), true)
  t.equal(detector.heard('a', 3050), true, 'it is back')
  t.equal(detector.isSuspected('a'), false)
  t.equal(detector.heard('a', 3060), false)
  t.end()
})

t.test('when our own ticks come late, nobody is suspected for it', (t) => {
  const detector = new Detector<string>(TIMES, 0)
  detector.watch('a', 0)
  run(detector, 100, 1000, (nowMs) => void detector.heard('a', nowMs))
  t.strictSame(detector.tick(9000), [], 'we stood still for eight seconds')
  t.strictSame(
    run(detector, 9100, 9500, () => undefined),
    [],
  )
  t.strictSame(
    run(detector, 9600, 11_000, () => undefined),
    ['a at 10000'],
    'and then it is silent for longer than it may be',
  )
  t.end()
})

t.test('a peer whose signs come irregularly has more time', (t) => {
  const detector = new Detector<string>(TIMES, 0)
  detector.watch('a', 0)
  const often = run(detector, 100, 30_000, (nowMs) => {
    if (nowMs % 900 === 0 || nowMs % 2000 === 0) detector.heard('a', nowMs)
  })
  t.strictSame(often, [], 'gaps of up to 900 ms are its way')
  const [when = ''] = run(detector, 30_100, 60_000, () => undefined)
  t.match(when, /^a at 3[1-9]\d\d\d$/, 'more than a second, less than ten')
  t.end()
})

t.test('who is forgotten is suspected no more', (t) => {
  const detector = new Detector<string>(TIMES, 0)
  detector.watch('a', 0)
  detector.forget('a')
  t.strictSame(
    run(detector, 100, 5000, () => undefined),
    [],
  )
  t.equal(detector.heard('a', 5000), false)
  t.equal(detector.isWatched('a'), false)
  t.end()
})
