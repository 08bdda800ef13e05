/**
 * The dashboard in a real browser, while the object store of examples/ is under cuts: what a person sees, with the keyboard alone, light
 * and dark. `INKWIRE_SCREENSHOTS=DIR` keeps the pictures.
 *
 * Needs `.build/examples`, which `npm test` builds, and Debian's `chromium`; where that is missing it says so.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { CHROMIUM, noChromium } from '../../support/hosts.ts'
import { PATIENCE_MS, until } from '../../support/until.ts'
import { inkwire } from '../../unit/cli/shell.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const MAIN = join(ROOT, '.build/examples/object-store/main.js')
const SHOTS = process.env['INKWIRE_SCREENSHOTS']

/** A store of four processes and a client, each with an admin socket in `run`, which works for as long as the test does. */
async function objectStore(t: Test, run: string): Promise<void> {
  const args = [join(ROOT, 'src'), '--admin', run, '--cut-every-ms', '100', '--kills', '20', '--part-mib', '1']
  const child: ChildProcess = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (text) => (output += String(text)))
  const closed = new Promise((resolve) => child.once('close', resolve))
  t.teardown(async () => {
    child.kill('SIGINT')
    await closed
  })
  await until('every process has its socket', () => {
    if (child.exitCode !== null) throw new Error(output)
    return readdirSync(run).filter((name) => name.endsWith('.asok')).length >= 5
  })
}

/** `inkwire dashboard`, until the test ends; where it serves, with its token. */
async function dashboard(t: Test, run: string): Promise<string> {
  const enough = new AbortController()
  let said = ''
  const serving = inkwire(['dashboard', '-a', run], { signal: enough.signal, out: (text) => void (said += text) })
  t.teardown(async () => {
    enough.abort()
    await serving
  })
  await until('it tells its address', () => /http:\/\/\S+#token=\S+/.test(said))
  return /http:\/\/\S+/.exec(said)![0]
}

/** The key of the row that is chosen, or null. */
const CHOSEN = `(document.querySelector('#peers tr[aria-selected=true]')?.dataset.key ?? null)`

/** Waits until the page is such. Playwright's own wait compiles text in the page, which its policy forbids. */
async function shows(page: Page, expression: string): Promise<void> {
  const untilMs = performance.now() + PATIENCE_MS
  while (!(await page.evaluate<boolean>(expression))) {
    if (performance.now() > untilMs) throw new Error(`the page never shows ${expression}`)
  }
}

/**
 * Choice and focus are still there a look later. That look may be without a process that was killed or is too busy: it comes
 * back, and both with it. Where the connection itself was replaced by another one, its row is gone for good: the next is chosen.
 */
async function outlives(page: Page): Promise<void> {
  const untilMs = performance.now() + PATIENCE_MS
  while (performance.now() < untilMs) {
    const chosen = await page.evaluate<string | null>(CHOSEN)
    if (chosen === null) {
      await page.focus('#peers tr')
      await page.keyboard.press('ArrowDown')
    } else {
      for (let looks = 0; looks < 20; looks++) {
        const before = await page.textContent('#status')
        await shows(page, `document.getElementById('status').textContent !== ${JSON.stringify(before)}`)
        const isThere = await page.evaluate<boolean>(`${CHOSEN} === ${JSON.stringify(chosen)}`)
        if (isThere && (await page.evaluate<boolean>(`document.activeElement.tagName === 'TR'`))) return
      }
    }
  }
  throw new Error('no choice outlives a look')
}

async function shot(page: Page, name: string): Promise<void> {
  if (SHOTS === undefined) return
  mkdirSync(SHOTS, { recursive: true })
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true })
}

