/**
 * What of the package is read when a program needs it, and not when it says `import 'inkwire'`.
 *
 * V8 looks through all code that it is given, so the whole messenger costs some 60 ms on a slow machine before anything of it
 * runs. So the index has what options, errors and policies are made of, and the rest is in parts: the first function or class of one
 * that is used loads it. `new Messenger()` cannot wait, so it is loaded by `require`.
 *
 * Sources know nothing of it: they import as ever, and only the imports of EAGER are led elsewhere, to functions that ask the part for
 * the one of their name. What is no function or class cannot be late; the bundler then misses it, and says so.
 *
 * What is late becomes CommonJS, which every runtime and every test runner can require: a function that is given a way to all other
 * modules and answers with its exports (late-modules.mjs). So there is one of each, whoever loads it, and one of the index.
 */
import { readFileSync } from 'node:fs'
import { join, dirname, relative } from 'node:path'
import ts from 'typescript'

/** By what needs them, the modules of each part. */
const PARTS = {
  messenger: [
    'messenger/assembly.ts',
    'transactions/calls.ts',
    'transports/memory.ts',
    'transports/tcp.ts',
    'wire/native/native.ts',
  ],
  extras: [
    'auth/shared-secret.ts',
    'threads/socket-gate.ts',
    'transactions/node-streams.ts',
    'transactions/web-streams.ts',
    'transports/shared/shared-memory.ts',
    'transports/tls.ts',
    'transports/unix.ts',
    'transports/worker-hub.ts',
    'transports/worker.ts',
  ],
}

/** Where the parts lie, without their endings. */
export const PART_FILES = Object.keys(PARTS).map((part) => `late/${part}`)

/** Whose imports of them wait. */
const EAGER = ['index.ts', 'messenger/messenger.ts', 'messenger/options.ts', 'transactions/messenger.ts']

const INDEX = 'index.ts'

/** What is bundled for these modules: themselves, the index, and the parts. */
export function entriesOf(root, entries) {
  const parts = Object.keys(PARTS).map((part) => ({ in: `part:${part}`, out: `late/${part}` }))
  const own = [...new Set([INDEX, ...entries])].map((entry) => {
    const isSubpath = entry.endsWith('/index.ts')
    return { in: isSubpath ? `subpath:${entry}` : join(root, 'src', entry), out: entry.replace(/\.ts$/, '') }
  })
  return [...own, ...parts]
}

/** Leads imports to the parts, and makes these. */
export function lateParts(root) {
  const source = (module) => join(root, 'src', module)
  const partOf = new Map(Object.entries(PARTS).flatMap(([part, all]) => all.map((one) => [source(one), part])))
  const eager = new Set(EAGER.map(source))
  // Whoever has anything of the package has the index: so that is a few files, and not one for each set of those who share something.
  const exporting = (modules) => ({
    contents: [
      `import ${JSON.stringify(source(INDEX))}`,
      ...modules.map((one) => `export * from ${JSON.stringify(source(one))}`),
    ].join('\n'),
    resolveDir: root,
  })
  return {
    name: 'late-parts',
    setup(builder) {
      builder.onResolve({ filter: /^(part|subpath):/ }, ({ path }) => {
        const [namespace, name] = path.split(':')
        return { path: name, namespace }
      })
      builder.onResolve({ filter: /src.index\.ts$/ }, ({ path }) => ({ path, sideEffects: true }))
      builder.onLoad({ filter: /.*/, namespace: 'part' }, ({ path }) => exporting(PARTS[path]))
      builder.onLoad({ filter: /.*/, namespace: 'subpath' }, ({ path }) => exporting([path]))
      builder.onResolve({ filter: /^\./ }, ({ path, importer, namespace }) => {
        const target = join(dirname(importer), path)
        if (namespace !== 'file' || !eager.has(importer) || !partOf.has(target)) return undefined
        return { path: relative(root, target), namespace: 'late', sideEffects: false }
      })
      builder.onLoad({ filter: /.*/, namespace: 'late' }, ({ path }) => ({
        contents: stubs(join(root, path), partOf.get(join(root, path))),
      }))
    },
  }
}

/** Functions in the place of those that a module exports; late-modules.mjs fills in how the part is asked for. */
function stubs(path, part) {
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ESNext)
  const exported = file.statements.filter(
    (one) => ts.canHaveModifiers(one) && one.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword),
  )
  const functions = exported.flatMap((one) => {
    const { text: name } = one.name ?? {}
    if (ts.isClassDeclaration(one)) return [`export function ${name}(...args) { return new (part().${name})(...args) }`]
    return ts.isFunctionDeclaration(one) ? [`export function ${name}(...args) { return part().${name}(...args) }`] : []
  })
  return `let known\nconst part = () => (known ??= __late__(${JSON.stringify(part)}))\n${functions.join('\n')}\n`
}
