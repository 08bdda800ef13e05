/**
 * Makes src/wire/native/gen/control.pb.{js,d.ts} from proto/control.proto.
 *
 * The generator writes for every reader: more than half of its lines are comments, and types that nobody here names. What we
 * keep (and ship) is the code, and of the declarations what `encode` and `decode` take and give. The code becomes one function
 * of protobufjs, so that importing it makes no classes: see src/wire/late/words.ts.
 *
 * The result is checked in, so that a build needs no generator. With --check nothing is written: the exit code is 1
 * when what is checked in is not what the generator makes.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('..', import.meta.url))
const target = join(root, 'src/wire/native/gen')
const files = ['control.pb.js', 'control.pb.d.ts']
const notice = '// Made from proto/control.proto by scripts/generate-proto.mjs. Do not edit.\n'

// Messages are only encoded and decoded: everything else that pbjs can make is left out. The root has a name of our own,
// because "default" is shared by all static modules of a process.
const options = ['-t', 'static-module', '-w', 'esm', '--dts', '-r', 'inkwire']
const without = ['create', 'verify', 'convert', 'delimited', 'typeurl', 'service'].map((part) => `--no-${part}`)

const work = mkdtempSync(join(tmpdir(), 'inkwire-proto-'))
try {
  const pbjs = join(root, 'node_modules/protobufjs-cli/bin/pbjs')
  const out = join(work, files[0])
  execFileSync(process.execPath, [pbjs, ...options, ...without, '-o', out, join(root, 'proto/control.proto')])
  const made = { 'control.pb.js': code(files[0]), 'control.pb.d.ts': declarations(files[1]) }
  const stale = files.filter((file) => made[file] !== checkedIn(file))
  if (process.argv.includes('--check')) {
    for (const file of stale) console.error(`src/wire/native/gen/${file} is stale: run npm run generate`)
    process.exitCode = stale.length > 0 ? 1 : 0
  } else {
    mkdirSync(target, { recursive: true })
    for (const file of files) writeFileSync(join(target, file), made[file])
  }
} finally {
  rmSync(work, { recursive: true })
}

function code(file) {
  const { ESNext } = ts.ScriptTarget
  const compilerOptions = { removeComments: true, target: ESNext, module: ts.ModuleKind.ESNext }
  const { outputText } = ts.transpileModule(readFileSync(join(work, file), 'utf8'), { compilerOptions })
  const names = [...outputText.matchAll(/^export const (\w+) = /gm)].map(([, name]) => name)
  const body = outputText
    .replace(/^import .*\n/m, '')
    .replaceAll(/^export (const \w+ = )/gm, '$1')
    .replace(/^export (\{ \$root as default \}|default \$root);\n/m, '')
  if (/^(import|export)\b/m.test(body)) throw new Error('the generator exports in a way that is not known here')
  return `${notice}export function classesOf($protobuf) {\n${body}return { ${names.join(', ')} };\n}\n`
}

function declarations(file) {
  const tree = ts.createSourceFile(file, readFileSync(join(work, file), 'utf8'), ts.ScriptTarget.Latest, true)
  const { transformed } = ts.transform(tree, [(context) => (root) => ts.visitEachChild(root, kept(context), context)])
  const text = ts.createPrinter({ removeComments: true }).printFile(transformed[0])
  // It is imported for numbers of 64 bits, of which there are none.
  const types = /\bLong\b(?! = require)/.test(text) ? text : text.replace(/import Long = .*\n/, '')
  const classes = "Omit<typeof import('./control.pb.js'), 'classesOf'>"
  return `${notice}${types}export function classesOf(protobuf: typeof import('protobufjs/minimal.js')): ${classes};\n`
}

/** Without what is deprecated, what is kept of unknown fields, and second names of the same shape. */
function kept(context) {
  const visit = (node) => {
    const name = node.name?.getText()
    if (ts.isInterfaceDeclaration(node) && name?.startsWith('I') && node.members.length === 0) return undefined
    if (name === '$unknowns' || name === '$Shape') return undefined
    if (ts.isIntersectionTypeNode(node)) return node.types[0]
    return ts.visitEachChild(node, visit, context)
  }
  return visit
}

function checkedIn(file) {
  try {
    return readFileSync(join(target, file), 'utf8')
  } catch {
    return ''
  }
}
