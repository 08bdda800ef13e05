/**
 * TypeScript to JavaScript without a type check, kept per file in .build/typescript: the second run of a test compiles
 * nothing, and loads no compiler.
 *
 * What is kept ends in a line with the digest of its source, so a changed source is compiled again, and no other file.
 * Two processes may do the same work at once: each writes a file of its own and puts it in place by renaming.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const KEPT = join(ROOT, '.build', 'typescript')
/** Part of every digest: change it with the options below. */
const HOW = 'es2023, inline map'

/** @type {typeof import('typescript') | undefined} */
let compiler

/** The JavaScript of a source, with a map back to its lines. */
export function compiled(path) {
  const text = readFileSync(path, 'utf8')
  const digest = createHash('sha256').update(HOW).update(text).digest('hex')
  const stamp = `\n//${digest}\n`
  const kept = join(KEPT, `${relative(ROOT, path)}.js`)
  const known = readIfThere(kept)
  if (known?.endsWith(stamp)) return known
  const code = compile(path, text) + stamp
  const own = `${kept}.${process.pid}`
  mkdirSync(dirname(kept), { recursive: true })
  writeFileSync(own, code)
  renameSync(own, kept)
  return code
}

function compile(path, text) {
  // Half a second, and mostly not needed.
  const ts = (compiler ??= createRequire(import.meta.url)('typescript'))
  const compilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    inlineSourceMap: true,
  }
  return ts.transpileModule(text, { compilerOptions, fileName: path }).outputText
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
