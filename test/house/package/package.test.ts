/** What users get: the tarball, imported, required, type-checked and linted as a stranger's project would meet it. */
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { build } from 'esbuild'
import t from 'tap'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { ROOT, compile, makeConsumer, run, runTool } from './consumer.ts'

const consumer = await makeConsumer()
const { directory, installed, manifest, packed } = consumer
t.teardown(() => {
  rmSync(directory, { recursive: true, force: true })
})
const subpaths = Object.keys(manifest.exports)
const modules = subpaths.filter((subpath) => subpath !== './package.json').map(specifier)

/** Of the process in which it is evaluated. */
const isLoaded = (name: string): string =>
  `Object.keys((await import('node:module')).default._cache).some((path) => /[/]node_modules[/]${name}[/]/.test(path))`
const RXJS_IS_LOADED = isLoaded('rxjs')
const PROTOBUFJS_IS_LOADED = isLoaded('protobufjs')

function specifier(subpath: string): string {
  return subpath.replace('.', 'inkwire')
}

function node(type: 'module' | 'commonjs', code: string) {
  return run(directory, process.execPath, [`--input-type=${type}`, '--eval', code])
}

t.test('the tarball holds what is used and nothing else', (t) => {
  const allowed =
    /^(dist|src|docs|examples|proto)\/|^(package\.json|LICENSE|(README|CHANGELOG|CONTRIBUTING|SECURITY)\.md)$/
  t.strictSame(
    packed.filter((path) => !allowed.test(path)),
    [],
    'no tests, benches or tools',
  )
  t.strictSame(
    packed.filter((path) => path.includes('/testing/model/')),
    [],
    'nor the model checker, which is no product',
  )
  t.ok(packed.includes('LICENSE'))
  const targets = Object.values(manifest.exports).flatMap((target) =>
    typeof target === 'string' ? [target] : [target.types, target.default],
  )
  for (const target of targets) t.ok(existsSync(join(installed, target)), `${target} exists`)
  const maps = packed.filter((path) => path.endsWith('.map'))
  t.not(maps.length, 0)
  const lost = maps.filter((path) => {
    const { sources } = JSON.parse(readFileSync(join(installed, path), 'utf8')) as { sources: string[] }
    return sources.some((source) => !existsSync(join(installed, dirname(path), source)))
  })
  t.strictSame(lost, [], 'every source map leads to a source in the tarball')
  t.end()
})

t.test('what messages are made of inside is in no declaration', (t) => {
  const declared = readFileSync(join(installed, 'dist/wire/message.d.ts'), 'utf8')
  t.match(declared, /^ +readonly tid: number;$/m)
  t.notMatch(declared, /^ +(readonly )?(memory|offset|owner|loan|generation|settle|\w+Bytes)\b[?:]/m)
  t.end()
})

/**
 * Runs a module. The runner gives each child of a test its hooks, which load what they need; the child of a shell it does not
 * know.
 */
async function bare(code: string) {
  const words = ['-c', 'unset NODE_OPTIONS; exec "$0" "$@"', process.execPath, '--input-type=module', '--eval', code]
  return await run(directory, 'sh', words)
}

t.test('what only some need of Node is loaded when they need it', async (t) => {
  // `process` as a module opens stdin, stdout and stderr, which a service may not want at all; the global one does not.
  const late = ['crypto', 'net', 'dns', 'tls', 'http', 'worker_threads', 'process']
  const code = `await import('inkwire')
    console.log(process.moduleLoadList.map((name) => name.replace('NativeModule ', '')).filter((name) => ${JSON.stringify(late)}.includes(name)))`
  const { output } = await bare(code)
  t.equal(output, '[]\n')
})

t.test('every link of its pages leads to something in it', (t) => {
  const lost = packed
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) => [...linkedFiles(path)].map((target) => [path, target] as const))
    .filter(([, target]) => !packed.some((other) => other === target || other.startsWith(target.replace(/\/?$/, '/'))))
  t.strictSame(lost, [])
  t.end()
})

