/**
 * Builds the docs site into .build/site: `npm run docs`, then open .build/site/index.html. No server, no network.
 *
 * The reference is made from the doc comments of what package.json exports, the pages are docs/, by task. When it is there it
 * is looked over: an export without a page or with too few words, or a link that leads nowhere, is an error, so what this has
 * built is whole.
 */
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Application } from 'typedoc'
import { missingWords } from './docs/api-words.mjs'
import { CHAPTERS } from './docs/chapters.mjs'
import { layPages } from './docs/lay-pages.mjs'
import { deadLinks, exportedNames, missingPages, readSite } from './docs/look-over.mjs'
import { buildSimulator } from './docs/simulator.mjs'
import { exportedModules } from './exported-modules.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const out = join(root, '.build/site')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const modules = exportedModules(manifest).map(({ name, stem }) => ({ name, entry: join(root, 'src', `${stem}.ts`) }))
const entries = modules.map(({ entry }) => entry)

const projectDocuments = layPages(root, join(root, '.build/site-pages'))
const app = await Application.bootstrap({
  ...{
    name: `Inkwire ${manifest.version}`,
    readme: join(root, '.build/site-pages/README.md'),
    tsconfig: join(root, 'tsconfig.build.json'),
  },
  entryPoints: entries,
  projectDocuments,
  navigationLinks: { 'Break it yourself': 'simulator.html' },
  ...{ disableGit: true, disableSources: true, hideGenerator: true, excludeInternal: true, excludePrivate: true },
  ...{ skipErrorChecking: true, excludeExternals: true, githubPages: false, includeVersion: false },
  ...{ customCss: join(root, 'scripts/docs/site.css'), favicon: join(root, 'scripts/docs/mark.svg') },
  navigation: { includeGroups: true, includeCategories: false },
  groupOrder: [...CHAPTERS.map(({ title }) => title), 'Modules', '*'],
  searchInComments: true,
  searchInDocuments: true,
  validation: { invalidLink: true, notExported: false, notDocumented: false, rewrittenLink: false },
  logLevel: 'Error',
})
const project = await app.convert()
if (project === undefined) process.exit(1)
for (const child of project.children ?? []) {
  const own = modules.find(({ entry }) => child.sources?.some(({ fullFileName }) => fullFileName === entry))
  child.name = own?.name ?? child.name.replace(/^(.*)\/index$/, 'inkwire/$1').replace(/^index$/, 'inkwire')
}
rmSync(out, { recursive: true, force: true })
await app.generateDocs(project, out)
await buildSimulator(root, out, 'site')
mend(out)

const exported = exportedNames(entries)
const problems = [
  ...modules.flatMap(({ name }, index) => missingPages(out, name, exported[index])),
  ...missingWords(entries, root),
  ...deadLinks(out),
]
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
else console.log(`${readdirSync(out, { recursive: true }).length} files in .build/site; open .build/site/index.html`)

/**
 * What the generator gets wrong: links to the front page that end in a folder, links of the bar, which are those of the first page,
 * and anchors of headings with code in brackets, which it leaves out of them.
 */
function mend(site) {
  const { texts, idsOf } = readSite(site)
  const nearest = (path, file, anchor) => {
    const there = idsOf(file === '' ? path : join(dirname(path), decodeURIComponent(file)))
    if (there.has(anchor)) return anchor
    return [...there].filter((id) => anchor.startsWith(id)).sort((a, b) => b.length - a.length)[0] ?? anchor
  }
  for (const [path, text] of texts) {
    const base = dirname(path) === site ? '.' : '..'
    const mended = text
      .replaceAll('href="../#', 'href="../index.html#')
      .replaceAll('href="simulator.html"', `href="${base}/simulator.html"`)
      .replaceAll(
        /href="([^"#:]*)#([a-z][^"]+)"/g,
        (_, file, anchor) => `href="${file}#${nearest(path, file, anchor)}"`,
      )
    if (mended !== text) writeFileSync(path, mended)
  }
}
