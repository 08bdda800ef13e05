/** The life of a peer at both ends, as words and losses come in every order: in step, nested, and never connected alone. */
import t from 'tap'
import { PeerLife } from '../../../../src/session/life/peer-life.ts'
import type { LifeAction } from '../../../../src/session/life/peer-life.ts'
import type { Attempts, EndpointWord } from '../../../../src/session/life/words.ts'
import { seededRandom } from '../../../../src/testing/index.ts'

const LIFE = /^(A(CD)*X)*(A(CD)*C?)?$/
const READY = { kind: 'ready', attempt: 1, last: null } as const

/** All that is to be done, as text. */
function drain(life: PeerLife<string>): string[] {
  const done: string[] = []
  for (let action = life.next(); action !== null; action = life.next()) done.push(textOf(action))
  return done
}

function textOf(action: LifeAction<string>): string {
  switch (action.type) {
    case 'appear':
    case 'disappear':
      return `${action.type} ${action.session}`
    case 'connect':
      return `connect ${action.session} ${pair(action.attempts)}`
    case 'disconnect':
      return `disconnect: ${action.reason}`
    case 'pass':
      return `pass ${action.session} ${pair(action.attempts)}`
    case 'say':
      return action.word.kind === 'leave' ? 'say leave' : `say ready ${action.word.attempt} ${pair(action.word.last)}`
  }
}

function pair(attempts: Attempts | null): string {
  return attempts === null ? '-' : `${attempts.mine}/${attempts.yours}`
}

function make(since = 0) {
  const memory = { instance: null, last: null, since }
  const count = { made: since }
  return { memory, count, life: new PeerLife<string>(memory, count) }
}

const offered = (session: string, instance = 'B') => ({ session, instance, agrees: true })

t.test(
  'a peer appears, is connected when both are ready, is left, and disappears when its last session is over',
  (t) => {
    const { life } = make()
    t.ok(life.isOver)
    life.adopted(offered('s1'))
    t.strictSame(drain(life), ['appear s1', 'say ready 1 -'])
    life.heard('s1', READY)
    t.strictSame(drain(life), ['connect s1 1/1'])
    life.ended('s1', 'cut')
    t.strictSame(drain(life), ['disconnect: cut'], 'its application has not finished')
    t.notOk(life.isOver)
    life.finished()
    t.strictSame(drain(life), ['disappear s1'])
    t.ok(life.isOver)
    t.end()
  },
)

t.test('where the protocol says no words, the session is all there is', (t) => {
  const { life } = make()
  life.adopted({ session: 's1', instance: 'B', agrees: false })
  t.strictSame(drain(life), ['appear s1', 'connect s1 -'])
  t.end()
})

t.test('of several sessions the oldest counts, and words in another change nothing', (t) => {
  const { life } = make()
  life.adopted(offered('s1'))
  life.adopted(offered('s2'))
  drain(life)
  life.heard('s2', READY)
  life.heard('nobody', READY)
  t.strictSame(drain(life), [])
  life.lost('s1', 'cut')
  t.strictSame(drain(life), ['say ready 2 -', 'connect s2 2/1'])
  life.adopted(offered('s3'))
  life.heard('s3', READY)
  life.lost('s3', 'cut')
  life.ended('s3', 'over')
  t.strictSame(drain(life), [], 'what is connected stays so')
  life.lost('s2', 'cut')
  life.ended('s1', 'over')
  life.finished()
  t.strictSame(drain(life), ['disconnect: cut'], 'one connection is there still')
  life.ended('s2', 'over')
  t.strictSame(drain(life), ['disappear s2'])
  t.end()
})

t.test('who missed a time passes through it first, and who is ahead waits for that', (t) => {
  const { life } = make()
  life.adopted(offered('s1'))
  drain(life)
  life.lost('s1', 'cut')
  life.adopted(offered('s2'))
  t.strictSame(drain(life), ['say ready 2 -'])
  life.heard('s2', { kind: 'ready', attempt: 2, last: { mine: 1, yours: 1 } })
  t.strictSame(drain(life), ['pass s2 1/1'])
  life.finished()
  t.strictSame(drain(life), ['say ready 3 1/1', 'connect s2 3/2'])
  life.lost('s2', 'cut')
  life.finished()
  drain(life)
  life.adopted(offered('s3'))
  t.strictSame(drain(life), ['say ready 4 3/2'])
  life.heard('s3', { kind: 'ready', attempt: 3, last: { mine: 1, yours: 1 } })
  t.strictSame(drain(life), [], 'the peer has missed the time under 3/2')
  life.heard('s3', { kind: 'ready', attempt: 4, last: { mine: 1, yours: 3 } })
  t.strictSame(drain(life), [], 'what it says of our third attempt is older than what this end knows of it')
  t.end()
})

t.test('what was before anything is remembered is passed without a word to the application', (t) => {
  const { life } = make(5)
  life.adopted(offered('s1'))
  t.strictSame(drain(life), ['appear s1', 'say ready 6 -'])
  life.heard('s1', { kind: 'ready', attempt: 9, last: { mine: 8, yours: 4 } })
  t.strictSame(drain(life), ['say ready 7 4/8', 'connect s1 7/9'])
  const edge = make(5).life
  edge.adopted(offered('s1'))
  edge.heard('s1', { kind: 'ready', attempt: 9, last: { mine: 8, yours: 5 } })
  t.strictSame(drain(edge).slice(-1), ['connect s1 7/9'], 'the last attempt before is before')
  t.end()
})

