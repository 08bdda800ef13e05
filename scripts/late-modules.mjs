/**
 * Turns what a bundler wrote into what is imported and what is late (see late-parts.mjs).
 *
 * A late file is CommonJS, and a function: `link => exports`. It asks `link` for every other module of the package, so that a module
 * that was imported is that very one for it, too, whose `require` ever has loaded it. Those that it needs of what is imported are
 * offered by them when they have run. An export that is assigned to later would be seen as it was: the build refuses it.
 */
import { basename, dirname, join, relative, resolve } from 'node:path'
import ts from 'typescript'

/** Where `link` and `offer` are, in the package. */
const LINK = 'late/link.js'

const LINK_CODE = `/** The modules of the package that are here: those that were imported, and those that were loaded when they were needed; \`url\`: where they are. */
const modules = new Map([["url", import.meta.url]]);
/** One that was imported says what it has. */
export const offer = (name, exports) => void modules.set(name, exports);
/** One by its name; \`load\` gives the function that makes it. */
export function link(name, load) {
  let known = modules.get(name);
  if (known === undefined) modules.set(name, known = load()(link));
  return known;
}
`

/** The files of `to`, from those that a bundler would write there: pairs of path and text. `parts`: what is late, and all that only it needs. */
export function withLateModules(root, { outputFiles, metafile: { outputs } }, to, parts) {
  const code = new Map(outputFiles.map(({ path, text }) => [path, text]))
  const importsOf = new Map(
    Object.entries(outputs).map(([path, { imports }]) => [
      resolve(path),
      imports.filter(({ kind, external }) => kind === 'import-statement' && !external).map(({ path }) => resolve(path)),
    ]),
  )
  const index = reach([join(to, 'index.js')], importsOf)
  const late = reach(
    parts.map((part) => join(to, `${part}.js`)),
    importsOf,
  ).filter((path) => !index.includes(path))
  const offering = new Set(late.flatMap((path) => importsOf.get(path)).filter((path) => index.includes(path)))
  const files = new Files(to, new Set(late), offering)
  const written = [...code].map(([path, text]) => files.rewritten(path, text, root))
  return [...written, [join(to, LINK), LINK_CODE]]
}

/** All that these import, and they. */
function reach(paths, importsOf, seen = new Set()) {
  for (const path of paths) {
    if (seen.has(path)) continue
    seen.add(path)
    reach(importsOf.get(path), importsOf, seen)
  }
  return [...seen]
}

class Files {
  #to
  #late
  #offering

  constructor(to, late, offering) {
    this.#to = to
    this.#late = late
    this.#offering = offering
  }

