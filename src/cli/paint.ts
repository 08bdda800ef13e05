/** Tables and colours for people: text of other processes is shown without control characters, so that no peer writes on a terminal. */
import type { Terminal } from './command.ts'

type Colour = 'red' | 'yellow' | 'green' | 'dim' | 'bold'

const CODES: Readonly<Record<Colour, number>> = { red: 31, yellow: 33, green: 32, dim: 2, bold: 1 }

export function painted(terminal: Terminal, colour: Colour, text: string): string {
  return terminal.colours ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text
}

/** By the severity of a Why. */
export function bySeverity(terminal: Terminal, severity: number, text: string): string {
  return painted(terminal, severity >= 2 ? 'red' : severity === 1 ? 'yellow' : 'green', text)
}

/** Peers choose their names and reasons. */
export function plain(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are what must not come through
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '?')
}

export interface Column<Row> {
  readonly title: string
  readonly align: 'left' | 'right'
  /** A terminal of fewer columns does without; left out: every one has it. */
  readonly from?: number
  text(row: Row): string
  /** The whole cell again, in colour. */
  paint?(row: Row, text: string): string
}

/** The last column takes what is left of the line. */
export function table<Row>(terminal: Terminal, all: readonly Column<Row>[], rows: readonly Row[]): string {
  const columns = all.filter(({ from = 0 }) => (terminal.columns ?? Infinity) >= from)
  const cells = rows.map((row) => columns.map((column) => plain(column.text(row))))
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((line) => line[index]?.length ?? 0)),
  )
  const fit = (text: string, index: number): string => {
    const last = index === columns.length - 1
    if (!last) return columns[index]?.align === 'right' ? text.padStart(widths[index]!) : text.padEnd(widths[index]!)
    const before = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0)
    const room = terminal.columns === null ? Infinity : Math.max(10, terminal.columns - before)
    return text.length <= room ? text : `${text.slice(0, room - 1)}…`
  }
  const head = painted(
    terminal,
    'bold',
    columns
      .map(({ title }, index) => fit(title, index))
      .join('  ')
      .trimEnd(),
  )
  const lines = cells.map((line, at) =>
    line
      .map((text, index) => columns[index]?.paint?.(rows[at]!, fit(text, index)) ?? fit(text, index))
      .join('  ')
      .trimEnd(),
  )
  return `${[head, ...lines].join('\n')}\n`
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
