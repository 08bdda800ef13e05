/** The world of the page: what a visitor does to it costs nobody a message, and the address bar has all of it. */
import t from 'tap'
import { formatDeeds, parseDeeds } from '../../site/deeds.ts'
import type { Done } from '../../site/deeds.ts'
import { HOSTS, World } from '../../site/world.ts'
import type { WorldView } from '../../site/world.ts'

const STORY: Done[] = [
  { atMs: 300, deed: { kind: 'cut', from: 'osd.0', to: 'osd.1' } },
  { atMs: 400, deed: { kind: 'latency', ms: 80 } },
  { atMs: 700, deed: { kind: 'crash', host: 'osd.2' } },
  { atMs: 1200, deed: { kind: 'start', host: 'osd.2' } },
  { atMs: 1300, deed: { kind: 'partition', host: 'client.a' } },
  { atMs: 1900, deed: { kind: 'heal' } },
  { atMs: 2000, deed: { kind: 'cut', from: 'client.b', to: 'osd.0' } },
]

async function run(seed: number, story: readonly Done[], untilMs: number): Promise<{ view: WorldView; hash: string }> {
  const world = new World(seed)
  await world.begin()
  await world.replay(story, untilMs)
  return { view: world.view(), hash: world.traceHash }
}

t.test(
  'a story of cuts, a crash and a partition loses nothing in silence, and is the same whenever it is told',
  async (t) => {
    const [first, second] = [await run(7, STORY, 40_000), await run(7, parseDeeds(formatDeeds(STORY), HOSTS), 40_000)]
    t.equal(first.hash, second.hash)
    t.strictSame(first.view, second.view)
    const { sent, arrived, twice, outOfOrder, handedBack, resumes, links, news } = first.view
    t.strictSame({ twice, outOfOrder }, { twice: 0, outOfOrder: 0 })
    t.ok(resumes >= 2, `${resumes} resumes`)
    t.ok(
      sent > 1000 && arrived + handedBack > 0.98 * sent,
      `${arrived} of ${sent} arrived, ${handedBack} were handed back`,
    )
    t.strictSame(new Set(links.map(({ state }) => state)), new Set(['open']))
    t.ok(news.some((line) => line.includes('resume their session')))
    t.not((await run(8, STORY, 3000)).hash, first.hash, 'another seed is another world')
  },
)

t.test('an address may say anything: what is no deed is left out', (t) => {
  t.strictSame(parseDeeds(formatDeeds(STORY), HOSTS), STORY)
  for (const wrong of [
    '',
    ';',
    'x:heal',
    ':heal',
    '-1:heal',
    '1:cut:osd.0',
    '1:cut:osd.0:osd.0',
    '1:crash:<b>',
    '1:latency:1e9',
    '1:latency:',
  ]) {
    t.strictSame(parseDeeds(wrong, HOSTS), [], wrong)
  }
  t.equal(parseDeeds('1:heal;'.repeat(9999), HOSTS).length, 500)
  t.end()
})
