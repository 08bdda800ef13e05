/** docs/MESSENGER.md has every option and every event that the code has, and the README leads to every page. */
import t from 'tap'
import ts from 'typescript'
import { readText, repositoryFiles, source } from '../tidy/source.ts'

const PAGE = readText('docs/MESSENGER.md')

/** First cells of the tables below a heading, up to the next one. */
function rows(heading: string): string[] {
  const start = PAGE.indexOf(`\n## ${heading}`)
  const section = PAGE.slice(start + 1).split(/\n##+ /)[0] ?? ''
  return [...section.matchAll(/^\| `(\w+)`/gm)].map(([, name = '']) => name)
}

/** Names of the properties of an interface. */
function properties(path: string, name: string): string[] {
  const { tree } = source(path, readText(path))
  const found = tree.statements.filter(ts.isInterfaceDeclaration).find((one) => one.name.text === name)
  return (found?.members ?? []).map((member) => member.name?.getText(tree) ?? '')
}

t.test('every option has its line, and no line is of an option that is gone', (t) => {
  for (const [heading, name] of [
    ['Options of a messenger', 'MessengerOptions'],
    ['Options of `connect', 'ConnectOptions'],
    ['Options of `bind', 'BindOptions'],
  ] as const) {
    const options = properties('src/messenger/options.ts', name)
    if (name === 'MessengerOptions') options.push(...properties('src/transactions/messenger.ts', name))
    t.not(options.length, 0, name)
    t.strictSame(rows(heading).sort(), options.sort(), name)
  }
  t.end()
})

t.test('every event has its line', (t) => {
  const text = readText('src/messenger/events.ts')
  const events = [...text.matchAll(/readonly type: ((?:'\w+'(?: \| )?)+)/g)].flatMap(
    ([, types = '']) => types.match(/\w+/g) ?? [],
  )
  t.ok(events.includes('dispatchError'))
  t.strictSame(rows('Events').sort(), [...new Set(events)].sort())
  t.end()
})

t.test('the README leads to every page', (t) => {
  const readme = readText('README.md')
  const pages = repositoryFiles().filter((path) => /^docs\/[A-Z]+\.md$/.test(path))
  t.ok(pages.length > 10)
  t.strictSame(
    pages.filter((path) => !readme.includes(`](${path}`)),
    [],
  )
  t.end()
})
