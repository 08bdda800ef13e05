/**
 * Sides of which none is primary merge into one that is: what was acknowledged in the last primary view must be in its state. And what
 * makes no view primary, whoever is in it.
 */
import t, { type Test } from 'tap'
import { accountBytes, readAccount, standingOf } from '../../../src/groups/machine/quorum.ts'
import type { ViewChange } from '../../../src/groups/machine/terms.ts'
import { seededRandom } from '../../../src/testing/simulator/random.ts'
import { Cluster, text, type Node } from './cluster.ts'

const NAMES = ['osd.0', 'osd.1', 'osd.2', 'osd.3', 'osd.4']

function link(cluster: Cluster, state: 'cut' | 'whole', some: readonly string[], others: readonly string[]): void {
  const { network } = cluster.simulation
  for (const one of some) {
    for (const other of others) {
      for (const [from, to] of [
        [one, other],
        [other, one],
      ] as const) {
        if (state === 'cut') network.partition(from, to)
        else network.heal(from, to)
      }
    }
  }
}

/** A word is told to some of the members. What those have who are together at the end: their states are what they were told. */
async function storyOf(t: Test, count: 3 | 5): Promise<string[]> {
  const names = NAMES.slice(0, count)
  const tables = new Map(names.map((name): [string, string[]] => [name, []]))
  const told = ({ name }: Node, event: { kind: string; data?: Uint8Array }): void => {
    if (event.data !== undefined) tables.get(name)!.push(Buffer.from(event.data).toString())
  }
  const cluster = new Cluster({ told })
  const votes = Object.fromEntries(names.map((name) => [name, 1]))
  const waitFor = async (who: readonly string[]): Promise<void> => {
    const isOne = (): boolean => who.every((name) => cluster.node(name).group.view.members.length === who.length)
    while (!isOne()) await cluster.pass(20)
    await cluster.pass(500)
  }
  return cluster.simulation.run(async () => {
    for (const name of names) {
      const get = (): Uint8Array => text(JSON.stringify(tables.get(name)))
      const set = async (parts: AsyncIterable<Uint8Array>): Promise<void> => {
        const all: Uint8Array[] = []
        for await (const part of parts) all.push(part)
        tables.set(name, JSON.parse(Buffer.concat(all).toString()) as string[])
      }
      await cluster.start(name, { quorum: { votes, waitForAll: true }, state: { get, set } })
    }
    await waitFor(names)
    const minority = names.slice(0, (count - 1) / 2)
    const [last, ...rest] = names.slice(minority.length) as [string, ...string[]]
    link(cluster, 'cut', minority, [last, ...rest])
    await waitFor([last, ...rest])
    const published = { type: 1, data: text('acknowledged') }
    const { isTransitional } = await cluster.publish(cluster.node(last), published, { order: 'safe', primary: true })
    t.notOk(isTransitional)
    // Nobody has a majority; then the minority of before has one, with a single member that knows what it missed.
    for (const one of rest) link(cluster, 'cut', [one], names)
    await waitFor([last])
    link(cluster, 'whole', minority, [last])
    await waitFor([...minority, last])
    t.ok(cluster.node(last).group.view.isPrimary)
    t.strictSame(cluster.violations(false), [])
    return [...minority, last].map((name) => String(tables.get(name)))
  })
}

t.test('one of three that was in the last primary view meets one that was not', async (t) => {
  t.strictSame(await storyOf(t, 3), ['acknowledged', 'acknowledged'])
})

t.test('one of five that was in the last primary view meets two that were not', async (t) => {
  t.strictSame(await storyOf(t, 5), ['acknowledged', 'acknowledged', 'acknowledged'])
})

t.test('the era of an account is a number, whatever a peer wrote', (t) => {
  const standing = { isPrimary: false, hasSeenAll: true, era: 2 ** 53 - 1, memory: null }
  const bytes = accountBytes(standing, true, null)
  t.strictSame(readAccount(bytes), { hasSeenAll: true, wasPrimary: false, hasState: true, era: standing.era })
  for (const era of [NaN, Infinity, -1, 0.5, 2 ** 53]) {
    t.equal(readAccount(accountBytes({ ...standing, era }, true, null)).era, 0)
  }
  for (let length = 0; length < bytes.length; length++) t.equal(readAccount(bytes.subarray(0, length)).era, 0)
  t.end()
})