t.test('somebody with a keyboard sees the store under cuts, light and dark', { skip: noChromium }, async (t) => {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run npm run build`)
  const run = mkdtempSync(join(tmpdir(), 'inkwire-store-'))
  t.teardown(() => {
    rmSync(run, { recursive: true, force: true })
  })
  await objectStore(t, run)
  const url = await dashboard(t, run)
  const browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox'] })
  t.teardown(() => browser.close())
  const context = await browser.newContext({ colorScheme: 'light', viewport: { width: 1280, height: 900 } })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const troubles: string[] = []
  page.on('pageerror', (error) => troubles.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(message.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(url).origin)) troubles.push(`loads ${request.url()}`)
  })
  await page.goto(url)
  t.notMatch(page.url(), /token/, 'the token does not stay in the address')
  await shows(page, `document.querySelectorAll('#peers tr').length >= 8`)
  await shows(
    page,
    `[...document.querySelectorAll('#trace strong')].some(({ textContent }) => textContent === 'fault')`,
  )
  await shows(
    page,
    `[...document.querySelectorAll('#trace strong')].some(({ textContent }) => textContent === 'resume')`,
  )
  t.match(await page.textContent('#status'), /^[3-6] looked into, \d+ sessions, /)
  t.match(await page.textContent('#graph'), /osd\.0[\s\S]*mon\.0|mon\.0[\s\S]*osd\.0/)
  await shot(page, 'light')

  // With the keyboard alone: over the buttons into the table, down a row, and its story is told.
  const focused = async (): Promise<string> =>
    await page.evaluate<string>(`document.activeElement.id || document.activeElement.tagName`)
  for (let tabs = 0; tabs < 10 && (await focused()) !== 'TR'; tabs++) await page.keyboard.press('Tab')
  t.equal(await focused(), 'TR', 'the table is reached')
  await page.keyboard.press('ArrowDown')
  await shows(page, `document.querySelector('#peers tr[aria-selected=true]') !== null`)
  t.match(await page.textContent('#states [aria-current]'), /^[a-z]+$/, 'its state is lit')
  t.ok(((await page.textContent('#bars')) ?? '').includes('Credit in use'))
  await outlives(page)
  t.pass('choice and focus outlive the next looks')
  await page.keyboard.press('End')
  await shot(page, 'chosen')

  await page.focus('#theme')
  await page.keyboard.press('Enter')
  const back = async (): Promise<string> =>
    await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
  t.equal(await back(), 'rgb(20, 23, 28)', 'the button makes it dark')
  await shot(page, 'dark')
  const dark = await browser.newPage({ colorScheme: 'dark', viewport: { width: 420, height: 900 } })
  await dark.goto(url)
  await shows(dark, `document.querySelectorAll('#peers tr').length >= 8`)
  t.equal(
    await dark.evaluate('getComputedStyle(document.body).backgroundColor'),
    'rgb(20, 23, 28)',
    'as the system wants it',
  )
  t.ok(
    await dark.evaluate('document.documentElement.scrollWidth <= innerWidth'),
    'a narrow window does not scroll sideways',
  )
  await shot(dark, 'narrow')

  const stranger = await browser.newPage()
  await stranger.goto(url.replace(/#.*/, '#token=not-the-token'))
  await shows(stranger, `/the token is missing or wrong/.test(document.getElementById('status').textContent)`)
  t.equal(
    await stranger.evaluate(`document.querySelectorAll('#peers tr').length`),
    0,
    'without the token there is nothing',
  )
  t.strictSame(troubles, [], 'no error, nothing from elsewhere, and nothing that the policy forbids')
})

t.test(
  'somebody without a single process breaks the simulated one, from the dashboard',
  { skip: noChromium },
  async (t) => {
    const url = await dashboard(t, t.testdir())
    const browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox'] })
    t.teardown(() => browser.close())
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    page.setDefaultTimeout(PATIENCE_MS)
    const troubles: string[] = []
    page.on('pageerror', (error) => troubles.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') troubles.push(message.text())
    })
    page.on('request', (request) => {
      if (!request.url().startsWith(new URL(url).origin)) troubles.push(`loads ${request.url()}`)
    })
    await page.goto(url)
    await shows(page, `/there is no admin socket in/.test(document.getElementById('status').textContent)`)
    await shot(page, 'nobody')
    await page.click('text=Simulator')
    await page.waitForURL(/\/simulator#seed=7$/)
    await page.goto(
      `${page.url().replace(/#.*/, '')}#seed=3&do=200:cut:osd.0:osd.1;400:crash:osd.2;900:start:osd.2;2500:heal`,
    )
    await page.reload()
    await shows(page, `document.querySelectorAll('#news li').length >= 5`)
    t.match(await page.textContent('#news'), /osd\.2 starts again, as somebody new/)
    await page.focus('#latency')
    await page.keyboard.press('ArrowRight')
    await page.waitForURL(/latency:25/)
    await shot(page, 'simulator')
    await page.click('text=The dashboard')
    await shows(page, `/there is no admin socket in/.test(document.getElementById('status').textContent)`)
    t.strictSame(troubles, [], 'no error, nothing from elsewhere, and nothing that the policy forbids')
    const answer = await fetch(`${new URL(url).origin}/simulator`)
    t.match(answer.headers.get('content-security-policy'), /default-src 'none'; script-src 'nonce-[^']{22,}'/)
    t.notMatch(await answer.text(), /\{\{/, 'every gap is filled')
  },
)