  rewritten(path, text, root) {
    if (path.endsWith('.map')) {
      const of = path.replace(/\.map$/, '')
      return [this.#late.has(of) ? `${commonOf(of)}.map` : path, namedMap(path, text, root)]
    }
    if (this.#late.has(path)) return [commonOf(path), this.#common(path, text)]
    return [path, this.#module(path, text)]
  }

  /** A file that is imported: it links what is late, and says what it has when that is asked for. */
  #module(path, text) {
    const { shebang, imports, body } = parted(text)
    const isLate = ({ target }) => this.#late.has(resolve(dirname(path), target))
    const kept = imports.filter((one) => !isLate(one)).map(({ statement }) => statement)
    const linked = imports
      .filter(isLate)
      .map(({ names, target }) => `${bindings(names)}${this.#linked(path, resolve(dirname(path), target))};`)
    const asked = body.replaceAll(/__late__\("(\w+)"\)/g, (_, part) =>
      this.#linked(path, join(this.#to, 'late', `${part}.js`)),
    )
    const code = linked.join('') + (this.#offering.has(path) ? withOffer(path, asked) : asked)
    const names = ['link', 'offer'].filter((name) => code.includes(`__${name}(`)).map((name) => `${name} as __${name}`)
    const link = JSON.stringify(way(path, join(this.#to, LINK)))
    if (names.length > 0) kept.push(`import{${names.join(',')}}from${link};`)
    return shebang + kept.join('') + code
  }

  /** A late file. */
  #common(path, text) {
    const { imports, body } = parted(text)
    const linked = imports.map(({ names, target }) => `${bindings(names)}${this.#required(path, target)};`)
    const { before, exported, after } = exportsOf(path, body)
    const code = before.replaceAll('import.meta.url', 'link("url")')
    return `"use strict";module.exports=link=>{${linked.join('')}${code}return${literal(exported)}};${after.replace('.js.map', '.cjs.map')}`
  }

  /** What a late file asks for: what was imported is there already. */
  #required(path, target) {
    if (!target.startsWith('.')) return `process.getBuiltinModule(${JSON.stringify(target)})`
    const name = JSON.stringify(basename(target, '.js'))
    if (!this.#late.has(resolve(dirname(path), target))) return `link(${name})`
    return `link(${name},()=>require(${JSON.stringify(commonOf(target))}))`
  }

  /**
   * Asks for a late module in a file that is imported. A bundler that takes the package into a program finds `require` with a name in
   * it, and takes the file along if it understands that. The one that is a global of a prompt looks for files somewhere else.
   */
  #linked(path, target) {
    const file = JSON.stringify(way(path, commonOf(target)))
    const load = `typeof require==="function"&&require!==globalThis.require?require(${file}):process.getBuiltinModule("node:module").createRequire(import.meta.url)(${file})`
    return `__link(${JSON.stringify(basename(target, '.js'))},()=>${load})`
  }
}

function commonOf(path) {
  return path.replace(/\.js$/, '.cjs')
}

function way(from, to) {
  return relative(dirname(from), to).replace(/^(?!\.)/, './')
}

/** The line of a program, the imports, wherever a bundler has left them, and the rest. */
function parted(text) {
  const [shebang = ''] = /^#!.*\n/.exec(text) ?? []
  const imports = []
  let body = ''
  let at = shebang.length
  for (const node of parse(text).statements.filter(ts.isImportDeclaration)) {
    const [start, statement] = [node.getStart(), node.getText()]
    const names = statement.slice('import'.length, node.moduleSpecifier.getStart() - start)
    imports.push({ statement, names, target: node.moduleSpecifier.text })
    body += text.slice(at, start)
    at = node.end
  }
  return { shebang, imports, body: body + text.slice(at) }
}

function parse(text) {
  return ts.createSourceFile('.js', text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS)
}

/** `const{a,b:c}=` for `{a,b as c}from`. */
function bindings(names) {
  const list = names.replace(/from$/, '').trim()
  if (list === '') return ''
  if (list.startsWith('{')) return `const${list.replaceAll(/\sas\s/g, ':')}=`
  throw new Error(`an import of a kind that late parts do not have: ${list}`)
}

/** What a file exports, by name and by its name in the file, with what stands before and behind that. */
function exportsOf(path, body) {
  const match = /export\{([^}]*)\};\s*((?:\/\/# sourceMappingURL=.*)?\s*)$/.exec(body)
  if (match === null) return { before: body, exported: [], after: '' }
  const exported = match[1].split(',').map((one) => one.trim().split(/\sas\s/))
  const before = body.slice(0, match.index)
  refuseAssigned(path, before, new Set(exported.map(([local]) => local)))
  return { before, exported: exported.map(([local, name = local]) => [name, local]), after: match[2] }
}

function withOffer(path, code) {
  const { before, exported } = exportsOf(path, code)
  return `${before}__offer(${JSON.stringify(basename(path, '.js'))},${literal(exported)});${code.slice(before.length)}`
}

function literal(exported) {
  return `{${exported.map(([name, local]) => `${name}:${local}`).join(',')}}`
}

/** Who has taken an export does not see what is assigned to it later. */
function refuseAssigned(path, code, names) {
  const visit = (node) => {
    const target = assignedTo(node)
    if (target !== undefined && names.has(target)) {
      throw new Error(
        `${basename(path)}: ${target} is exported to a late part and assigned to: export a function instead`,
      )
    }
    ts.forEachChild(node, visit)
  }
  visit(parse(code))
}

const { EqualsToken, PlusPlusToken, MinusMinusToken, LastAssignment } = ts.SyntaxKind

/** The variable that this changes. */
function assignedTo(node) {
  if (
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind >= EqualsToken &&
    node.operatorToken.kind <= LastAssignment
  )
    return node.left.text
  const steps =
    ts.isPostfixUnaryExpression(node) ||
    (ts.isPrefixUnaryExpression(node) && [PlusPlusToken, MinusMinusToken].includes(node.operator))
  return steps ? node.operand.text : undefined
}

/** Sources that are no files are named after the module that they stand for. */
function namedMap(path, text, root) {
  return text.replaceAll(/"late:([^"]+)"/g, (_, source) => JSON.stringify(relative(dirname(path), join(root, source))))
}
