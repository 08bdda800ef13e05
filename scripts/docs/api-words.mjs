/**
 * What the doc comments of exported modules leave out, as a reader of the reference would miss it.
 *
 * Every export, method and accessor says what it is. An option says what holds without it, and one that is a number its range and
 * what it counts. A function that throws says so: one is taken for such when it, or what it calls within three calls, throws an error
 * with a code; what is under `try`, and what runs later, does not count.
 */
import { relative } from 'node:path'
import ts from 'typescript'
import { programOf } from './program.mjs'

/** Interfaces whose fields are options, by their names. */
const OPTIONS = /(?:Options|Limits|Init|Budget|Backoff|Keepalive|Attenuation)$/
const DEFAULT = /default|left out/i
const RANGE = /\d(?: [KM]iB)?\s+to\s|at least|at most|or\s+more/i
const UNIT = /\b(?:ms|bytes?|how\s+many|how\s+often|messages|a fraction|kib|mib)\b/i
/** Numbers that count nothing. */
const BARE = /^(?:type|tid|priority|version|seed|mode|directoryMode|jitter|votes|port)$/
const THROWS = /throws|rejects|INK_/i
const DEPTH_MAX = 3

/** Everything that is missing, a line each; `entries` are files, `root` is where their paths are told from. */
export function missingWords(entries, root) {
  const program = programOf(entries)
  const checker = program.getTypeChecker()
  const origin = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol)
  const wordsOf = (symbol) => ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim()
  const exported = entries.flatMap((entry) =>
    checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry))).map(origin),
  )
  return [...new Set(exported)].flatMap((symbol) => {
    const where = `${relative(root, symbol.declarations[0].getSourceFile().fileName)}: ${symbol.name}`
    const told = wordsOf(symbol) === '' ? [`${where} says nothing of itself`] : []
    const functions = symbol.declarations.filter((one) => ts.isFunctionDeclaration(one))
    const silent = functions.some((one) => throwsInSilence(checker, one, symbol))
      ? [`${where} does not say what it throws`]
      : []
    const members = symbol.declarations
      .flatMap((one) => membersOf(checker, one))
      .flatMap((member) => {
        const own = checker.getSymbolAtLocation(member.name)
        if (own === undefined || !isShown(member)) return []
        return wrongOf(checker, member, own, wordsOf(own), OPTIONS.test(symbol.name)).map(
          (text) => `${where}.${member.name.getText()} ${text}`,
        )
      })
    return [...told, ...silent, ...members]
  })
}

/** Those of classes and interfaces, and what an interface takes over. Variants of a union are told apart by what the whole says. */
function membersOf(checker, declaration) {
  const isInterface = ts.isInterfaceDeclaration(declaration)
  if (!isInterface && !ts.isClassDeclaration(declaration)) return []
  const bases = isInterface ? (declaration.heritageClauses ?? []).flatMap(({ types }) => types) : []
  const taken = bases.flatMap((base) => checker.getTypeAtLocation(base).symbol?.declarations ?? [])
  const ours = taken.filter((one) => !one.getSourceFile().isDeclarationFile)
  return [...declaration.members, ...ours.flatMap((one) => membersOf(checker, one))].filter(
    ({ name }) => name !== undefined,
  )
}

function isShown(member) {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected
  if (ts.isPrivateIdentifier(member.name) || (ts.getCombinedModifierFlags(member) & hidden) !== 0) return false
  if (ts.getJSDocTags(member).some(({ tagName }) => tagName.text === 'internal')) return false
  return !/INSPECT/.test(member.name.getText())
}

function wrongOf(checker, member, symbol, words, isOption) {
  const wrong = []
  const isData = ts.isPropertySignature(member) || ts.isPropertyDeclaration(member)
  if (words === '' && (isOption || !isData)) wrong.push('says nothing of itself')
  else if (isOption && isData) {
    const type = checker.getTypeOfSymbol(symbol)
    if (member.questionToken !== undefined && !DEFAULT.test(words)) wrong.push('has no default')
    if (isNumber(type)) {
      const name = member.name.getText()
      if (!RANGE.test(words) && name !== 'seed') wrong.push('has no range')
      if (!/(?:Ms|Bytes|Messages|Max)$/.test(name) && !BARE.test(name) && !UNIT.test(words)) wrong.push('has no unit')
    }
  }
  if (ts.isMethodDeclaration(member) && throwsInSilence(checker, member, symbol))
    wrong.push('does not say what it throws')
  return wrong
}

function isNumber(type) {
  const parts = type.isUnion() ? type.types : [type]
  return parts.some((one) => (one.flags & ts.TypeFlags.NumberLike) !== 0)
}

function throwsInSilence(checker, node, symbol) {
  const tags = symbol.getJsDocTags(checker).map(({ name }) => name)
  const words = ts.displayPartsToString(symbol.getDocumentationComment(checker))
  return !tags.includes('throws') && !THROWS.test(words) && throws(checker, node, DEPTH_MAX)
}

/** It throws an error with a code, as far as `depth` calls show. */
function throws(checker, node, depth) {
  if (node.body === undefined) return false
  let found = false
  const visit = (one) => {
    if (found || (ts.isFunctionLike(one) && one !== node)) return
    if (ts.isTryStatement(one) && one.catchClause !== undefined) return void ts.forEachChild(one.catchClause, visit)
    if (ts.isThrowStatement(one) && /INK_|badOption|bad\(/.test(one.expression.getText())) found = true
    else if (depth > 1 && ts.isCallExpression(one) && ts.isIdentifier(one.expression)) {
      const symbol = checker.getSymbolAtLocation(one.expression)
      const called = symbol && (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol)
      found = (called?.declarations ?? []).some((to) => ts.isFunctionDeclaration(to) && throws(checker, to, depth - 1))
    }
    ts.forEachChild(one, visit)
  }
  ts.forEachChild(node.body, visit)
  return found
}
