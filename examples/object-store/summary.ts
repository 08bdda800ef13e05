/** What came of it: one table of what was stored, one of what happened to whom, and the verdict. */
import type { Findings, Row } from './control.ts'
import type { Options } from './options.ts'
import { addCounters, NO_COUNTERS } from './tally.ts'
import type { Counters } from './tally.ts'

const MIB = 1024 * 1024
const NAMED_MAX = 5

/** Everything that decides. */
export interface Result {
  readonly options: Options
  readonly findings: Findings
  readonly rows: readonly Row[]
  readonly kills: number
}

/** What is wrong; empty when all is well. */
export function problemsOf({ findings, rows }: Result): string[] {
  const total = totalOf(rows)
  return [
    ...named('lost', findings.lost),
    ...named('altered', findings.altered),
    ...named('requests without an answer', findings.unanswered),
    ...(findings.skipped > 0 ? [`${findings.skipped} parts of files could not be read`] : []),
    ...(total.disorders > 0 ? [`${total.disorders} messages came twice, too late or with a gap before them`] : []),
    ...(total.errors > 0 ? [`${total.errors} handlers or messages failed, see above`] : []),
  ]
}

export function summaryOf(result: Result): string {
  const { findings, rows, options } = result
  const total = totalOf(rows)
  const left = [
    ['files', count(findings.files)],
    ['objects', `${count(findings.objects)} × ${options.copies} copies`],
    ['bytes', `${mib(findings.bytes)} MiB`],
    ['stored', `${speed(findings.bytes, findings.storeMs)}, ${seconds(findings.storeMs)}`],
    ['read back', `${speed(findings.bytesRead, findings.verifyMs)}, ${seconds(findings.verifyMs)}`],
    ['daemons killed', count(result.kills)],
    ['client retries', count(findings.retries)],
  ]
  const right = [
    ['links cut', count(total.linksCut)],
    ['resumes', count(total.resumes)],
    ['replays', count(total.replays)],
    ['duplicates dropped', count(total.duplicates)],
    ['messages handed back', count(total.handedBack)],
    ['lost', count(findings.lost.length)],
    ['altered', count(findings.altered.length)],
  ]
  const lines = left.map(([name = '', value = ''], index) => {
    const [other = '', figure = ''] = right[index] ?? []
    return `  ${name.padEnd(16)}${value.padEnd(26)}${other.padEnd(22)}${figure.padStart(8)}`
  })
  return `${lines.join('\n')}\n\n${processTable(rows, total)}`
}

const COLUMNS: readonly (readonly [title: string, field: keyof Counters])[] = [
  ['cut', 'linksCut'],
  ['sessions', 'sessions'],
  ['resumes', 'resumes'],
  ['replays', 'replays'],
  ['duplicates', 'duplicates'],
  ['handed back', 'handedBack'],
  ['sent again', 'sentAgain'],
  ['disorders', 'disorders'],
  ['errors', 'errors'],
  ['peak MiB', 'peakRssMib'],
]

/** One line per process life: a daemon that was killed has two. */
function processTable(rows: readonly Row[], total: Counters): string {
  const line = (name: string, cells: readonly string[]): string =>
    `  ${name.padEnd(11)}${cells.map((cell, index) => cell.padStart((COLUMNS[index]?.[0].length ?? 0) + 2)).join('')}`
  const figures = (counters: Counters): string[] => COLUMNS.map(([, field]) => count(counters[field]))
  const seen = new Map<string, number>()
  const lives = [...rows]
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map((row) => {
      const life = (seen.get(row.name) ?? 0) + 1
      seen.set(row.name, life)
      return line(life === 1 ? row.name : `${row.name} (${life})`, figures(row.counters))
    })
  const head = line(
    'process',
    COLUMNS.map(([title]) => title),
  )
  return [head, ...lives, line('total', figures(total))].join('\n')
}

function totalOf(rows: readonly Row[]): Counters {
  return rows.reduce((sum, row) => addCounters(sum, row.counters), { ...NO_COUNTERS })
}

function named(what: string, copies: readonly string[]): string[] {
  if (copies.length === 0) return []
  const more = copies.length > NAMED_MAX ? [`  … and ${copies.length - NAMED_MAX} more`] : []
  return [`${what}: ${copies.length}`, ...copies.slice(0, NAMED_MAX).map((copy) => `  ${copy}`), ...more]
}

function count(number: number): string {
  return number.toLocaleString('en')
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(1)
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

/** In units of a million bytes, as disks and networks are sold. */
function speed(bytes: number, ms: number): string {
  return `${(bytes / 1000 / Math.max(1, ms)).toFixed(1)} MB/s`
}
