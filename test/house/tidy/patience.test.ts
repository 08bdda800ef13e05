/** Holds test/ to what test/house/tidy/patience.ts can see, and tries its rule on planted violations. */
import t from 'tap'
import { impatience } from './patience.ts'
import { report, source, sources } from './source.ts'

t.test('no test depends on how fast the machine is, or on what it may not have', (t) => {
  report(t, 'patience', impatience(sources('test').filter(({ path }) => path.endsWith('.test.ts'))))
  t.end()
})

t.test('the rule sees what is planted', (t) => {
  const planted: [text: string, expected: RegExp][] = [
    ["until('it came', () => came, 2_000)", /waits only 2000 ms/],
    ["await within('shutdown()', down, 3000)", /waits only 3000 ms/],
    ['connection.deliver(m, { signal: AbortSignal.timeout(50) })', /may fire at any moment/],
    ['await new Promise((resolve) => setTimeout(resolve, 1))', /waits for a time/],
    ["messenger.connect('tcp://127.0.0.1:1')", /tcp:\/\/127\.0\.0\.1:1 may be somebody's/],
    ["messenger.connect('v2:127.0.0.1:9/0', { type: 'mon' })", /may be somebody's/],
    ["await actor.bind('tcp://localhost:6800')", /may be somebody's/],
    ['t.ok(performance.now() - start < 100)', /bound of time/],
    ["t.ok(lost || Date.now() - start <= 1e3, 'soon')", /bound of time/],
    ['t.ok(100 > performance.now() - start)', /bound of time/],
    ['t.ok(process.cpuUsage(before).user < 1e6)', /bound of time/],
    ['const tookMs = performance.now() - start\nt.ok(tookMs < 100)', /:2: a bound of time/],
    ["import { setTimeout as pause } from 'node:timers/promises'\nawait pause(5)", /:2: waits for a time/],
    ['t.ok(process.memoryUsage().rss - before < 1e6)', /not collected/],
    ["import { connect } from 'node:net'\nlisten('127.0.0.2')", /a\.test\.ts:2: 127\.0\.0\.2 is not on every machine/],
    [
      "import { actor } from '../../support/actor.ts'\nactor(t, 'osd.1', peer(), { bind: 'tcp://[::1]:0' })",
      /:2: .*::1/,
    ],
  ]
  for (const [text, expected] of planted) {
    const problems = impatience([source('test/sockets/a.test.ts', text)])
    t.equal(problems.length, 1, text)
    t.match(problems[0], expected)
  }
  t.end()
})

t.test('the rule lets pass what is right', (t) => {
  const right = [
    "until('it came', () => came)",
    "until('all of them', () => came, 90_000)",
    'await sim.clock.until(() => came, 1000)',
    "messenger.connect('tcp://127.0.0.1:0')",
    'messenger.connect(`tcp://127.0.0.1:${port}`)',
    "messenger.connect('tcp://10.0.0.1:6800')",
    't.ok(performance.now() - start >= 29)',
    't.ok(29 <= performance.now() - start)',
    'const startMs = performance.now()\nt.ok(sim.clock.nowMs() < startMs)',
    "t.test('x', async () => { while (performance.now() < endMs) await turn() })",
    "t.equal(ipFamily('::1'), 6)",
    "import { connect } from 'node:net'\nimport { missingIPv6 } from '../../support/hosts.ts'\nlisten('::1')",
    'clock.setTimer(resolve, 1)',
  ]
  for (const text of right) t.strictSame(impatience([source('test/sockets/a.test.ts', text)]), [], text)
  t.end()
})
