/** What the pages show, works: every block that claims to run is compiled, run against dist/, and prints what it says. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readText, repositoryFiles } from '../tidy/source.ts'
import { runBlock, runnables, typeErrors } from './runnable.ts'

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

t.test('the types of every such block check', (t) => {
  const directory = t.testdir()
  const files = blocks.map((block, index) => {
    const file = join(directory, `block-${index}.mts`)
    writeFileSync(file, `// ${block.where}\n${block.code}`)
    return file
  })
  t.strictSame(typeErrors(files), [])
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
