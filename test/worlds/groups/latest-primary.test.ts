/** Sides of which none is primary merge into one that is: what was acknowledged in the last primary view must be in its state. */
import t, { type Test } from 'tap'
import { accountBytes, readAccount } from '../../../src/groups/machine/quorum.ts'
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
