/** Pages whose tables name, for each numbered row, the tests that show it: are those there? */
import { existsSync } from 'node:fs'
import { readText } from '../tidy/source.ts'

export interface Row {
  readonly number: number
  readonly here: string
}

export function rowsOf(page: string): Row[] {
  return page.split('\n').flatMap((line) => {
    const [, number, , here] = line.split('|').map((cell) => cell.trim())
    return /^\d+$/.test(number ?? '') && here !== undefined ? [{ number: Number(number), here }] : []
  })
}

/** What is wrong with a row: its tests are not there, or there is neither a test nor a reason. */
export function problemsOf({ number, here }: Row, has: (path: string, name: string) => boolean): string[] {
  const named = [...here.matchAll(/`(test\/[^`]+\.test\.ts)` "([^"]+)"/g)]
  const missing = named.filter(([, path = '', name = '']) => !has(path, name)).map(([what]) => `${number}: ${what}`)
  const sentence = here.replaceAll(/`[^`]*` "[^"]*"/g, '').replaceAll(/[;. ]/g, '')
  return named.length === 0 && sentence.length < 20 ? [...missing, `${number}: neither a test nor a reason`] : missing
}

export function isThere(path: string, name: string): boolean {
  return existsSync(path) && readText(path).includes(name)
}