/** What a page links to, from the root of the package. */
function linkedFiles(page: string): Set<string> {
  const prose = readFileSync(join(installed, page), 'utf8').replaceAll(/```.*?```|`[^`\n]*`/gs, '')
  const targets = [...prose.matchAll(/\]\(<?([^)\s>#]+)/g)].map(([, target = '']) => target)
  const local = targets.filter((target) => !/^[a-z][a-z0-9+.-]*:/i.test(target))
  return new Set(local.map((target) => posix.join(posix.dirname(page), target)))
}

t.test('every module can be imported and required, with the same names', async (t) => {
  for (const name of modules) {
    const imported = await node('module', `console.log(Object.keys(await import('${name}')).sort().join())`)
    t.equal(imported.code, 0, `import: ${imported.output}`)
    const required = await node(
      'commonjs',
      `console.log(Object.keys(require('${name}')).filter((key) => key !== '__esModule').sort().join())`,
    )
    t.equal(required.code, 0, `require: ${required.output}`)
    t.equal(required.output, imported.output)
    t.not(imported.output.trim(), '', `${name} exports something`)
  }
})

t.test('loading a module starts nothing that keeps the process alive or writes', async (t) => {
  for (const name of modules) {
    const { code, output } = await node('module', `import '${name}'`)
    t.strictSame({ code, output }, { code: 0, output: '' }, name)
  }
})

t.test('importing everything leaves the world as it was, as `sideEffects` says, and loads no package', async (t) => {
  const { output } = await bare(
    `const world = () => [...Reflect.ownKeys(globalThis), ...process.eventNames()].map(String).join()
    const before = world()
    for (const name of ${JSON.stringify(modules)}) await import(name)
    console.log(world() === before, ${RXJS_IS_LOADED})`,
  )
  t.equal(output, 'true false\n')
})

t.test(
  'protobufjs is loaded by the first link, and rxjs by the first $, which is the one that a program imports',
  async (t) => {
    const program = `
    import { Messenger, defineCall, losslessClient, losslessServer } from 'inkwire'
    const bytes = { encode: (body) => body, decode: (bytes) => bytes }
    const Echo = defineCall({ type: 1, name: 'Echo', request: bytes, reply: bytes })
    const osd = new Messenger({ name: 'osd.0', policies: { client: losslessServer() } })
    osd.serve(Echo, (body) => ({ body }))
    const client = new Messenger({ name: 'client.a', policies: { osd: losslessClient() } })
    const address = await osd.bind('tcp://127.0.0.1:0')
    console.log(${PROTOBUFJS_IS_LOADED})
    const connection = client.connect(address, { type: 'osd' })
    await connection.deliver({ type: 2 }).catch(async (error) => console.log(error.code, ${PROTOBUFJS_IS_LOADED}))
    console.log((await connection.call(Echo, new Uint8Array(3))).body.length, ${RXJS_IS_LOADED})
    const { state$ } = connection
    console.log(${RXJS_IS_LOADED})
    const { Observable, firstValueFrom, map } = await import('rxjs')
    console.log(state$ instanceof Observable, await firstValueFrom(state$.pipe(map((state) => state.length))))
    await client.close()
    await osd.close()`
    const { output } = await node('module', program)
    t.equal(output, 'false\nINK_UNHANDLED true\n3 false\ntrue\ntrue 4\n')
  },
)

t.test(
  'the code is one file for each subpath and what they share, and every declaration leads from one of them',
  (t) => {
    const code = packed.filter((path) => /^dist[/].*[.]c?js$/.test(path))
    t.ok(code.length < 50, `${code.length} files of code`)
    for (const path of ['dist/session/session.d.ts', 'dist/messenger/reactor.d.ts'])
      t.notOk(packed.includes(path), path)
    t.end()
  },
)

t.test('an import reads what options and errors are made of, and leaves the rest for later', (t) => {
  const read = filesBehind('dist/index.js')
  const bytes = [...read].reduce((sum, path) => sum + statSync(join(installed, path)).size, 0)
  // Every 10 KB are a millisecond on a slow machine. Whatever has made it more belongs into a part of scripts/late-parts.mjs.
  t.ok(bytes < 100_000, `${bytes} bytes of code`)
  t.ok(read.size < 9, `${read.size} files`)
  for (const part of ['messenger', 'extras']) t.notOk(read.has(`dist/late/${part}.cjs`))
  t.end()
})

t.test('what is required is CommonJS: test runners that run modules by themselves can require nothing else', (t) => {
  const required = packed
    .filter((path) => /^dist[/].*[.]c?js$/.test(path))
    .flatMap((path) => [...readFileSync(join(installed, path), 'utf8').matchAll(/require\)?\("(\.[^"]+)"\)/g)])
    .map(([, target = '']) => target)
  t.not(required.length, 0)
  t.strictSame(
    required.filter((target) => !target.endsWith('.cjs')),
    [],
  )
  t.end()
})

/** What is read when this file is imported. */
function filesBehind(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen
  seen.add(path)
  const code = readFileSync(join(installed, path), 'utf8')
  const imports = [...code.matchAll(/(?:from|import)"(\.[^"]+)"/g)]
  for (const [, target = ''] of imports) filesBehind(posix.join(posix.dirname(path), target), seen)
  return seen
}

t.test('a messenger can be made while another module is on its way', async (t) => {
  // A file that is being imported cannot be required: what a messenger needs must never be.
  const { code, output } = await node(
    'module',
    `const { Messenger, peer, tls } = await import('inkwire')
    const imports = ${JSON.stringify(modules)}.map((name) => import(name))
    let ends = 0
    for (const one of imports) one.then(() => ends++)
    for (let made = 0; ends < imports.length; made++) {
      const messenger = new Messenger({ name: 'osd.0', policies: { default: peer() } })
      await messenger.close()
      try { tls({}) } catch (error) { if (error.code !== 'INK_BAD_OPTION') throw error }
      await new Promise(setImmediate)
    }
    console.log('all there')`,
  )
  t.strictSame({ code, output }, { code: 0, output: 'all there\n' })
})

t.test('a bundler takes the parts along', async (t) => {
  const entry = join(directory, 'bundled.mjs')
  writeFileSync(
    entry,
    `import { InkwireError, Messenger, peer, tls } from 'inkwire'
    const messenger = new Messenger({ name: 'osd.0', policies: { default: peer() } })
    try { tls({ cert: 1 }) } catch (error) { console.log(error instanceof InkwireError, messenger.name) }
    messenger.close()`,
  )
  for (const [format, name] of [
    ['esm', 'out.mjs'],
    ['cjs', 'out.cjs'],
  ] as const) {
    const elsewhere = t.testdir()
    const outfile = join(elsewhere, name)
    await build({ entryPoints: [entry], outfile, format, bundle: true, platform: 'node', logLevel: 'silent' })
    t.strictSame(await run(elsewhere, process.execPath, [outfile]), { code: 0, output: 'true osd.0\n' }, format)
  }
})

t.test('the manifest can be read, and nothing beside the exports', async (t) => {
  const read = await node('commonjs', "console.log(require('inkwire/package.json').name)")
  t.strictSame(read, { code: 0, output: 'inkwire\n' })
  const inside = await node('module', "await import('inkwire/dist/index.js').catch((error) => console.log(error.code))")
  t.equal(inside.output, 'ERR_PACKAGE_PATH_NOT_EXPORTED\n')
})

t.test('the types check in a strict project that checks its libraries too', async (t) => {
  const { code, output } = await compile(consumer, join(ROOT, 'node_modules/typescript'))
  t.equal(output, '')
  t.equal(code, 0)
})

t.test('publint finds nothing', async (t) => {
  const { messages, pkg } = await publint({ pkgDir: installed, strict: true, pack: false })
  t.strictSame(
    messages.map((message) => formatMessage(message, pkg, { color: false })),
    [],
  )
})

t.test('are-the-types-wrong finds nothing', async (t) => {
  const args = [consumer.tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-color', '--no-emoji']
  const { code, output } = await runTool(directory, '@arethetypeswrong/cli/dist/index.js', args)
  t.equal(code, 0)
  if (code !== 0) t.comment(output)
})
