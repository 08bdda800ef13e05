/**
 * Makes src/wire/native/gen/control.ts from proto/control.proto: for each message its type, and its table of fields, which
 * src/wire/native/protobuf.ts reads and writes by.
 *
 * The result is checked in, so that a build needs no parser. With --check nothing is written: the exit code is 1
 * when what is checked in is not what this makes.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import protobuf from 'protobufjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'src/wire/native/gen')
const target = join(folder, 'control.ts')
const TYPES = { uint32: 'number', fixed32: 'number', bool: 'boolean', string: 'string', bytes: 'Uint8Array' }

const { root: schema } = protobuf.parse(readFileSync(join(root, 'proto/control.proto'), 'utf8'))
schema.resolveAll()
const parts = inOrder(schema.nestedArray).map((one) => (one instanceof protobuf.Enum ? enumeration(one) : message(one)))
const made = `/** Made from proto/control.proto by scripts/generate-proto.mjs. Do not edit. */
import { message } from '../protobuf.ts'

${parts.join('\n')}`

if (!process.argv.includes('--check')) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(target, made)
} else if (made !== checkedIn()) {
  console.error('src/wire/native/gen/control.ts is stale: run npm run generate')
  process.exitCode = 1
}

/** A table names those that it is made of, so they come first. */
function inOrder(all) {
  const sorted = new Set()
  const add = (one) => {
    for (const { resolvedType } of one.fieldsArray ?? []) if (resolvedType !== null) add(resolvedType)
    sorted.add(one)
  }
  for (const one of all) add(one)
  return [...sorted]
}

function enumeration({ name, values }) {
  const members = Object.entries(values).map(([key, value]) => `  ${key}: ${value},`)
  return `export const ${name} = {\n${members.join('\n')}\n} as const\nexport type ${name} = number\n`
}

function message({ name, fieldsArray }) {
  const declared = fieldsArray.map((field) => {
    const type = field.resolvedType?.name ?? TYPES[field.type]
    return `  readonly ${field.name}?: ${field.repeated ? `readonly ${type}[]` : type} | null | undefined`
  })
  const table = fieldsArray.map((field) => {
    const isMessage = field.resolvedType instanceof protobuf.Type
    const kind = isMessage ? field.resolvedType.name : `'${field.resolvedType === null ? field.type : 'enum'}'`
    if (!isMessage && field.resolvedType === null && !(field.type in TYPES)) {
      throw new Error(`${name}.${field.name}: protobuf.ts knows no ${field.type}`)
    }
    return `  ${field.name}: [${field.id}, ${kind}${field.repeated ? ", 'many'" : ''}],`
  })
  return `export interface ${name} {\n${declared.join('\n')}\n}\nexport const ${name} = message<${name}>({\n${table.join('\n')}\n})\n`
}

function checkedIn() {
  try {
    return readFileSync(target, 'utf8')
  } catch {
    return ''
  }
}
