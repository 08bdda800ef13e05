/** The docs site forgets no page, its checks see what is planted, and the simulator of its page runs in a real browser. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import t from 'tap'
import { CHROMIUM, noChromium } from '../../support/hosts.ts'
import { repositoryFiles } from '../tidy/source.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const load = async (file: string): Promise<unknown> => import(pathToFileURL(join(ROOT, 'scripts/docs', file)).href)
const { CHAPTERS } = (await load('chapters.mjs')) as { CHAPTERS: { title: string; pages: Record<string, string> }[] }
const { deadLinks, exportedNames, missingPages } = (await load('look-over.mjs')) as {
  deadLinks: (site: string) => string[]
  exportedNames: (entries: string[]) => string[][]
  missingPages: (site: string, module: string, names: string[]) => string[]
}
const { missingWords } = (await load('api-words.mjs')) as {
  missingWords: (entries: string[], root: string) => string[]
}
const { exportedModules } = (await load('../exported-modules.mjs')) as {
  exportedModules: (manifest: unknown) => { name: string; stem: string }[]
}
const { buildSimulator } = (await load('simulator.mjs')) as {
  buildSimulator: (root: string, to: string, place: 'site' | 'package') => Promise<void>
}

/** What the page counts, by its names. */
const COUNTS = `JSON.stringify(
  Object.fromEntries([...document.querySelectorAll('#counts > div')].map((row) => [...row.children].map((one) => one.textContent))),
)`

t.test('every page of the repository has its place in a chapter', (t) => {
  const pages = repositoryFiles().filter((path) => /^(docs\/[^/]+|examples\/[^/]+\/README|[A-Z]+)\.md$/.test(path))
  const placed = CHAPTERS.flatMap(({ pages }) => Object.keys(pages))
  t.strictSame([...placed, 'README.md', 'AGENTS.md'].sort(), pages.sort())
  t.end()
})

t.test('an export without a page, and a link that leads nowhere, are seen', (t) => {
  const site = t.testdir()
  mkdirSync(join(site, 'classes'))
  writeFileSync(join(site, 'classes/inkwire.Messenger.html'), '<h2 id="send">send</h2><a href="../index.html#here">')
  writeFileSync(
    join(site, 'index.html'),
    '<a id="here" href="classes/inkwire.Messenger.html#send"><a href="#nowhere"><img src="no.svg"><a href="mailto:x@example.org">',
  )
  t.strictSame(deadLinks(site), [
    'index.html: the link #nowhere leads to no heading',
    'index.html: the link no.svg leads to no file',
  ])
  t.strictSame(missingPages(site, 'inkwire', ['Messenger', 'tcp']), ['inkwire: there is no page for tcp'])
  const entry = join(site, 'entry.ts')
  writeFileSync(entry, 'export interface A {}\nexport const b = 1\nconst c = 2\nexport default c\n')
  const [names = []] = exportedNames([entry])
  t.strictSame(names.sort(), ['A', 'b', 'default'])
  t.end()
})

t.test('what is exported says what it is, what it takes, and what it throws', (t) => {
  const manifest: unknown = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const entries = exportedModules(manifest).map(({ stem }) => join(ROOT, 'src', `${stem}.ts`))
  t.ok(entries.length > 5)
  t.strictSame(missingWords(entries, ROOT), [])
  t.end()
})

t.test('an export that says too little is seen', (t) => {
  const root = t.testdir({
    'entry.ts': `
export { parsed, Reader } from './other.ts'
export interface WideOptions {
  /** How long, in ms, 1 or more; default 5. */
  readonly fineMs?: number | undefined
  /** How long. */
  readonly lateMs?: number
  /** From 1 to 5; default 1. */
  readonly size?: number
  readonly bare?: string
  /** Required. */
  readonly text: string
}
export interface Data { readonly plain: number; ask(): void }
interface Shared {
  /** How many bytes. */
  readonly taken?: number
}
/** What takes over what is no export itself. */
export interface MoreOptions extends Shared {}
`,
    'other.ts': `
function refuse(): never { throw new Error('INK_BAD_ARGUMENT') }
/** Reads. */
export function parsed(text: string): string { return text === '' ? refuse() : text }
/** Reads, too. */
export class Reader {
  #hidden = 1
  /** Throws \`INK_BAD_ARGUMENT\`. */
  read(): void { refuse() }
  /** Reads later. */
  late(): () => void { return () => refuse() }
  /** @internal */
  own(): void {}
  get length(): number { return this.#hidden }
}
`,
  })
  t.strictSame(missingWords([join(root, 'entry.ts')], root).sort(), [
    'entry.ts: Data says nothing of itself',
    'entry.ts: Data.ask says nothing of itself',
    'entry.ts: MoreOptions.taken has no default',
    'entry.ts: MoreOptions.taken has no range',
    'entry.ts: WideOptions says nothing of itself',
    'entry.ts: WideOptions.bare says nothing of itself',
    'entry.ts: WideOptions.lateMs has no default',
    'entry.ts: WideOptions.lateMs has no range',
    'entry.ts: WideOptions.size has no unit',
    'other.ts: Reader.length says nothing of itself',
    'other.ts: parsed does not say what it throws',
  ])
  t.end()
})

t.test('a visitor breaks the cluster in a browser, and nothing is lost', { skip: noChromium }, async (t) => {
  const site = t.testdir()
  await buildSimulator(ROOT, site, 'site')
  const browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox'] })
  t.teardown(() => browser.close())
  const page = await browser.newPage()
  const troubles: string[] = []
  page.on('pageerror', (error) => troubles.push(error.message))
  page.on('request', (request) => {
    if (/^https?:/.test(request.url())) troubles.push(request.url())
  })
  // Faster than it is shown: messages of one turn come in one read, and lie in one memory.
  await page.goto(pathToFileURL(join(site, 'simulator.html')).href)
  await page.evaluate(`document.querySelector('#speed').value = document.querySelector('#speed').max`)
  await page
    .locator('#counts')
    .getByText(/^\d{4}$/)
    .first()
    .waitFor()
  t.strictSame(troubles, [], 'nothing that the sources load late is missing')
  await page.goto('about:blank')
  const story =
    '#seed=3&do=200:cut:osd.0:osd.1;300:latency:40;400:crash:osd.2;900:start:osd.2;2500:cut:client.a:osd.0;6000:heal'
  await page.goto(`${pathToFileURL(join(site, 'simulator.html')).href}${story}`)
  await page.locator('#news li').nth(6).waitFor()
  const before = JSON.parse(await page.evaluate<string>(COUNTS)) as Record<string, string>
  t.match(before, { 'arrived twice': '0', 'out of order': '0' })
  t.ok(
    Number(before['sessions resumed']) >= 2 && Number(before['handed back after a crash']) > 0,
    JSON.stringify(before),
  )
  await page.focus('[aria-label="kill or start osd.1"]')
  await page.keyboard.press('Enter')
  await page.waitForURL(/crash:osd\.1/)
  await page.locator('#node-osd\\.1.down').waitFor({ state: 'attached' })
  t.strictSame(troubles, [], 'no error, and nothing is fetched')
})
