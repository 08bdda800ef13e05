/**
 * Rules about the repository as a whole: what is true on one machine only, what the package depends on, where links lead.
 */
import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { problemAt, readText, ROOT, type Problem } from './source.ts'

const MACHINE_PATH = /(?<![\w.$:])\/(work|home|root|Users|tmp)\/[\w.-]+/
const REGISTRY = /https?:\/\/[\w.-]*(registry|artifactory|verdaccio|npmjs\.org)[\w.-]*|"resolved": "\w+:/

/** Paths of somebody's machine and hosts of somebody's registry. */
export function machineTraces(path: string, text: string): Problem[] {
  if (text.includes('\0')) return []
  return text.split('\n').flatMap((line, index) => {
    const problems: Problem[] = []
    const found = MACHINE_PATH.exec(line)
    if (found) {
      problems.push(
        problemAt(path, index, `${found[0]} exists on one machine only; use a relative path or os.tmpdir()`),
      )
    }
    if (REGISTRY.test(line)) {
      problems.push(problemAt(path, index, 'names a registry; whoever installs chooses it (see .npmrc)'))
    }
    return problems
  })
}

/** Peers that are used where they are, and needed by nobody. */
const OPTIONAL_PEERS = ['koffi']

/** What users install with the package. Everything else is a devDependency, or is written here. */
export function undeclaredBurdens(manifest: Readonly<Record<string, unknown>>): Problem[] {
  const expected = { dependencies: ['protobufjs'], peerDependencies: ['rxjs'], optionalDependencies: [] }
  const problems = Object.entries(expected).flatMap(([field, names]) => {
    const actual = Object.keys(manifest[field] ?? {}).filter((name) => !isOptional(manifest, name))
    if (actual.join() === names.join()) return []
    return [problemAt('package.json', 0, `${field} are [${actual.join()}]; they must be exactly [${names.join()}]`)]
  })
  const scripts = Object.keys(manifest['scripts'] ?? {}).filter((name) => /^(pre|post)?install$/.test(name))
  return [...problems, ...scripts.map((name) => problemAt('package.json', 0, `${name} would run at users' machines`))]
}

/** The package manager knows it as optional, too. */
function isOptional({ peerDependenciesMeta: meta }: Readonly<Record<string, unknown>>, name: string): boolean {
  const marks = (meta ?? {}) as Readonly<Record<string, { readonly optional?: boolean }>>
  return OPTIONAL_PEERS.includes(name) && marks[name]?.optional === true
}

/** Relative links in a page, and their anchors, that lead nowhere. */
export function deadLinks(path: string, text: string): Problem[] {
  return proseLines(text).flatMap((line, index) =>
    [...line.matchAll(/\]\(<?([^)\s>]+)>?[^)]*\)/g)].flatMap(([, target = '']) => {
      const why = deadTarget(path, text, target)
      return why === undefined ? [] : [problemAt(path, index, `the link ${target} ${why}; mend or remove it`)]
    }),
  )
}

function deadTarget(path: string, text: string, target: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return undefined
  const [file = '', anchor] = target.split('#')
  const resolved = file === '' ? path : posix.join(posix.dirname(path), decodeURIComponent(file))
  if (file !== '' && !existsSync(join(ROOT, resolved))) return 'leads to no file'
  if (anchor === undefined || !resolved.endsWith('.md')) return undefined
  const page = file === '' ? text : readText(resolved)
  return anchors(page).has(anchor) ? undefined : 'leads to no heading'
}

/** The anchors that GitHub makes of the headings. */
function anchors(text: string): Set<string> {
  const found = new Set<string>()
  for (const line of proseLines(text)) {
    const heading = /^#{1,6}\s+(.+?)\s*#*$/.exec(line)?.[1]
    for (const [, id = ''] of line.matchAll(/<a (?:id|name)="([^"]+)"/g)) found.add(id)
    if (heading === undefined) continue
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const slug = plain.replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replaceAll(' ', '-')
    let unique = slug
    for (let copy = 1; found.has(unique); copy++) unique = `${slug}-${copy}`
    found.add(unique)
  }
  return found
}

/** The lines of a page, with fenced and inline code blanked. */
function proseLines(text: string): string[] {
  let fence: string | undefined
  return text.split('\n').map((line) => {
    const mark = /^\s*(```|~~~)/.exec(line)?.[1]
    if (mark !== undefined && (fence === undefined || fence === mark)) {
      fence = fence === undefined ? mark : undefined
      return ''
    }
    return fence === undefined ? (line.startsWith('#') ? line : line.replace(/`[^`]*`/g, '')) : ''
  })
}
