/**
 * Tests must not depend on how fast a machine is, nor on what only some machines have. What of that can be seen in the code:
 * a short wait, a clock in an assertion (by a name that it was given, too), a time that is slept, whatever it is called, memory
 * that was not collected, a port that may be somebody's.
 *
 * A wait is for a condition, with PATIENCE_MS; what happens often is counted in bytes, rounds or turns; time is simulated.
 */
import ts from 'typescript'
import { PATIENCE_MS } from '../../support/until.ts'
import { problem, walk, type Problem, type Source } from './source.ts'

const WAITS = ['until', 'within', 'rejection']
const DIALS = ['connect', 'dial', 'bind', 'listen']
/** A port of this machine that was not asked for; `:0` is any that is free. */
const FIXED_PORT = /^\w+:(\/\/)?(127\.0\.0\.1|localhost|\[::1\]):[1-9]\d{0,4}(\/\d+)?$/
/** Not every machine has them. */
const RARE_HOST = /(^|[/:@])(127\.0\.0\.([2-9]|\d\d+)|\[?::1?\]?)(:\d+)?$/
/** What opens sockets imports one of these. */
const SOCKETS =
  /(connect|createServer)\b.*'node:net'|transport-(arena|conformance)\.ts'|support\/(actor|raw-link|tcp-proxy)\.ts'/
const HOSTS = /support\/hosts\.ts'/
const CLOCK = /\b(performance|Date)\.now\(|\bhrtime\b|\bcpuUsage\(/
/** A time that was measured, not a moment: what is compared with a bound. */
const SPAN = /(\b(performance|Date)\.now\(\)|hrtime[^;]*) - |\bcpuUsage\(\w/

export function impatience(files: readonly Source[]): Problem[] {
  const problems: Problem[] = []
  for (const file of files) {
    const imports = file.tree.statements.filter(ts.isImportDeclaration).map((statement) => statement.getText())
    const opensSockets = imports.some((name) => SOCKETS.test(name)) && !imports.some((name) => HOSTS.test(name))
    const names = namesOf(file)
    walk(file, (node) => {
      const what = ts.isCallExpression(node) ? hasty(node, names) : opensSockets ? rare(node) : undefined
      if (what !== undefined) problems.push(problem(file, node, what))
    })
  }
  return problems
}

/** What a file calls times that it has measured, and sleeping. */
interface Names {
  readonly measured: ReadonlySet<string>
  readonly sleeping: ReadonlySet<string>
}

function namesOf(file: Source): Names {
  const measured = new Set<string>()
  const sleeping = new Set(['setTimeout', 'setTimeoutPromise'])
  walk(file, (node) => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && SPAN.test(node.initializer?.getText() ?? ''))
      measured.add(node.name.text)
    if (ts.isImportSpecifier(node) && node.propertyName?.text === 'setTimeout') sleeping.add(node.name.text)
  })
  return { measured, sleeping }
}

function hasty(call: ts.CallExpression, names: Names): string | undefined {
  const last = call.arguments.at(-1)
  const name = nameOf(call.expression)
  if (WAITS.includes(name) && ts.isIdentifier(call.expression) && last !== undefined && ts.isNumericLiteral(last)) {
    const waitMs = Number(last.text.replaceAll('_', ''))
    if (waitMs < PATIENCE_MS) return `waits only ${waitMs} ms; leave the time out, a slow machine needs more`
  }
  if (name === 'timeout' && call.expression.getText() === 'AbortSignal.timeout') {
    return 'AbortSignal.timeout() may fire at any moment of a slow machine; abort when the moment has come, or use within()'
  }
  if (names.sleeping.has(name)) {
    return 'waits for a time; wait for what it is about, or use the virtual clock'
  }
  if (DIALS.includes(name)) {
    const fixed = call.arguments.map(textOf).find((text) => FIXED_PORT.test(text))
    if (fixed !== undefined) return `${fixed} may be somebody's; use port 0, or heldPort() of support/held-port.ts`
  }
  return isAssertion(call) ? assertedByTheMachine(call, names) : undefined
}

function isAssertion({ expression }: ts.CallExpression): boolean {
  return ts.isPropertyAccessExpression(expression) && expression.expression.getText() === 't'
}

function assertedByTheMachine(call: ts.CallExpression, { measured }: Names): string | undefined {
  let found: string | undefined
  const look = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) return
    if (!ts.isBinaryExpression(node)) return ts.forEachChild(node, look)
    const operator = node.operatorToken.kind
    const isLess = operator === ts.SyntaxKind.LessThanToken || operator === ts.SyntaxKind.LessThanEqualsToken
    const isMore = operator === ts.SyntaxKind.GreaterThanToken || operator === ts.SyntaxKind.GreaterThanEqualsToken
    const small = isLess ? node.left : isMore ? node.right : null
    const left = small?.getText() ?? ''
    if (CLOCK.test(left) || measured.has(left)) found = 'a bound of time holds on fast machines only; count'
    if (/memoryUsage/.test(left)) found = 'memory is what was not collected yet; use heldBytes() of support/memory.ts'
    ts.forEachChild(node, look)
  }
  for (const argument of call.arguments) look(argument)
  return found
}

function rare(node: ts.Node): string | undefined {
  if (!ts.isStringLiteralLike(node) || !RARE_HOST.test(node.text)) return undefined
  return `${node.text} is not on every machine; skip with a reason where support/hosts.ts says so`
}

function nameOf(expression: ts.Expression): string {
  if (ts.isPropertyAccessExpression(expression)) return expression.name.text
  return ts.isIdentifier(expression) ? expression.text : ''
}

function textOf(node: ts.Node): string {
  return ts.isStringLiteralLike(node) ? node.text : ''
}