t.test('another process under the same name has been connected under nothing yet', (t) => {
  const { life, memory } = make()
  life.adopted(offered('s1'))
  life.heard('s1', READY)
  drain(life)
  life.lost('s1', 'cut')
  life.finished()
  life.adopted(offered('s2', 'C'))
  t.strictSame(drain(life), ['disconnect: cut', 'say ready 2 -'])
  t.equal(memory.instance, 'C')
  t.end()
})

t.test('closing says so where READY was said, and leaves what is connected', (t) => {
  const { life } = make()
  life.adopted(offered('s1'))
  life.heard('s1', READY)
  drain(life)
  life.close()
  t.strictSame(drain(life), ['say leave', 'disconnect: the endpoint was closed'])
  life.finished()
  t.strictSame(drain(life), ['disappear s1'])
  const silent = make().life
  silent.adopted({ session: 's1', instance: 'B', agrees: false })
  silent.close()
  t.strictSame(drain(silent), [], 'nobody was met')
  t.ok(silent.isOver)
  t.end()
})

t.test('a peer that speaks again has begun anew; one that leaves before anything began is told again', (t) => {
  const { life } = make()
  life.adopted(offered('s1'))
  drain(life)
  life.heard('s1', { kind: 'leave' })
  t.strictSame(drain(life), ['say ready 2 -'])
  life.heard('s1', READY)
  drain(life)
  life.heard('s1', { kind: 'ready', attempt: 2, last: { mine: 1, yours: 2 } })
  t.strictSame(drain(life), ['disconnect: the peer has begun anew'])
  life.finished()
  t.strictSame(drain(life), ['say ready 3 2/1', 'connect s1 3/2'])
  t.end()
})

type Event =
  { readonly word: EndpointWord; readonly of: number } | { readonly begins: number } | { readonly lost: number }

/** One end of a random history: what comes to it, in order, and what its application has seen. */
class End {
  readonly life: PeerLife<number>
  readonly coming: Event[] = []
  seen = ''
  readonly times: Attempts[] = []
  #leaving = false

  constructor() {
    this.life = new PeerLife({ instance: null, last: null, since: 0 }, { made: 0 })
  }

  /** The next thing that comes; words go to the other end. */
  step(other: End, alive: number): void {
    const event = this.coming.shift()
    if (event === undefined) return
    if ('begins' in event) this.life.adopted({ session: event.begins, instance: 'X', agrees: true })
    else if ('lost' in event) this.life.ended(event.lost, 'cut')
    else this.life.heard(event.of, event.word)
    this.drain(other, alive)
  }

  finish(other: End, alive: number): void {
    if (!this.#leaving) return
    this.#leaving = false
    this.life.finished()
    this.drain(other, alive)
  }

  drain(other: End, alive: number): void {
    for (let action = this.life.next(); action !== null; action = this.life.next()) {
      if (action.type === 'appear') this.seen += 'A'
      if (action.type === 'disappear') this.seen += 'X'
      if (action.type === 'connect' || action.type === 'pass') this.seen += 'C'
      if (action.type === 'disconnect' || action.type === 'pass') {
        this.seen += 'D'
        this.#leaving = true
      }
      if ((action.type === 'connect' || action.type === 'pass') && action.attempts !== null)
        this.times.push(action.attempts)
      if (action.type === 'say' && action.session === alive) other.coming.push({ word: action.word, of: alive })
    }
  }
}

t.test('in random histories both ends see the same times in the same order, but for the last', (t) => {
  let met = 0
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed)
    const [a, b] = [new End(), new End()]
    let alive = 0
    for (let step = 0; step < 80; step++) {
      const dice = random.next()
      const [end, other] = random.next() < 0.5 ? [a, b] : [b, a]
      if (dice < 0.1) {
        // The session is lost, and with it words on their way; another one begins.
        for (const one of [a, b]) {
          const kept = one.coming.filter((event) => !('word' in event) || random.next() < 0.5)
          one.coming.splice(0, one.coming.length, ...kept)
          if (alive > 0) one.coming.push({ lost: alive })
          one.coming.push({ begins: alive + 1 })
        }
        alive++
      } else if (dice < 0.3) end.finish(other, alive)
      else end.step(other, alive)
      for (const { seen } of [a, b]) if (!LIFE.test(seen)) t.fail(`seed ${seed}: ${seen}`)
      const [mine, yours] = [a, b].map(({ times }) => times)
      const shared = Math.min(mine!.length, yours!.length)
      for (let index = 0; index < shared; index++) {
        const [one, two] = [mine![index]!, yours![index]!]
        if (one.mine !== two.yours || one.yours !== two.mine) t.fail(`seed ${seed}: the times differ at ${index}`)
      }
      if (Math.abs(mine!.length - yours!.length) > 1) t.fail(`seed ${seed}: one end is ahead by more than one`)
      met = Math.max(met, shared)
    }
  }
  t.ok(met >= 3, 'they met often enough to tell')
  t.end()
})
