/** Holds the pure rooms to purity, and tries the rule on planted violations. */
import t from 'tap'
import { impurities } from './purity.ts'
import { report, source, sources } from './source.ts'

t.test('the pure rooms touch no clock, no chance, no process and no event loop', (t) => {
  report(t, 'purity', impurities(sources('src')))
  t.end()
})

t.test('the rule sees what is planted', (t) => {
  const planted: [room: string, text: string, expected: RegExp][] = [
    ['session', 'const now = Date.now()', /a\.ts:1: session may not use Date; take the time/],
    ['session', '\nconst now = new Date()', /a\.ts:2: session may not use Date/],
    ['session', 'performance.now()', /may not use performance/],
    ['policies', 'const jitter = Math.random()', /policies may not use Math\.random/],
    ['common', 'const b = Buffer.alloc(1)', /common may not use Buffer/],
    ['wire', 'function f(b: Buffer): void {}', /wire may not use Buffer/],
    ['wire', 'if (process.env.X) f()', /wire may not use process/],
    ['session', 'setTimeout(f, 1)', /may not use setTimeout/],
    ['session', 'setImmediate(f)', /may not use setImmediate/],
    ['wire', 'queueMicrotask(f)', /may not use queueMicrotask/],
    ['wire', 'crypto.getRandomValues(x)', /may not use crypto/],
    ['common', 'console.log(1)', /may not use console/],
    ['session', 'let x: Promise<void>', /session may not use Promise/],
    ['session', 'const f = async () => 1', /session may not be asynchronous/],
    ['wire', 'class A { async f() {} }', /wire may not be asynchronous/],
    ['ceph/msgr2', 'const now = Date.now()', /ceph\/msgr2 may not use Date/],
    ['ceph/msgr2', 'let x: Promise<void>', /ceph\/msgr2 may not use Promise/],
  ]
  for (const [room, text, expected] of planted) {
    const problems = impurities([source(`src/${room}/a.ts`, text)])
    t.equal(problems.length, 1, text)
    t.match(problems[0], expected)
  }
  t.end()
})

t.test('the rule lets pass what is right', (t) => {
  const right: [room: string, text: string][] = [
    ['messenger', 'setTimeout(f, Date.now())'],
    ['transports', 'const b = Buffer.from(x)'],
    ['session', 'x.process(); y.crypto.seal(); interface A { performance: number; Date(): void }'],
    ['session', 'function open(crypto: Ciphers) { return crypto.open() }'],
    ['wire', '// new Date() and Math.random() in a comment\nconst s = "process.exit"'],
    ['common', 'let x: Promise<void>'],
  ]
  for (const [room, text] of right) t.strictSame(impurities([source(`src/${room}/a.ts`, text)]), [], text)
  t.end()
})
