/** Modules as the compiler sees them: these files, and what they import by a path. Types of packages say nothing about words and names. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'

export function programOf(entries) {
  const options = {
    noLib: true,
    types: [],
    target: ts.ScriptTarget.ESNext,
    allowImportingTsExtensions: true,
    noEmit: true,
  }
  const host = ts.createCompilerHost(options)
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) => {
      const resolvedFileName = join(dirname(from), text)
      const isHere = text.startsWith('.') && existsSync(resolvedFileName)
      return { resolvedModule: isHere ? { resolvedFileName, extension: ts.Extension.Ts } : undefined }
    })
  return ts.createProgram(entries, options, host)
}