/** A view of these members, each with its account. */
function changeTo(accounts: Readonly<Record<string, Uint8Array>>): ViewChange {
  const members = Object.keys(accounts).sort()
  const id = { number: 9, installer: members[0] ?? '' }
  const lineage = { view: { number: 8, installer: id.installer }, length: 0, stable: 0, transitional: members }
  const lineages = [{ ...lineage, isFresh: false, accounts: Object.entries(accounts) }]
  return { view: { id, members }, previous: null, transitional: members, left: [], joined: [], lineages }
}

t.test(
  'two nodes: neither strangers nor names that look like theirs make one of them act, before both have met',
  (t) => {
    const votes = new Map(['osd.0', 'osd.1'].map((name) => [name, 1]))
    const quorum = { votes, waitForAll: true, tieBreak: 'none', twoNode: true, lastManStanding: false } as const
    const isPrimary = (accounts: Readonly<Record<string, Uint8Array>>): boolean =>
      standingOf(quorum, changeTo(accounts)).isPrimary
    const nothing = new Uint8Array(0)
    const met = accountBytes({ isPrimary: false, hasSeenAll: true, era: 0, memory: null }, true, quorum)
    const alone = 'osd.0/ff.1'
    t.equal(isPrimary({ [alone]: nothing }), false)
    for (const other of [
      'osd.0/aa.1',
      'osd.2/aa.1',
      'osd.10/aa.1',
      'osd.1/x/aa.1',
      'osd.1',
      '/aa.1',
      '__proto__/aa.1',
    ]) {
      t.equal(isPrimary({ [alone]: nothing, [other]: nothing }), false, other)
    }
    const random = seededRandom('accounts')
    for (let count = 0; count < 300; count++) {
      const account = random.bytes(random.integer(0, 40))
      if (account.length > 0) account[0]! &= ~1
      t.equal(isPrimary({ [alone]: account, 'osd.2/aa.1': account }), false)
    }
    t.equal(isPrimary({ [alone]: nothing, 'osd.1/aa.1': nothing }), true, 'both are there')
    t.equal(isPrimary({ [alone]: met }), true, 'one that has met the other')
    t.equal(isPrimary({ 'osd.2/aa.1': met }), false, 'who has no vote does not act, whatever it has seen')
    t.equal(isPrimary({ [alone]: nothing, 'osd.2/aa.1': met }), true, 'but says so to who has')
    t.end()
  },
)

t.test('waiting for all: a majority that never was with all does not act, whatever else is in the view', (t) => {
  const votes = new Map(NAMES.map((name) => [name, 1]))
  const quorum = { votes, waitForAll: true, tieBreak: 'lowest', twoNode: false, lastManStanding: false } as const
  const nothing = new Uint8Array(0)
  const met = accountBytes({ isPrimary: false, hasSeenAll: true, era: 0, memory: null }, true, quorum)
  const accountsOf = (members: readonly string[], ...seers: readonly string[]): Record<string, Uint8Array> =>
    Object.fromEntries(members.map((member) => [member, seers.includes(member) ? met : nothing]))
  const standing = (...given: Parameters<typeof accountsOf>) => standingOf(quorum, changeTo(accountsOf(...given)))
  const lives = (name: string): string[] => ['a', 'b', 'c'].map((life) => `${name}/${life}.1`)
  const four = NAMES.slice(0, 4).map((name) => `${name}/a.1`)
  t.equal(standing(four).isPrimary, false)
  t.equal(
    standing([...four, 'osd.5/a.1', ...lives('osd.0')]).isPrimary,
    false,
    'strangers and second lives are no fifth',
  )
  t.equal(standing(lives('osd.0'), 'osd.0/a.1').isPrimary, false, 'three lives of one name are one vote')
  t.equal(standing(four.slice(0, 2), four[0]!).isPrimary, false, 'two of five that have met all')
  t.equal(standing(four.slice(0, 3), four[2]!).isPrimary, true)
  t.equal(standing(four.slice(0, 3), four[2]!).hasSeenAll, true, 'and the others know it from then on')
  t.equal(standing([...four, 'osd.4/a.1']).isPrimary, true)
  t.end()
})
