/**
 * Makes what users load out of src: few files of JavaScript, and the declarations that a public one leads to.
 *
 * Node reads, resolves and links each module by itself, which costs more than running it: 330 files took five times as long to
 * import as one of the same length. So every subpath is one file, with what they have in common in files beside them: a
 * class has one identity. It is plain ASCII, which V8 keeps in half the memory. Names are kept and lines are short, so a stack is readable; source maps lead into src.
 *
 * A file that the code reads beside itself (`readFileSync(new URL('./page.html', import.meta.url), 'utf8')`) becomes text in it.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { build } from 'esbuild'
import ts from 'typescript'
import { withLateModules } from './late-modules.mjs'
import { PART_FILES, entriesOf, lateParts } from './late-parts.mjs'

/** Bundles `entries` of src (`testing/index.ts`) into `to`, at the places that they have in src. */
export async function bundle(root, entries, to) {
  const built = await build({
    entryPoints: entriesOf(root, entries),
    outdir: to,
    ...{ write: false, metafile: true },
    chunkNames: 'shared/[hash]',
    ...{ bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'es2023', packages: 'external' },
    ...{ minifyWhitespace: true, lineLimit: 120, legalComments: 'none' },
    ...{ sourcemap: true, sourcesContent: false, logLevel: 'warning' },
    plugins: [lateParts(root), readsAtBuildTime],
  })
  for (const [path, text] of withLateModules(root, built, to, PART_FILES)) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text, { mode: text.startsWith('#!') ? 0o755 : 0o644 })
  }
}

const READ = /readFileSync\(new URL\('([^']+)', import\.meta\.url\), 'utf8'\)/g

const readsAtBuildTime = {
  name: 'reads-at-build-time',
  setup(builder) {
    builder.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      if (!text.includes('import.meta.url')) return undefined
      const contents = text.replaceAll(READ, (_, file) =>
        JSON.stringify(readFileSync(join(dirname(path), file), 'utf8')),
      )
      if (/new URL\([^)]*import\.meta\.url/.test(contents))
        throw new Error(`${path} reads a file that will not be there`)
      return { contents, loader: 'ts' }
    })
  },
}

/** Removes declarations in `directory` that none of `entries` (`index.d.ts`) leads to, with their maps. */
export function prune(directory, entries) {
  const reached = new Set()
  const visit = (path) => {
    if (reached.has(path)) return
    reached.add(path)
    for (const { fileName } of ts.preProcessFile(readFileSync(path, 'utf8')).importedFiles) {
      if (!fileName.startsWith('.')) continue
      const target = resolve(dirname(path), fileName).replace(/(\.js|\.ts)$/, '.d.ts')
      if (!existsSync(target)) throw new Error(`${path} leads to ${fileName}, which is not there`)
      visit(target)
    }
  }
  for (const entry of entries) visit(join(directory, entry))
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const declaration = path.replace(/\.map$/, '')
    if (entry.isFile() && declaration.endsWith('.d.ts') && !reached.has(declaration)) rmSync(path)
  }
  removeEmpty(directory)
}

function removeEmpty(directory) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmpty(join(directory, entry.name))
  }
  if (readdirSync(directory).length === 0) rmdirSync(directory)
}
