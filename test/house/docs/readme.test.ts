/** What the pages show, works: every block that claims to run is compiled, run against dist/, and prints what it says. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readText, repositoryFiles } from '../tidy/source.ts'
import { fragments, runBlock, runnables, typeErrors } from './runnable.ts'

const pages = repositoryFiles().filter((path) => /^(README|docs\/[A-Z]+|examples\/.*)\.md$/.test(path))
const blocks = pages.flatMap((path) => runnables(path, readText(path)))

t.test('every block that claims to run does, and prints what the page says', async (t) => {
  const directory = t.testdir()
  t.ok(blocks.some((block) => block.where.startsWith('README.md:')))
  for (const [index, block] of blocks.entries()) {
    const { code, output } = await runBlock(directory, `block-${index}`, block)
    t.equal(code, 0, `${block.where} ends well: ${output}`)
    if (block.prints !== null) t.equal(output, block.prints, block.where)
  }
})

t.test('the types of every block check, in a strict project', (t) => {
  const directory = t.testdir()
  const parts = pages.flatMap((path) => fragments(path, readText(path)))
  t.ok(parts.some((block) => block.where.startsWith('docs/TESTING.md:')))
  const files = [...blocks, ...parts].map((block, index) => {
    const file = join(directory, `block-${index}.mts`)
    writeFileSync(file, `// ${block.where}\n${block.code}`)
    return file
  })
  t.strictSame(typeErrors(files), [])
  t.end()
})

t.test('a fragment has what is given to it, and what runs is none', (t) => {
  const fence = '```'
  const page = (...lines: string[]) => lines.join('\n')
  const part = page(`${fence}ts`, 'f()', fence)
  const given = page('<!-- given', 'declare function f(): void', '-->')
  t.strictSame(fragments('A.md', page('# A', part, given, '', part, '<!-- run -->', '', part)), [
    { where: 'A.md:2', code: 'f()\n' },
    { where: 'A.md:5', code: '\ndeclare function f(): void\nf()\n' },
  ])
  t.throws(() => fragments('A.md', page(given, 'and', part)), { message: /given to no block/ })
  t.end()
})

t.test('a marker without its block is an error, not a block that is never run', (t) => {
  const fence = '```'
  const page = (...lines: string[]) => lines.join('\n')
  const block = page('<!-- run -->', '', `${fence}ts`, 'f()', fence)
  const prints = page('<!-- prints -->', '', `${fence}text`, 'x', fence)
  t.match(runnables('A.md', page('# A', block, '', prints, '', block)), [
    { where: 'A.md:2', code: 'f()\n', prints: 'x\n' },
    { where: 'A.md:14', code: 'f()\n', prints: null },
  ])
  t.strictSame(runnables('A.md', page(`${fence}ts`, 'f()', fence)), [])
  t.throws(() => runnables('A.md', page(`<!-- run -->`, `${fence}sh`, 'ls', fence)), { message: /1 markers/ })
  t.throws(() => runnables('A.md', page(block, 'and', prints)), { message: /1 markers/ })
  t.end()
})
