/** What a docs site must hold: a page for every export, and links that lead somewhere. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { programOf } from './program.mjs'

/** The kinds of page that the generator makes, by their folder. */
const FOLDERS = ['classes', 'functions', 'interfaces', 'types', 'variables', 'enums']

/** What modules export, types included, in the order of `entries`. */
export function exportedNames(entries) {
  const program = programOf(entries)
  const checker = program.getTypeChecker()
  return entries.map((entry) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(entry))
    return checker.getExportsOfModule(module).map(({ name }) => name)
  })
}

/** The pages of a site by their paths, and the anchors of each; of what is no page there are none. */
export function readSite(site) {
  const names = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.html'))
  const texts = new Map(names.map((name) => [join(site, name), readFileSync(join(site, name), 'utf8')]))
  const ids = new Map()
  const idsOf = (path) => {
    if (!ids.has(path)) {
      ids.set(path, new Set([...(texts.get(path) ?? '').matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)))
    }
    return ids.get(path)
  }
  return { texts, idsOf }
}

/** Exports of `module` that have no page of their own. One that is exported twice has it where it is exported first. */
export function missingPages(site, module, names) {
  const files = new Set(
    FOLDERS.flatMap((folder) => (existsSync(join(site, folder)) ? readdirSync(join(site, folder)) : [])),
  )
  const found = new Set(
    [...files].map((file) =>
      file
        .replace(/\.html$/, '')
        .split('.')
        .at(-1),
    ),
  )
  return names.filter((name) => !found.has(name)).map((name) => `${module}: there is no page for ${name}`)
}

/** Links inside the site that lead to no file, or to no heading of one. */
export function deadLinks(site) {
  const { texts, idsOf } = readSite(site)
  return [...texts].flatMap(([path, text]) =>
    [...new Set([...text.matchAll(/ (?:href|src)="([^"]+)"/g)].map(([, target]) => target))].flatMap((target) => {
      if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return []
      const [file = '', anchor = ''] = target.replaceAll('&amp;', '&').split('#')
      const resolved = file === '' ? path : join(dirname(path), decodeURIComponent(file.split('?')[0]))
      const where = `${relative(site, path)}: the link ${target}`
      if (!existsSync(resolved) || statSync(resolved).isDirectory()) return [`${where} leads to no file`]
      if (anchor === '' || !texts.has(resolved) || idsOf(resolved).has(decodeURIComponent(anchor))) return []
      return [`${where} leads to no heading`]
    }),
  )
}
