/** What `npm test` prints in a log: one line per file, and what failed with all that is known of it. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Transform } from 'node:stream'
import t from 'tap'

const SCRIPT = new URL('../../../scripts/tap-summary.mjs', import.meta.url).href
const { default: TapSummary } = (await import(SCRIPT)) as { readonly default: new () => Transform }

/** What it says to a report, fed in pieces of a few bytes. */
async function said(report: string): Promise<string> {
  const summary = new TapSummary()
  const chunks: Buffer[] = []
  summary.on('data', (chunk: Buffer) => chunks.push(chunk))
  for (let at = 0; at < report.length; at += 7) summary.write(report.slice(at, at + 7))
  summary.end()
  await once(summary, 'end')
  return String(Buffer.concat(chunks))
}

const GOOD = `# Subtest: test/good.test.ts
    # Subtest: it works
        ok 1 - should be equal
        ok 2 - should be equal
        1..2
    ok 1 - it works # time=3ms
    ok 2 - not here # SKIP no such address
    1..2
ok 1 - test/good.test.ts # time=5ms
`
const BAD = `# Subtest: test/bad.test.ts
    # Subtest: outer
        # Subtest: inner
            ok 1 - fine
            not ok 2 - they are equal
              ---
              diff: |
                -2
                +1
              ...
            1..2
        not ok 1 - inner # time=1ms
          ---
          at:
            lineNumber: 7
          ...
        1..1
    not ok 1 - outer # time=1ms
    not ok 2 - later # TODO
    1..2
not ok 2 - test/bad.test.ts # time=9ms
  ---
  exitCode: 1
  ...
`
const BROKEN = `# Subtest: test/broken.test.ts
    1..0 # no tests found
not ok 3 - test/broken.test.ts # time=2ms
  ---
  signal: SIGSEGV
  ...
`

t.test('files that pass are a line each, and the totals stay as tap says them', async (t) => {
  t.chdir(t.testdir())
  const log = await said(
    `TAP version 14\n1..1\n${GOOD}\n# No coverage generated\n# { total: 3, pass: 2, skip: 1 }\n# time=9ms\n`,
  )
  t.equal(
    log,
    'ok      test/good.test.ts: 3 asserts, 1 skipped, time=5ms\n' +
      '# { total: 3, pass: 2, skip: 1 }\n# time=9ms\nthe whole report: .tap/report.tap\n',
  )
  t.match(readFileSync('.tap/report.tap', 'utf8'), GOOD, 'nothing is lost')
})

t.test('what failed is told once, where it failed, with its diagnostics', async (t) => {
  t.chdir(t.testdir())
  const log = await said(`TAP version 14\n1..2\n${GOOD}${BAD}# { total: 6, pass: 3, fail: 1 }\n`)
  t.match(
    log,
    /^FAILED {2}test\/bad\.test\.ts: 3 asserts, 1 failed, time=9ms\n +outer › inner › they are equal\n +diff:/m,
  )
  t.match(log, '+1')
  t.notMatch(log, 'lineNumber', 'not again for what is around it')
  t.notMatch(log, 'later')
  t.match(log, /^failed: test\/bad\.test\.ts\n/m, 'and by name at the end')
})

t.test('a file that ends in another way is told with all that it said', async (t) => {
  t.chdir(t.testdir())
  const log = await said(`TAP version 14\n1..2\n${BROKEN}${GOOD}# { total: 3, pass: 2, fail: 1 }\n`)
  t.match(log, /^FAILED {2}test\/broken\.test\.ts: 0 asserts[^]*no tests found[^]*signal: SIGSEGV/m)
  t.match(log, /^ok {6}test\/good/m)
})
