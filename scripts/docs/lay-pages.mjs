/** Lays the pages of the repository out for the generator: as they lie there, each with its title and chapter, so that their links hold. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CHAPTERS } from './chapters.mjs'

/** Returns the pages, in order. */
export function layPages(root, to) {
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to, { recursive: true })
  for (const name of ['src', 'test', 'proto', 'bench', 'scripts']) symlinkSync(join(root, name), join(to, name))
  cpSync(join(root, 'examples'), join(to, 'examples'), {
    recursive: true,
    filter: (path) => !path.includes('node_modules'),
  })
  cpSync(join(root, 'docs/bench'), join(to, 'docs/bench'), { recursive: true })
  for (const name of ['LICENSE', '.taprc', 'package.json']) cpSync(join(root, name), join(to, name))
  const page = (name, front) => {
    mkdirSync(dirname(join(to, name)), { recursive: true })
    writeFileSync(join(to, name), front + withoutFolders(root, name, readFileSync(join(root, name), 'utf8')))
  }
  page('README.md', '')
  return CHAPTERS.flatMap(({ title: group, pages }) =>
    Object.entries(pages).map(([name, title]) => {
      page(name, `---\ntitle: ${JSON.stringify(title)}\ngroup: ${JSON.stringify(group)}\n---\n\n`)
      return join(to, name)
    }),
  )
}

/** A site lists no folders: a link to one goes to its page, or is text. */
function withoutFolders(root, name, text) {
  return text.replaceAll(/\[([^\]\n]+)\]\((?![a-z]+:)([^)\s]*\/)\)/g, (_, words, folder) =>
    existsSync(join(root, dirname(name), folder, 'README.md')) ? `[${words}](${folder}README.md)` : words,
  )
}
