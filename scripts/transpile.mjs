/** Copies rooms of the repository as plain JavaScript, without a type check: what mutants and fuzzing run. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'

/** Puts every source below `rooms` into `to`, at the same place. */
export function transpileRooms(root, rooms, to) {
  for (const room of rooms) {
    for (const path of readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(ts|js|json)$/.test(path) || path.endsWith('.d.ts')) continue
      put(join(to, room, path), readFileSync(join(root, room, path), 'utf8'))
    }
  }
  put(join(to, 'package.json'), '{ "type": "module" }')
}

/** Writes one file; TypeScript becomes JavaScript. */
export function put(path, text) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path.replace(/\.ts$/, '.js'), path.endsWith('.ts') ? toJavaScript(text) : text)
}

function toJavaScript(text) {
  const compilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
  }
  return ts.transpileModule(text, { compilerOptions }).outputText
}
