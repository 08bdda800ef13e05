/** The poller of a thread: one immediate for all links, none while nothing comes, and none that keeps a process alive. */
import t from 'tap'
import { SAMPLE_MS, WINDOW_MAX_MS } from '../../../src/transports/poll-pace.ts'
import { Poller } from '../../../src/transports/poller.ts'

/** A thread that a test moves on, turn by turn. */
class Thread {
  nowMs = 0
  clockReads = 0
  usages = 0
  turns: (() => void)[] = []
  readonly poller = new Poller({
    monotonicMs: () => {
      this.clockReads++
      return this.nowMs
    },
    nextTurn: (callback) => this.turns.push(callback),
    usage: () => {
      this.usages++
      return { cpuMs: this.nowMs, taken: 0 }
    },
  })

  /** A turn of the loop that takes so long, and in which links find so much. */
  turn(ms: number, finds: number): void {
    this.nowMs += ms
    for (let find = 0; find < finds; find++) this.poller.found()
    const due = this.turns
    this.turns = []
    for (const callback of due) callback()
  }

  /** One that is busy already. */
  static busy(): Thread {
    const thread = new Thread()
    for (let turn = 0; turn < 10; turn++) thread.turn(0.02, 1)
    return thread
  }
}

t.test('however many links find something in a turn, there is one immediate, and one look at the clock', (t) => {
  const thread = Thread.busy()
  thread.clockReads = 0
  thread.turn(0.02, 100)
  t.equal(thread.turns.length, 1)
  t.equal(thread.clockReads, 1)
  t.end()
})

t.test('what was used is asked for once per sample', (t) => {
  const thread = Thread.busy()
  thread.usages = 0
  for (let turn = 0; turn < 1000; turn++) thread.turn(0.02, 1)
  const samples = 20 / SAMPLE_MS
  // The end of one is the beginning of the next.
  t.ok(thread.usages <= 2 * samples + 2, `${thread.usages} times in 20 ms`)
  t.end()
})

t.test('when nothing comes any more, nothing is pending after a window', (t) => {
  const thread = Thread.busy()
  let turns = 0
  for (; thread.turns.length > 0; turns++) thread.turn(0.02, 0)
  t.ok(turns >= 1 && turns <= WINDOW_MAX_MS / 0.02 + 1, `${turns} turns`)
  t.end()
})

t.test('one read in a while arms nothing', (t) => {
  const thread = new Thread()
  for (let read = 0; read < 10; read++) {
    thread.turn(1000, 1)
    t.equal(thread.turns.length, 0)
  }
  t.end()
})
