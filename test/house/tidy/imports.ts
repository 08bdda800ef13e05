/**
 * The law of the rooms: who may import whom. The table below is the architecture; docs/ARCHITECTURE.md draws it.
 *
 * A room imports from the rooms in its `values`, and from those in its `types` by `import type` alone. Files never
 * import each other in a circle, types included: what two files tell each other of belongs into a third one below them.
 */
import { posix } from 'node:path'
import ts from 'typescript'
import { problem, walk, type Problem, type Source } from './source.ts'

interface Room {
  readonly values: readonly string[]
  readonly types?: readonly string[]
  /** Packages, and `node:` for Node's own modules. */
  readonly packages: readonly string[]
}

/** Packages of which nothing is imported but types: when they are loaded, and by what. */
const LATE: Readonly<Record<string, string>> = {
  rxjs: 'when a stream is asked for: take it from streams/rxjs.ts',
  protobufjs: 'by the first link: take what it makes from wire/late/words.ts',
}

const SHELL = [
  'common',
  'late',
  'policies',
  'wire',
  'wire/late',
  'session',
  'transports',
  'transports/ring',
  'transports/shared',
  'auth',
  'streams',
  'threads',
  'messenger',
]
/** A room that is built over the public surface, as a user's code would be. */
const OVER_SURFACE: Room = { values: ['common', 'index'], packages: ['node:', 'rxjs'] }
/** A room whose messages are calls. */
const OVER_TRANSACTIONS: Room = { ...OVER_SURFACE, values: [...OVER_SURFACE.values, 'transactions'] }

export const ROOMS: Readonly<Record<string, Room>> = {
  common: { values: [], packages: [] },
  // Asks the process for Node's own modules, when the first of whoever needs one does.
  late: { values: [], packages: ['node:'] },
  policies: { values: ['common'], packages: [] },
  wire: { values: ['common', 'wire/late'], types: ['policies'], packages: [] },
  // Asks the process for protobufjs when the first link needs it.
  'wire/late': { values: ['wire'], packages: ['protobufjs'] },
  session: { values: ['common', 'policies', 'wire'], packages: [] },
  // Arithmetic over shared words and bytes: what carries them, and who is woken, is its user's.
  'transports/ring': { values: ['common'], packages: [] },
  transports: { values: ['common', 'late', 'transports/ring'], packages: ['node:'] },
  // Memory between processes, and the only place that asks for native code: nothing below it knows of it.
  'transports/shared': { values: ['common', 'late', 'transports', 'transports/ring'], packages: ['node:'] },
  // Between sockets and messengers: which thread of a host gets a connection, by what its first bytes say.
  threads: { values: ['common', 'late', 'wire', 'transports'], packages: ['node:'] },
  auth: { values: ['common', 'late', 'wire'], packages: ['node:'] },
  streams: { values: ['common'], packages: ['rxjs'] },
  messenger: {
    values: ['common', 'late', 'policies', 'wire', 'session', 'transports', 'auth', 'streams'],
    packages: ['node:', 'rxjs'],
  },
  index: { values: [...SHELL, 'transactions'], packages: [] },
  // The public Messenger is the shell with this layer in its plug; its machine is pure.
  'transactions/machine': { values: ['common', 'wire'], packages: [] },
  transactions: {
    values: ['common', 'late', 'policies', 'wire', 'transactions/machine', 'messenger'],
    packages: ['node:', 'rxjs'],
  },
  'buffers/machine': { values: ['common'], packages: [] },
  buffers: { ...OVER_TRANSACTIONS, values: [...OVER_TRANSACTIONS.values, 'buffers/machine'] },
  'groups/machine': { values: ['common', 'wire'], packages: [] },
  groups: { ...OVER_TRANSACTIONS, values: [...OVER_TRANSACTIONS.values, 'groups/machine', 'streams'] },
  'discovery/machine': { values: ['common'], packages: [] },
  discovery: { ...OVER_SURFACE, values: [...OVER_SURFACE.values, 'discovery/machine'] },
  // What layers show of themselves is told as it is; nothing of them is loaded for it.
  observe: { ...OVER_SURFACE, types: ['groups', 'buffers'] },
  // Ceph is one wing, and nothing below it knows of it: its wire is a WireProtocol like any user's, and as pure as the native
  // one; its keys work on that wire's terms; its clients stand over the public surface.
  'ceph/msgr2': { values: ['common', 'wire'], types: ['policies'], packages: [] },
  'ceph/cephx': { values: ['common', 'wire', 'ceph/msgr2'], packages: ['node:'] },
  ceph: {
    values: ['common', 'ceph/msgr2', 'ceph/cephx', 'messenger', 'index', 'streams'],
    packages: ['node:', 'rxjs'],
  },
  testing: {
    values: [...SHELL, 'transactions', 'index', 'groups', 'groups/machine', 'buffers', 'buffers/machine'],
    packages: ['node:', 'rxjs'],
  },
  // The model checkers search what ships, both wire protocols and the machines of layers included.
  'testing/model': {
    values: [...SHELL, 'testing', 'ceph/msgr2', 'transactions/machine', 'groups/machine', 'buffers/machine'],
    packages: [],
  },
  cli: {
    values: [
      ...SHELL,
      'index',
      'transactions',
      'buffers',
      'groups',
      'discovery',
      'observe',
      'ceph',
      'ceph/msgr2',
      'testing',
    ],
    packages: ['node:', 'rxjs'],
  },
}

