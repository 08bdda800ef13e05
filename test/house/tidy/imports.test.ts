/** Holds src/ to the law of the rooms, and tries the law on planted violations. */
import t from 'tap'
import { forbiddenImports, importCycles } from './imports.ts'
import { report, source, sources } from './source.ts'

t.test('every room imports only from the rooms below it', (t) => {
  report(t, 'rooms', forbiddenImports(sources('src')))
  t.end()
})

t.test('no files import each other in a circle', (t) => {
  report(t, 'no cycles', importCycles(sources('src', 'bench', 'examples')))
  t.end()
})

t.test('the rule sees what is planted', (t) => {
  const planted: [path: string, text: string, expected: RegExp][] = [
    ['src/common/a.ts', "import { x } from '../wire/wire.ts'", /a\.ts:1: common may not import from wire/],
    ['src/session/a.ts', "\nimport net from 'node:net'", /a\.ts:2: session may not import node:net/],
    ['src/session/a.ts', "import { x } from '../transports/tcp.ts'", /session may not import from transports/],
    ['src/transports/a.ts', "export { x } from '../wire/wire.ts'", /transports may not import from wire/],
    ['src/wire/a.ts', "import { x } from '../policies/policy.ts'", /may import only types from policies/],
    ['src/wire/a.ts', "import { type X } from '../policies/policy.ts'", /may import only types from policies/],
    ['src/wire/native/a.ts', "import { Subject } from 'rxjs'", /wire may not import rxjs/],
    ['src/wire/native/a.ts', "import protobuf from 'protobufjs/minimal.js'", /wire may not import protobufjs/],
    [
      'src/wire/late/a.ts',
      "import protobuf from 'protobufjs/minimal.js'",
      /protobufjs.minimal.js is loaded by the first link/,
    ],
    ['src/messenger/a.ts', "import { Subject } from 'rxjs'", /rxjs is loaded when a stream is asked for/],
    ['src/messenger/a.ts', "const x = await import('../testing/clock.ts')", /messenger may not import from testing/],
    ['src/messenger/a.ts', "let x: import('../cli/main.ts').X", /messenger may not import from cli/],
    ['src/messenger/a.ts', "import { x } from '../../bench/suite.ts'", /from outside src/],
    ['src/messenger/a.ts', "import { x } from '../ceph/mon-client.ts'", /messenger may not import from ceph/],
    [
      'src/messenger/a.ts',
      "import type { X } from '../ceph/msgr2/format.ts'",
      /messenger may not import from ceph\/msgr2/,
    ],
    ['src/index.ts', "export { x } from './ceph/msgr2.ts'", /index may not import from ceph;/],
    ['src/testing/a.ts', "import { x } from '../ceph/index.ts'", /testing may not import from ceph;/],
    ['src/testing/a.ts', "import { x } from './model/a.ts'", /testing may not import from testing\/model/],
    ['src/ceph/a.ts', "import { x } from '../testing/random.ts'", /ceph may not import from testing/],
    ['src/ceph/a.ts', "import { x } from '../session/session.ts'", /ceph may not import from session/],
    ['src/ceph/msgr2/a.ts', "import { x } from '../cephx/key.ts'", /ceph\/msgr2 may not import from ceph\/cephx/],
    ['src/ceph/msgr2/a.ts', "import { x } from 'node:crypto'", /ceph\/msgr2 may not import node:crypto/],
    [
      'src/ceph/cephx/a.ts',
      "import { x } from '../../messenger/message.ts'",
      /ceph\/cephx may not import from messenger/,
    ],
    ['src/attic/a.ts', '', /the room src\/attic is unknown/],
  ]
  for (const [path, text, expected] of planted) {
    const problems = forbiddenImports([source(path, text)])
    t.equal(problems.length, 1, text)
    t.match(problems[0], expected)
  }
  t.end()
})

t.test('the rule lets pass what is right', (t) => {
  const right: [path: string, text: string][] = [
    ['src/wire/a.ts', "import type { X } from '../policies/policy.ts'"],
    ['src/wire/native/a.ts', "import { x } from '../wire.ts'\nimport { y } from './gen/control.pb.js'"],
    ['src/wire/late/a.ts', "import type * as Protobuf from 'protobufjs/minimal.js'"],
    ['src/messenger/a.ts', "import type { Subject } from 'rxjs'\nimport { x } from '../session/session.ts'"],
    ['src/index.ts', "export { x } from './messenger/messenger.ts'"],
    ['src/testing/a.ts', "import { x } from '../index.ts'"],
    ['src/groups/a.ts', "import { x } from '../transactions/call.ts'"],
    ['src/testing/model/a.ts', "import { x } from '../../ceph/msgr2/arbitration.ts'\nimport { y } from '../random.ts'"],
    ['src/ceph/a.ts', "import { x } from './msgr2/format.ts'\nimport { y } from './messages/pool.ts'"],
    ['src/ceph/messages/a.ts', "import { x } from '../../index.ts'"],
    ['src/common/a.ts', "const text = \"import x from 'node:net'\" // import x from 'rxjs'"],
  ]
  for (const [path, text] of right) t.strictSame(forbiddenImports([source(path, text)]), [], text)
  t.end()
})

t.test('circles are found, those of types, too', (t) => {
  const circle = (kind: string) => [
    source('src/wire/a.ts', "import { b } from './b.ts'"),
    source('src/wire/b.ts', "\nimport { c } from './native/c.ts'"),
    source('src/wire/native/c.ts', `import ${kind} { a } from '../a.ts'`),
  ]
  const expected = 'closes the circle src/wire/a.ts → src/wire/b.ts → src/wire/native/c.ts → src/wire/a.ts'
  for (const kind of ['', 'type']) {
    const problems = importCycles(circle(kind))
    t.equal(problems.length, 1)
    t.match(problems[0], `src/wire/native/c.ts:1: ${expected};`)
  }
  t.end()
})
