/**
 * What the pure rooms may not touch: the clock, chance, the process, and anything that happens later.
 *
 * They get time, random numbers and wake-ups from their caller; only so can the simulator replay a run from its seed.
 * Names are looked up in the syntax tree: a property or a parameter that happens to be called `process` is fine.
 */
import ts from 'typescript'
import { roomOf } from './imports.ts'
import { problem, walk, type Problem, type Source } from './source.ts'

export const PURE_ROOMS = [
  'common',
  'policies',
  'wire',
  'session',
  'transports/ring',
  'transactions/machine',
  'buffers/machine',
  'discovery/machine',
  'groups/machine',
  'ceph/msgr2',
]
/** Rooms where nothing happens later at all. */
const SYNCHRONOUS_ROOMS = [
  'wire',
  'session',
  'transports/ring',
  'transactions/machine',
  'buffers/machine',
  'discovery/machine',
  'groups/machine',
  'ceph/msgr2',
]

const TIME = 'take the time as an argument (nowMs)'
const LATER = 'name a deadline or return an effect, and let the driver act'
const FORBIDDEN_GLOBALS: Readonly<Record<string, string>> = {
  Buffer: 'use Uint8Array, DataView and the helpers in common',
  process: 'take what it gives as an argument',
  performance: TIME,
  Date: TIME,
  crypto: 'take random bytes or the cipher as an argument',
  setTimeout: LATER,
  setInterval: LATER,
  setImmediate: LATER,
  queueMicrotask: LATER,
  console: 'return what there is to say',
  fetch: 'do I/O in a transport',
  globalThis: 'take what it gives as an argument',
}

/** Uses of the outside world in pure rooms. Imports are the business of imports.ts. */
export function impurities(files: readonly Source[]): Problem[] {
  return files.filter((file) => PURE_ROOMS.includes(roomOf(file.path))).flatMap(impuritiesOf)
}

function impuritiesOf(file: Source): Problem[] {
  const room = roomOf(file.path)
  const synchronous = SYNCHRONOUS_ROOMS.includes(room)
  const declared = declaredNames(file)
  const problems: Problem[] = []
  walk(file, (node) => {
    if (ts.isIdentifier(node) && !isMemberName(node) && !declared.has(node.text)) {
      const instead = Object.hasOwn(FORBIDDEN_GLOBALS, node.text) ? FORBIDDEN_GLOBALS[node.text] : undefined
      if (instead !== undefined) problems.push(problem(file, node, `${room} may not use ${node.text}; ${instead}`))
      if (synchronous && node.text === 'Promise') {
        problems.push(problem(file, node, `${room} may not use Promise; ${LATER}`))
      }
    }
    if (ts.isPropertyAccessExpression(node) && node.getText(file.tree) === 'Math.random') {
      problems.push(problem(file, node, `${room} may not use Math.random; take a random number as an argument`))
    }
    if (synchronous && (node.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(node))) {
      problems.push(problem(file, node, `${room} may not be asynchronous; ${LATER}`))
    }
  })
  return problems
}

/** The `b` of `a.b`, `{ b: 1 }`, `interface { b: T }`, `class { b() {} }`: a name of something else. */
function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent) || ts.isQualifiedName(parent)) {
    return (ts.isPropertyAccessExpression(parent) ? parent.name : parent.right) === node
  }
  const named =
    ts.isPropertyAssignment(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isAccessor(parent)
  return named && parent.name === node
}

/** Names that the file binds itself: parameters, variables, functions, imports. */
function declaredNames(file: Source): Set<string> {
  const names = new Set<string>()
  walk(file, (node) => {
    const binds =
      ts.isParameter(node) ||
      ts.isVariableDeclaration(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isImportSpecifier(node)
    if (binds && node.name && ts.isIdentifier(node.name)) names.add(node.name.text)
  })
  return names
}