export interface Import {
  readonly node: ts.Node
  readonly specifier: string
  /** True when nothing of it is left at run time. `import { type A }` leaves an empty import, so it is not. */
  readonly typeOnly: boolean
}

/** The room of `src/room/…`, or of `src/room/chamber/…` where the chamber has a row of its own; `index` for src/index.ts. */
export function roomOf(path: string): string {
  const [, room = '', chamber = '', ...deeper] = path.split('/')
  if (chamber === '') return posix.basename(path, '.ts')
  return deeper.length > 0 && Object.hasOwn(ROOMS, `${room}/${chamber}`) ? `${room}/${chamber}` : room
}

export function importsOf(file: Source): Import[] {
  const found: Import[] = []
  walk(file, (node) => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const typeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
      found.push({ node, specifier: node.moduleSpecifier.text, typeOnly })
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
      found.push({ node, specifier: node.moduleSpecifier.text, typeOnly: node.isTypeOnly })
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      const { literal } = node.argument
      if (ts.isStringLiteral(literal)) found.push({ node, specifier: literal.text, typeOnly: true })
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments
      if (specifier && ts.isStringLiteral(specifier)) found.push({ node, specifier: specifier.text, typeOnly: false })
    }
  })
  return found
}

/** Imports that the table of rooms does not allow. */
export function forbiddenImports(files: readonly Source[]): Problem[] {
  return files.flatMap((file) => {
    const room = roomOf(file.path)
    const law = ROOMS[room]
    if (!law) return [`${file.path}:1: the room src/${room} is unknown; give it a row in test/house/tidy/imports.ts`]
    return importsOf(file).flatMap((one) => {
      const wrong = one.specifier.startsWith('.') ? checkRoom(file, room, law, one) : checkPackage(room, law, one)
      return wrong === undefined ? [] : [problem(file, one.node, wrong)]
    })
  })
}

function checkRoom(file: Source, room: string, law: Room, { specifier, typeOnly }: Import): string | undefined {
  const target = posix.join(posix.dirname(file.path), specifier)
  if (!target.startsWith('src/')) return `imports ${specifier} from outside src; move what it needs into src`
  const to = roomOf(target)
  if (to === room || law.values.includes(to)) return undefined
  if (!law.types?.includes(to)) return `${room} may not import from ${to}; move the code, or pass it in from above`
  return typeOnly ? undefined : `${room} may import only types from ${to}; write \`import type\``
}

function checkPackage(room: string, law: Room, { specifier, typeOnly }: Import): string | undefined {
  const name = specifier.startsWith('node:') ? 'node:' : specifier.split('/')[0]
  if (name !== undefined && law.packages.includes(name)) {
    const late = LATE[name]
    if (typeOnly || late === undefined) return undefined
    return `${specifier} is loaded ${late}, and types by \`import type\``
  }
  return `${room} may not import ${specifier}; take what it gives as an argument, or do it in a room that may`
}

/** Circles of files that need each other, be it for a type. */
export function importCycles(files: readonly Source[]): Problem[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const done = new Set<string>()
  const trail: string[] = []
  const problems: Problem[] = []
  const visit = (file: Source): void => {
    if (done.has(file.path)) return
    trail.push(file.path)
    for (const { node, specifier } of importsOf(file)) {
      const target = byPath.get(posix.join(posix.dirname(file.path), specifier))
      if (!specifier.startsWith('.') || !target) continue
      const start = trail.indexOf(target.path)
      if (start < 0) visit(target)
      else {
        const circle = [...trail.slice(start), target.path].join(' → ')
        problems.push(problem(file, node, `closes the circle ${circle}; move what both need into a file below them`))
      }
    }
    trail.pop()
    done.add(file.path)
  }
  files.forEach(visit)
  return problems
}
