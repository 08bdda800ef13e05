/** Each law of virtual synchrony is tried on a history that breaks it, and on one that keeps them all. */
import t from 'tap'
import { GroupHistory, type GroupFact } from '../../../../src/testing/groups/history.ts'
import { checkGroup, type GroupLaw } from '../../../../src/testing/groups/laws.ts'

const view = (member: string, id: string, members: string, transitional = members): GroupFact => ({
  kind: 'view',
  member,
  view: id,
  members: Array.from(members),
  transitional: Array.from(transitional),
  left: [],
  joined: [],
})
const sent = (member: string, number: number): GroupFact => ({ kind: 'sent', member, number, digest: `${number}` })
const told = (
  member: string,
  id: string,
  from: string,
  number: number,
  more: Partial<Extract<GroupFact, { kind: 'message' }>> = {},
): GroupFact => {
  const fixed = { digest: `${number}`, isSafe: false, isTransitional: false }
  return { kind: 'message', member, view: id, from, number, ...fixed, ...more }
}
const published = (member: string, number: number, id: string): GroupFact => ({
  kind: 'published',
  member,
  number,
  view: id,
})

/** a and b in a view, a's message is told to both, and both go on together. */
const KEPT: readonly GroupFact[] = [
  view('a', '1.a', 'ab'),
  view('b', '1.a', 'ab'),
  sent('a', 1),
  told('a', '1.a', 'a', 1, { isSafe: true }),
  published('a', 1, '1.a'),
  told('b', '1.a', 'a', 1, { isSafe: true }),
  view('a', '2.a', 'ab'),
  view('b', '2.a', 'ab'),
]

function brokenBy(facts: readonly GroupFact[], settled?: readonly string[]): GroupLaw[] {
  const history = new GroupHistory()
  for (const fact of facts) history.add(fact)
  return [...new Set(checkGroup(history, { settled }).map(({ law }) => law))]
}

t.test('a history that keeps the laws breaks none', (t) => {
  t.strictSame(brokenBy(KEPT, ['a', 'b']), [])
  t.end()
})

const BROKEN: readonly (readonly [law: GroupLaw, what: string, facts: readonly GroupFact[], settled?: string[]])[] = [
  ['VS1', 'a member outside its own view', [view('a', '1.b', 'b')]],
  ['VS2', 'names that fall', [view('a', '2.a', 'a'), view('a', '1.a', 'a')]],
  ['VS2', 'names of one number in the wrong order', [view('a', '1.b', 'ab'), view('a', '1.a', 'a')]],
  ['VS3', 'one name for two sets of members', [view('a', '1.a', 'ab'), view('b', '1.a', 'abc')]],
  ['VS4', 'a message that nobody sent', [view('a', '1.a', 'ab'), told('a', '1.a', 'b', 1)]],
  ['VS4', 'a message that was told twice', [...KEPT, told('a', '2.a', 'a', 1)]],
  [
    'VS4',
    'a message that was altered',
    [view('a', '1.a', 'a'), sent('a', 1), told('a', '1.a', 'a', 1, { digest: '' })],
  ],
  ['VS5', 'a message told in two views', [...KEPT, view('b', '3.b', 'ba', 'b'), told('b', '3.b', 'a', 1)]],
  [
    'VS5',
    'a message told in a view without its sender',
    [view('a', '1.a', 'a'), sent('b', 1), told('a', '1.a', 'b', 1)],
  ],
  [
    'VS6',
    'two orders in one view',
    [
      view('a', '1.a', 'ab'),
      view('b', '1.a', 'ab'),
      sent('a', 1),
      sent('a', 2),
      ...[1, 2].map((number) => told('a', '1.a', 'a', number)),
      ...[2, 1].map((number) => told('b', '1.a', 'a', number)),
    ],
  ],
  [
    'VS6',
    'two of one lane in the wrong order',
    [
      view('a', '1.a', 'a'),
      ...[1, 2].map((number) => ({ ...sent('a', number), lane: 'high' }) as GroupFact),
      ...[2, 1].map((number) => told('a', '1.a', 'a', number)),
    ],
  ],
  [
    'VS6',
    'one that has failed, and a later one of its lane that was told',
    [
      view('a', '1.a', 'a'),
      ...[1, 2].map((number) => ({ ...sent('a', number), lane: 'high' }) as GroupFact),
      told('a', '1.a', 'a', 2),
      { kind: 'failed', member: 'a', number: 1, view: '1.a' },
    ],
  ],
  [
    'VS7',
    'who goes on together was told different things',
    KEPT.filter((fact) => fact.kind !== 'message' || fact.member === 'a'),
  ],
  ['VS7', 'who goes on together does not agree with whom', [...KEPT.slice(0, -1), view('b', '2.a', 'ab', 'b')]],
  ['VS7', 'who goes on is not in the view', [...KEPT.slice(0, -2), view('a', '2.a', 'a', 'ab')]],
  [
    'VS8',
    'SAFE that a member never had',
    [
      ...KEPT.filter((fact) => !('member' in fact) || fact.member === 'a' || fact.kind !== 'message').slice(0, -2),
      view('a', '2.a', 'a', 'a'),
      view('b', '2.b', 'b', 'b'),
    ],
  ],
  ['VS9', 'a message that ended twice', [...KEPT, { kind: 'failed', member: 'a', number: 1 }]],
  [
    'VS9',
    'a message that was published in a view that its sender has left, and not told to it',
    [...KEPT, sent('a', 2), published('a', 2, '1.a')],
  ],
  [
    'VS9',
    'a message that was published and not told to its sender, which lives',
    [...KEPT, sent('a', 2), published('a', 2, '2.a')],
    ['a', 'b'],
  ],
  ['VS9', 'a message that never ended', [...KEPT, sent('a', 2)], ['a', 'b']],
  ['VS10', 'two that live apart in the end', [...KEPT, view('b', '3.b', 'b')], ['a', 'b']],
]

t.test('who was killed may have had in hand what it has published last', (t) => {
  t.strictSame(brokenBy([...KEPT, sent('a', 2), published('a', 2, '2.a')]), [])
  t.end()
})

for (const [law, what, facts, settled] of BROKEN) {
  t.test(`${law} sees ${what}`, (t) => {
    t.ok(brokenBy(facts, settled).includes(law), brokenBy(facts, settled).join())
    t.end()
  })
}
