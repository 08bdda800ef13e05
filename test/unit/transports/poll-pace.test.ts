/** When a busy loop looks and when it sleeps, told by threads that live in simulated time. */
import t from 'tap'
import {
  BUDGET_MS,
  FIND_WORTH_MS,
  REST_MAX_MS,
  REST_MIN_MS,
  SAMPLE_MS,
  WINDOW_MAX_MS,
  WINDOW_MIN_MS,
} from '../../../src/transports/poll-pace.ts'
import { PollingThread } from '../../support/polling-thread.ts'

t.test('reads that come densely are all found by looking, once the first few have been slept for', (t) => {
  const thread = new PollingThread()
  thread.readEvery(0.02, 1000)
  t.ok(thread.sleeps <= 4, `${thread.sleeps} sleeps`)
  t.equal(thread.pace.windowMs > 0, true)
  t.end()
})

t.test(
  'a sleep that was short makes the window grow up to its longest, one that was long makes it shrink to none',
  (t) => {
    const { pace } = new PollingThread()
    t.notOk(pace.wakes(0), 'nothing is known of the first read')
    t.equal(pace.windowMs, 0)
    const windows = [1, 2, 3, 4].map((sleep) => {
      pace.wakes(sleep * WINDOW_MAX_MS * 0.9)
      return pace.windowMs
    })
    t.same(windows, [WINDOW_MIN_MS, WINDOW_MIN_MS * 2, WINDOW_MIN_MS * 4, WINDOW_MAX_MS])
    const later = [1, 2, 3, 4].map((seconds) => {
      pace.wakes(seconds * 1000)
      return pace.windowMs
    })
    t.same(later, [WINDOW_MAX_MS / 2, WINDOW_MAX_MS / 4, WINDOW_MIN_MS, 0])
    t.end()
  },
)

t.test('it looks for a window behind a find, and sleeps then', (t) => {
  const thread = new PollingThread()
  thread.readEvery(0.02, 100)
  const { windowMs } = thread.pace
  const before = thread.awakeMs
  thread.passes(1000)
  t.ok(
    thread.awakeMs - before <= windowMs + thread.lookMs,
    `${thread.awakeMs - before} ms for a window of ${windowMs} ms`,
  )
  t.end()
})

t.test('a thread at rest, which hears a keepalive now and then, does not look at all', (t) => {
  const thread = new PollingThread()
  thread.readEvery(10_000, 100)
  t.equal(thread.looks, 0)
  t.end()
})

t.test('after a busy time, the first keepalives cost a window each at the most, and soon none', (t) => {
  const thread = new PollingThread()
  thread.readEvery(0.02, 1000)
  const { awakeMs } = thread
  thread.readEvery(10_000, 3)
  t.ok(thread.awakeMs - awakeMs <= 4 * WINDOW_MAX_MS, `${thread.awakeMs - awakeMs} ms`)
  const { looks } = thread
  thread.readEvery(10_000, 100)
  t.equal(thread.looks, looks)
  t.end()
})

t.test('looking that costs more than it saves is given up, and tried again ever less often', (t) => {
  const thread = new PollingThread()
  const apartMs = 3 * FIND_WORTH_MS
  thread.readEvery(apartMs, 10_000 / apartMs)
  t.ok(thread.awakeMs < 10_000 * 0.01, `${thread.awakeMs} ms of ten seconds`)
  t.ok(thread.awakeMs >= 5 * BUDGET_MS, 'it was tried several times')
  t.end()
})

t.test(
  'so is looking in bursts too far apart for a window, however often the window is forgotten between them',
  (t) => {
    const thread = new PollingThread()
    for (let burst = 0; burst < 10_000; burst++) {
      thread.readEvery(WINDOW_MAX_MS * 0.9, 2)
      thread.readEvery(WINDOW_MAX_MS * 1.5, 2)
    }
    t.ok(thread.awakeMs < 100, `${thread.awakeMs} ms of nearly ten seconds`)
    t.end()
  },
)

t.test('who shares its processor stops within a sample, and looks for less than a hundredth of the time', (t) => {
  const thread = new PollingThread({ share: 0.5 })
  thread.readEvery(0.02, 500)
  t.ok(thread.awakeMs <= SAMPLE_MS + thread.lookMs * 2, `${thread.awakeMs} ms`)
  thread.readEvery(0.02, 500_000)
  t.ok(thread.awakeMs < 100, `${thread.awakeMs} ms of ten seconds`)
  t.end()
})

t.test('so does one from which the processor is taken again and again', (t) => {
  const thread = new PollingThread({ takenEveryMs: 1 })
  thread.readEvery(0.02, 500_000)
  t.ok(thread.awakeMs < 100, `${thread.awakeMs} ms of ten seconds`)
  t.end()
})

t.test('small work of the system, once in a while, stops nobody', (t) => {
  const thread = new PollingThread({ takenEveryMs: 3, share: 0.97 })
  thread.readEvery(0.02, 50_000)
  t.ok(thread.sleeps <= 4, `${thread.sleeps} sleeps`)
  t.end()
})

t.test('when the neighbours are gone it looks again within the longest rest, and forgets its long rests', (t) => {
  const thread = new PollingThread({ share: 0.5 })
  thread.readEvery(0.02, 500_000)
  thread.share = 1
  thread.readEvery(0.02, (REST_MAX_MS + 10) / 0.02)
  t.ok(thread.pace.windowMs > 0)
  thread.readEvery(0.02, (2 * REST_MAX_MS) / 0.02)
  thread.share = 0.5
  thread.readEvery(0.02, (SAMPLE_MS * 2) / 0.02)
  t.equal(thread.pace.windowMs, 0, 'it rests')
  thread.share = 1
  thread.readEvery(0.02, (REST_MIN_MS + 1) / 0.02)
  t.ok(thread.pace.windowMs > 0, 'a first rest again')
  t.end()
})

t.test('time that was slept is not held against it', (t) => {
  const thread = new PollingThread()
  const bursts = 1000
  for (let burst = 0; burst < bursts; burst++) {
    thread.readEvery(5, 1)
    thread.readEvery(0.02, 50)
  }
  t.ok(thread.sleeps <= 3 * bursts, `${thread.sleeps} sleeps`)
  t.end()
})
