/** Holds the repository to its own rules, and tries the rules on planted violations. */
import t from 'tap'
import { deadLinks, machineTraces, undeclaredBurdens } from './repository.ts'
import { readText, report, repositoryFiles } from './source.ts'

const BINARY = /\.(png|jpg|gif|ico|wasm|bin|gz|tgz|woff2)$/

t.test('no tracked file names a machine or a registry', (t) => {
  const files = repositoryFiles().filter((path) => !BINARY.test(path))
  report(
    t,
    'machine traces',
    files.flatMap((path) => machineTraces(path, readText(path))),
  )
  t.end()
})

t.test('the package burdens its users with protobufjs and rxjs alone', (t) => {
  report(t, 'dependencies', undeclaredBurdens(JSON.parse(readText('package.json')) as Record<string, unknown>))
  t.end()
})

t.test('every relative link in a page leads somewhere', (t) => {
  const pages = repositoryFiles().filter((path) => path.endsWith('.md'))
  report(
    t,
    'links',
    pages.flatMap((path) => deadLinks(path, readText(path))),
  )
  t.end()
})

t.test('the rules see what is planted', (t) => {
  const path = (...parts: string[]) => ['', ...parts].join('/')
  const manifest = { dependencies: { protobufjs: '1' }, peerDependencies: { rxjs: '1' } }
  const planted: [problems: string[], expected: RegExp][] = [
    [machineTraces('a.md', `\nsee ${path('work', 'shared')}`), /a\.md:2: .*one machine only/],
    [machineTraces('a.ts', `const x = '${path('home', 'me', 'x')}'`), /one machine only/],
    [machineTraces('a.ts', `open("${path('tmp', 'x.sock')}")`), /os\.tmpdir/],
    [machineTraces('a.json', '"resolved": "ht' + 'tps://example.org/x.tgz"'), /names a registry/],
    [machineTraces('.npmrc', 'registry=https://' + 'registry.example.org'), /names a registry/],
    [
      undeclaredBurdens({ ...manifest, dependencies: { protobufjs: '1', long: '5' } }),
      /dependencies are \[protobufjs,long\]/,
    ],
    [undeclaredBurdens({ ...manifest, peerDependencies: {} }), /peerDependencies are \[\]/],
    [
      undeclaredBurdens({ ...manifest, peerDependencies: { koffi: '3', rxjs: '1' } }),
      /peerDependencies are \[koffi,rxjs\]/,
    ],
    [undeclaredBurdens({ ...manifest, scripts: { postinstall: 'x' } }), /postinstall would run/],
    [deadLinks('docs/A.md', '\n\n[x](NOWHERE.md)'), /docs\/A\.md:3: the link NOWHERE\.md leads to no file/],
    [deadLinks('README.md', '[x](docs/../package.jsonx "title")'), /leads to no file/],
    [deadLinks('README.md', '# Here\n[x](#there)'), /README\.md:2: the link #there leads to no heading/],
  ]
  for (const [problems, expected] of planted) {
    t.equal(problems.length, 1, expected.source)
    t.match(problems[0], expected)
  }
  t.end()
})

t.test('the rules let pass what is right', (t) => {
  t.strictSame(machineTraces('a.ts', "import x from '../src/work/home.ts' // https://example.org/home/x, ./tmp/x"), [])
  t.strictSame(undeclaredBurdens({ dependencies: { protobufjs: '1' }, peerDependencies: { rxjs: '1' } }), [])
  const peers = { koffi: '3', rxjs: '1' }
  const optional = { koffi: { optional: true } }
  t.strictSame(
    undeclaredBurdens({ dependencies: { protobufjs: '1' }, peerDependencies: peers, peerDependenciesMeta: optional }),
    [],
  )
  const page = [
    '# Two words, `code` & more',
    '## Again',
    '## Again',
    '[a](#two-words-code--more) [b](#again-1) [c](../package.json) [d](https://example.org/x) [e](mailto:x@example.org)',
    '```md',
    '[in a fence](NOWHERE.md)',
    '```',
    'and `[in code](NOWHERE.md)`',
  ]
  t.strictSame(deadLinks('docs/A.md', page.join('\n')), [])
  t.end()
})
