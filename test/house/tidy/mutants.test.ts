/** Every planted bug still has its place in the code: whoever moves a line hears of it here, not at the next hunt. */
import t from 'tap'
import { readText } from './source.ts'

interface Mutant {
  readonly name: string
  readonly file: string
  readonly find: string
}

async function listOf(file: string, name: string): Promise<readonly Mutant[]> {
  const { href } = new URL(`../../../scripts/${file}`, import.meta.url)
  return ((await import(href)) as Readonly<Record<string, readonly Mutant[]>>)[name] ?? []
}

t.test('every mutant applies at exactly one place', async (t) => {
  const mutants = [...(await listOf('mutants/list.mjs', 'MUTANTS')), ...(await listOf('mutants/more.mjs', 'MORE'))]
  t.ok(mutants.length > 400, `${mutants.length} mutants`)
  const places = ({ file, find }: Mutant): number => readText(`src/${file}`).split(find).length - 1
  t.strictSame(
    mutants.filter((mutant) => places(mutant) !== 1).map(({ name, file }) => `${file}: ${name}`),
    [],
  )
})
