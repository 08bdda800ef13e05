/**
 * Source files as the tidy rules see them: a path, the text, and the syntax tree that the TypeScript compiler makes of it.
 *
 * Rules work on the tree where they can: a word in a string or a comment is then no violation. A rule is a function from
 * sources to problems, so that it can be tried on planted text as well as on the repository.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import type { Test } from 'tap'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

export interface Source {
  /** From the root of the repository, with `/`. */
  readonly path: string
  readonly text: string
  readonly tree: ts.SourceFile
}

/** A broken rule, as a line that says where, what, and what to do. */
export type Problem = string

export function source(path: string, text: string): Source {
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) }
}

const NEVER_TRACKED = /(^|\/)(node_modules|dist|\.build|\.tap|coverage|\.git)\//

/** Every file that is tracked, or would be: what git ignores does not count. Works in a copy without git, too. */
export function repositoryFiles(): string[] {
  try {
    const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate']
    const listed = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return listed.split('\0').filter((path) => path !== '' && isFile(join(ROOT, path)))
  } catch {
    const listed = readdirSync(ROOT, { recursive: true, withFileTypes: true })
    const files = listed.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    return files.map((path) => relative(ROOT, path).replaceAll('\\', '/')).filter((path) => !NEVER_TRACKED.test(path))
  }
}

/** False also for what was deleted but is still in the index. */
function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

/** TypeScript that people wrote, below the folders. */
export function sources(...folders: string[]): Source[] {
  return repositoryFiles()
    .filter((path) => folders.some((folder) => path.startsWith(`${folder}/`)))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts') && !path.includes('/gen/'))
    .map((path) => source(path, readText(path)))
}

export function problem(file: Source, node: ts.Node, what: string): Problem {
  return problemAt(file.path, file.tree.getLineAndCharacterOfPosition(node.getStart(file.tree)).line, what)
}

/** `line` counts from 0. */
export function problemAt(path: string, line: number, what: string): Problem {
  return `${path}:${line + 1}: ${what}`
}

/** Calls `visit` for every node of the tree, outermost first. */
export function walk(file: Source, visit: (node: ts.Node) => void): void {
  const step = (node: ts.Node): void => {
    visit(node)
    ts.forEachChild(node, step)
  }
  step(file.tree)
}

/** One failure per problem, so that a run shows them all. */
export function report(t: Test, rule: string, problems: readonly Problem[]): void {
  if (problems.length === 0) t.pass(rule)
  for (const line of problems) t.fail(`${line} (${rule})`, { at: null, stack: '' })
}
