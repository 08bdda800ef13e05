/**
 * House style that a machine can see: what may not be written, how long things may be, how a file begins.
 *
 * The limits are hard; most files should stay far below them (CONTRIBUTING.md). Prettier wraps at 120 columns; a line
 * may only be longer where it cannot be wrapped.
 */
import ts from 'typescript'
import { problem, problemAt, walk, type Problem, type Source } from './source.ts'

export const FILE_LINES_MAX = 250
/**
 * Files that were longer when the limit came, and how long they may be: they shrink, and no new one joins them. What is in them is one
 * thing each: a handshake of Ceph's that is read beside its specification from top to bottom, one client's requests, one checker's plans.
 */
export const LONGER: Readonly<Record<string, number>> = {
  'src/ceph/mon-client.ts': 323,
  'src/ceph/msgr2/control-frames.ts': 270,
  'src/ceph/msgr2/frame-decoder.ts': 319,
  'src/ceph/msgr2/msgr2-protocol.ts': 289,
  'src/ceph/object-requests.ts': 310,
  'src/cli/decode/capture/capture-file.ts': 279,
  'src/testing/hostile/hostile-link.ts': 339,
  'src/testing/laws/message-ledger.ts': 316,
  'src/testing/laws/recorder.ts': 308,
  'src/testing/model/model-flow.ts': 279,
  'src/testing/model/scene.ts': 283,
  'src/testing/simulator/simulated-link.ts': 282,
  'src/testing/swarm/actor.ts': 288,
  'src/testing/swarm/draw.ts': 302,
}
export const FUNCTION_LINES_MAX = 70
export const LINE_COLUMNS_MAX = 140

/** Comments that put something off or switch the compiler off. Put together here so that this file is clean itself. */
const BANNED_COMMENTS: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].join('|')})\\b`), 'do it now, or open an issue'],
  [new RegExp(`@ts-(${['ignore', 'nocheck', 'expect-error'].join('|')})`), 'give the compiler the type that it lacks'],
]

export function bannedSyntax(files: readonly Source[]): Problem[] {
  const problems: Problem[] = []
  for (const file of files) {
    walk(file, (node) => {
      const what = bannedNode(node)
      if (what !== undefined) problems.push(problem(file, node, what))
    })
    file.text.split('\n').forEach((line, index) => {
      for (const [pattern, instead] of BANNED_COMMENTS) {
        const word = pattern.exec(line)
        if (word) problems.push(problemAt(file.path, index, `${word[0]}; ${instead}`))
      }
    })
  }
  return problems
}

function bannedNode(node: ts.Node): string | undefined {
  if (node.kind === ts.SyntaxKind.AnyKeyword) return 'any; write the type, or unknown and narrow it'
  if (ts.isEnumDeclaration(node)) return 'enum does not erase; write an `as const` object or a union of strings'
  if (ts.isModuleDeclaration(node) && !(node.flags & ts.NodeFlags.GlobalAugmentation)) {
    return 'namespace does not erase; write a module'
  }
  if (ts.isParameterPropertyDeclaration(node, node.parent)) {
    return 'a parameter property does not erase; declare the field and assign it'
  }
  return undefined
}

/** A subtest that keeps all others from running. */
export function onlyCalls(files: readonly Source[]): Problem[] {
  const problems: Problem[] = []
  for (const file of files) {
    walk(file, (node) => {
      if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return
      if (node.expression.name.text !== 'only') return
      problems.push(problem(file, node, 'only() silences every other test; remove it'))
    })
  }
  return problems
}

export function longLines(files: readonly Source[]): Problem[] {
  return files.flatMap((file) =>
    file.text.split('\n').flatMap((line, index) => {
      if (line.length <= LINE_COLUMNS_MAX) return []
      return [problemAt(file.path, index, `${line.length} columns of at most ${LINE_COLUMNS_MAX}; wrap it`)]
    }),
  )
}

export function longFiles(files: readonly Source[]): Problem[] {
  return files.flatMap((file) => {
    const lines = file.text.trimEnd().split('\n').length
    const linesMax = LONGER[file.path] ?? FILE_LINES_MAX
    if (lines <= linesMax) return []
    return [problemAt(file.path, linesMax, `${lines} lines of at most ${linesMax}; split it by concept`)]
  })
}

/** Of those that may be longer, which need it no more. */
export function shortened(files: readonly Source[]): Problem[] {
  return Object.keys(LONGER).flatMap((path) => {
    const file = files.find((one) => one.path === path)
    if (file !== undefined && file.text.trimEnd().split('\n').length > FILE_LINES_MAX) return []
    return [problemAt(path, 0, `needs no longer limit any more; take it out of LONGER in test/house/tidy/style.ts`)]
  })
}

/** From the first line of the signature to the closing brace, without the doc comment. */
export function longFunctions(files: readonly Source[]): Problem[] {
  const problems: Problem[] = []
  for (const file of files) {
    walk(file, (node) => {
      if (!ts.isFunctionLike(node)) return
      const start = file.tree.getLineAndCharacterOfPosition(node.getStart(file.tree)).line
      const lines = file.tree.getLineAndCharacterOfPosition(node.end).line - start + 1
      if (lines <= FUNCTION_LINES_MAX) return
      const what = `${lines} lines in one function of at most ${FUNCTION_LINES_MAX}; give its parts names`
      problems.push(problem(file, node, what))
    })
  }
  return problems
}

/** Files that do not open with a doc comment (behind a `#!` line, if there is one). */
export function missingHeaders(files: readonly Source[]): Problem[] {
  return files.flatMap((file) => {
    if (/^(#!.*\n)?\/\*\*/.test(file.text)) return []
    return [problemAt(file.path, 0, 'no header; open with a /** comment that says what the file is for')]
  })
}
