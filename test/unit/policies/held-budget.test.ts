/** What is held counts once for everybody concerned, and comes back. */
import t from 'tap'
import { CONTROL_WORDS_PER_NAME_MAX, HeldBudget, MESSAGE_OVERHEAD_BYTES } from '../../../src/policies/held-budget.ts'
import { HeldAccount } from '../../../src/policies/held-account.ts'

const COST = 1000
const BYTES = COST - MESSAGE_OVERHEAD_BYTES

function setUp(total = 100 * COST, perName = 10 * COST) {
  const budget = new HeldBudget(total, perName)
  const woken: string[] = []
  const stopped: string[] = []
  const shareOf = (name: string | null, label = name ?? 'nobody', policy: Parameters<HeldBudget['share']>[0] = null) =>
    budget.share(policy, name, { easier: () => woken.push(label), throttle: () => stopped.push(label) })
  return { budget, woken, stopped, shareOf }
}

t.test('a small message counts what it costs, not what it weighs', (t) => {
  const { budget, shareOf } = setUp()
  const share = shareOf('osd.1')
  share.add(4)
  t.equal(budget.total.held, 4 + MESSAGE_OVERHEAD_BYTES)
  share.sub(4)
  t.equal(budget.total.held, 0)
  t.end()
})

t.test('all connections of a name share one account; another name is not touched by it', (t) => {
  const { shareOf } = setUp()
  const [one, two, other] = [shareOf('osd.1'), shareOf('osd.1'), shareOf('osd.2')]
  for (let count = 0; count < 4; count++) one.add(BYTES)
  t.strictSame(
    [one, two, other].map(({ isTight }) => isTight),
    [false, false, false],
  )
  two.add(BYTES)
  t.strictSame(
    [one, two, other].map(({ isTight }) => isTight),
    [true, true, false],
  )
  t.strictSame(
    [one, two].map(({ isFull }) => isFull),
    [false, false],
  )
  for (let count = 0; count < 5; count++) two.add(BYTES)
  t.strictSame(
    [one, two, other].map(({ isFull }) => isFull),
    [true, true, false],
  )
  t.end()
})

t.test('the total concerns everybody', (t) => {
  const { shareOf } = setUp(4 * COST)
  const [one, other] = [shareOf('osd.1'), shareOf('osd.2')]
  one.add(BYTES)
  one.add(BYTES)
  t.strictSame([other.isTight, other.isFull], [true, false])
  one.add(BYTES)
  one.add(BYTES)
  t.strictSame([other.isTight, other.isFull], [true, true])
  t.end()
})

t.test('a policy has accounts of its own, in messages and in bytes', (t) => {
  const { shareOf } = setUp()
  const policy = { messages: new HeldAccount(2, 4), bytes: new HeldAccount(3 * COST, 6 * COST) }
  const [one, two, other] = [shareOf('client.1', 'one', policy), shareOf('client.2', 'two', policy), shareOf('osd.2')]
  one.add(0)
  t.notOk(two.isTight)
  one.add(0)
  t.ok(two.isTight, 'two messages')
  t.notOk(other.isTight)
  one.sub(0)
  one.sub(0)
  one.add(3 * COST)
  t.ok(two.isTight, 'or their bytes')
  one.add(3 * COST)
  t.ok(two.isFull)
  t.end()
})

t.test('who waited is woken once, when half of what made it wait has gone', (t) => {
  const { budget, woken, shareOf } = setUp()
  const [one, two] = [shareOf('osd.1', 'one'), shareOf('osd.1', 'two')]
  for (let count = 0; count < 10; count++) one.add(BYTES)
  t.ok(two.isFull)
  t.ok(two.isTight)
  t.equal(budget.waiting, 1)
  for (let count = 0; count < 7; count++) one.sub(BYTES)
  t.strictSame(woken, [], 'there are three still')
  one.sub(BYTES)
  t.strictSame(woken, ['two'])
  t.equal(budget.waiting, 0)
  one.sub(BYTES)
  t.strictSame(woken, ['two'])
  t.end()
})

t.test('who waits for two things is woken when both are over', (t) => {
  const { woken, shareOf } = setUp(8 * COST, 4 * COST)
  const [one, other] = [shareOf('osd.1'), shareOf('osd.2')]
  for (let count = 0; count < 2; count++) one.add(BYTES)
  for (let count = 0; count < 3; count++) other.add(BYTES)
  t.ok(one.isTight)
  one.sub(BYTES)
  one.sub(BYTES)
  t.strictSame(woken, ['osd.1'], 'the total was never the reason for long')
  t.end()
})

t.test('what handlers hold counts beyond the end of its connection; then nothing is left', (t) => {
  const { budget, shareOf } = setUp()
  const gone = shareOf('osd.1')
  for (let count = 0; count < 10; count++) gone.add(BYTES)
  gone.close()
  const next = shareOf('osd.1')
  t.ok(next.isFull, 'a new connection does not make it forgotten')
  for (let count = 0; count < 10; count++) gone.sub(BYTES)
  t.notOk(next.isFull)
  next.close()
  t.equal(budget.total.held, 0)
  t.equal(budget.waiting, 0)
  t.notOk(shareOf('osd.1').isTight)
  t.end()
})

t.test('a peer that proves its name later takes along what it holds', (t) => {
  const { shareOf } = setUp()
  const [late, twin] = [shareOf(null), shareOf('osd.1')]
  for (let count = 0; count < 5; count++) late.add(BYTES)
  t.notOk(twin.isTight)
  late.belongTo('osd.1')
  late.belongTo('osd.1')
  t.ok(twin.isTight)
  t.end()
})

t.test('control words count for their name until they are finished, also when their connection is over', (t) => {
  const { shareOf } = setUp()
  const other = shareOf('osd.2')
  const shares = Array.from({ length: CONTROL_WORDS_PER_NAME_MAX / 32 }, () => {
    const share = shareOf('osd.1')
    for (let count = 0; count < 32; count++) share.addWord()
    share.close()
    return share
  })
  const next = shareOf('osd.1')
  t.strictSame([next.hasManyWords, other.hasManyWords], [true, false])
  shares[0]?.subWord()
  t.notOk(next.hasManyWords)
  // Whose peer is known later brings along what it holds.
  const late = shareOf(null)
  late.addWord()
  late.belongTo('osd.1')
  t.ok(next.hasManyWords)
  late.belongTo('osd.2')
  t.notOk(next.hasManyWords)
  for (const share of shares)
    for (let count = 0; count < 32; count++) if (share !== shares[0] || count > 0) share.subWord()
  t.notOk(next.hasManyWords)
  t.end()
})

t.test('when something becomes full everybody concerned is stopped at once, but who is just reading', (t) => {
  const { stopped, shareOf } = setUp(20 * COST)
  const [one, two, other] = [shareOf('osd.1', 'one'), shareOf('osd.1', 'two'), shareOf('osd.2')]
  for (let count = 0; count < 9; count++) one.add(BYTES)
  t.strictSame(stopped, [])
  one.add(BYTES)
  t.strictSame(stopped, ['two'], 'the name is full')
  one.add(BYTES)
  t.strictSame(stopped, ['two'], 'once')
  two.close()
  for (let count = 0; count < 9; count++) other.add(BYTES)
  t.strictSame(stopped, ['two', 'one'], 'all are')
  t.end()
})
