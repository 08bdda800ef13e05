/**
 * Code blocks of the pages that claim to run: behind `<!-- run -->`, in a ts or js fence. `<!-- prints -->` and a text fence
 * may follow, with what the program must print. Every other block of TypeScript must compile, with what stands in a
 * `<!-- given … -->` before it. The comments do not show on GitHub.
 */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

export interface Runnable {
  /** `README.md:12`. */
  readonly where: string
  readonly code: string
  /** What it must print; null when the page does not say. */
  readonly prints: string | null
}

const BLOCK = /^<!-- run -->\n+```(?:ts|js)\n(?<code>.*?)^```$(?:\n+<!-- prints -->\n+```text\n(?<prints>.*?)^```$)?/gms
const MARKER = /^<!-- (run|prints) -->$/gm

/** The blocks of a page. Throws when a marker is not followed by what it promises: it would be skipped in silence. */
export function runnables(path: string, text: string): Runnable[] {
  const found: Runnable[] = []
  let markers = 0
  for (const match of text.matchAll(BLOCK)) {
    const { code = '', prints } = match.groups ?? {}
    const line = text.slice(0, match.index).split('\n').length
    found.push({ where: `${path}:${line}`, code, prints: prints ?? null })
    markers += prints === undefined ? 1 : 2
  }
  const all = text.match(MARKER)?.length ?? 0
  if (all !== markers)
    throw new Error(`${path}: ${all - markers} markers without a block; see test/house/docs/runnable.ts`)
  return found
}

const FRAGMENT = /(?:^<!-- (?<mark>run|given)(?<given>.*?)-->\n+)?^```ts\n(?<code>.*?)^```$/gms

/** The blocks of TypeScript that do not claim to run. Throws when something is given to no block. */
export function fragments(path: string, text: string): Omit<Runnable, 'prints'>[] {
  const found: Omit<Runnable, 'prints'>[] = []
  let given = 0
  for (const match of text.matchAll(FRAGMENT)) {
    const { mark, given: before = '', code = '' } = match.groups ?? {}
    if (mark === 'run') continue
    if (mark === 'given') given++
    const line = text.slice(0, match.index).split('\n').length
    found.push({ where: `${path}:${line}`, code: before + code })
  }
  const all = text.match(/^<!-- given/gm)?.length ?? 0
  if (all !== given) throw new Error(`${path}: something is given to no block; see test/house/docs/runnable.ts`)
  return found
}

/** Runs a block as a module of its own in `directory`, from where `inkwire` must resolve. */
export function runBlock(directory: string, name: string, block: Runnable): Promise<{ code: number; output: string }> {
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
  const file = join(directory, `${name}.mjs`)
  writeFileSync(file, ts.transpileModule(block.code, { compilerOptions }).outputText)
  const env = { ...process.env, NODE_OPTIONS: '', FORCE_COLOR: '0' }
  return new Promise((resolve) => {
    execFile(process.execPath, [file], { env, timeout: 30_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : 1, output: stdout + stderr })
    })
  })
}

/** What the compiler says about the blocks: they use the types as a reader's editor would. `files` are absolute. */
export function typeErrors(files: readonly string[]): string[] {
  const program = ts.createProgram([...files], {
    ...{
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
      lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    },
    ...{ target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.NodeNext },
  })
  return ts
    .getPreEmitDiagnostics(program)
    .map((problem) => `${problem.file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(problem.messageText, ' ')}`)
}
