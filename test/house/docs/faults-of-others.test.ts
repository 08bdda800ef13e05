/** docs/FAULTS-OF-OTHERS.md names tests that exist: each fault has one, or a sentence why there is nothing to test. */
import { existsSync } from 'node:fs'
import t from 'tap'
import { readText } from '../tidy/source.ts'

const FAULTS = 22

interface Row {
  readonly number: number
  readonly here: string
}

function rowsOf(page: string): Row[] {
  return page.split('\n').flatMap((line) => {
    const [, number, , here] = line.split('|').map((cell) => cell.trim())
    return /^\d+$/.test(number ?? '') && here !== undefined ? [{ number: Number(number), here }] : []
  })
}

/** What is wrong with a row: its tests are not there, or there is neither a test nor a reason. */
function problemsOf({ number, here }: Row, has: (path: string, name: string) => boolean): string[] {
  const named = [...here.matchAll(/`(test\/[^`]+\.test\.ts)` "([^"]+)"/g)]
  const missing = named.filter(([, path = '', name = '']) => !has(path, name)).map(([what]) => `${number}: ${what}`)
  const sentence = here.replaceAll(/`[^`]*` "[^"]*"/g, '').replaceAll(/[;. ]/g, '')
  return named.length === 0 && sentence.length < 20 ? [...missing, `${number}: neither a test nor a reason`] : missing
}

function isThere(path: string, name: string): boolean {
  return existsSync(path) && readText(path).includes(name)
}

t.test('every test that the page names is there, and every fault has one or a reason', (t) => {
  const rows = rowsOf(readText('docs/FAULTS-OF-OTHERS.md'))
  t.strictSame(
    rows.map(({ number }) => number),
    Array.from({ length: FAULTS }, (_, index) => index + 1),
  )
  t.strictSame(
    rows.flatMap((row) => problemsOf(row, isThere)),
    [],
  )
  t.end()
})

t.test('a test that is gone, and a row that says nothing, are found', (t) => {
  const [row] = rowsOf('| 7 | x | `test/a.test.ts` "is there"; `test/b.test.ts` "is not" |')
  t.strictSame(row === undefined ? [] : problemsOf(row, (path) => path.includes('/a.')), [
    '7: `test/b.test.ts` "is not"',
  ])
  t.strictSame(problemsOf({ number: 8, here: '' }, isThere), ['8: neither a test nor a reason'])
  t.strictSame(problemsOf({ number: 9, here: 'Nothing is mapped: there is no such transport.' }, isThere), [])
  t.end()
})
