/**
 * A reporter for logs: one line per test file, and of what failed everything that is known. The last lines are tap's own,
 * `# { total: 9, pass: 8, fail: 1 }` and the time; .ci/run reads them. All that tap said is kept in .tap/report.tap.
 *
 * TAP is piped into it: per file a subtest, its lines indented by four columns per level, closed by a line at the margin.
 */
import { createWriteStream, mkdirSync } from 'node:fs'
import { Transform } from 'node:stream'

const REPORT = '.tap/report.tap'
const COLUMNS_PER_LEVEL = 4
const TITLE = /^(?<indent> *)# Subtest: (?<name>.*)$/
const RESULT = /^(?<indent> *)(?<bad>not )?ok \d+(?: - (?<name>.*?))?(?: # (?<directive>.*))?$/
/** Directives of what counts neither way. */
const SPARED = /^(SKIP|TODO)/i

export default class TapSummary extends Transform {
  #rest = ''
  /** Of the file that is being told of. */
  #lines = []
  /** A file that failed, until its diagnostics have come. */
  #closing = null
  #failed = []
  #report

  constructor() {
    super({ decodeStrings: false })
    mkdirSync('.tap', { recursive: true })
    this.#report = createWriteStream(REPORT)
  }

  _transform(chunk, _encoding, done) {
    this.#report.write(chunk)
    const lines = (this.#rest + String(chunk)).split('\n')
    this.#rest = lines.pop()
    for (const line of lines) this.#take(line)
    done()
  }

  _flush(done) {
    if (this.#closing !== null) this.#tellFailed()
    for (const file of this.#failed) this.push(`failed: ${file}\n`)
    this.push(`the whole report: ${REPORT}\n`)
    this.#report.end(done)
  }

  #take(line) {
    if (this.#closing !== null) {
      if (line.startsWith('  ')) return void this.#closing.diagnostics.push(line)
      this.#tellFailed()
    }
    if (/^# (\{|time=)/.test(line)) return void this.push(`${line}\n`)
    const result = RESULT.exec(line)?.groups
    if (result === undefined || result.indent !== '') return void this.#lines.push(line)
    if (result.bad !== undefined && !SPARED.test(result.directive)) this.#closing = { ...result, diagnostics: [] }
    else this.#tellPassed(result)
  }

  #tellPassed({ name, directive }) {
    const skipped = this.#lines.filter((line) => SPARED.test(RESULT.exec(line)?.groups.directive ?? '')).length
    this.push(`ok      ${name}: ${this.#counted()}${skipped > 0 ? `, ${skipped} skipped` : ''}, ${directive}\n`)
    this.#lines = []
  }

  #tellFailed() {
    const { name, directive, diagnostics } = this.#closing
    const failures = failuresIn(this.#lines)
    this.push(`FAILED  ${name}: ${this.#counted()}, ${failures.length} failed, ${directive ?? ''}\n`)
    for (const { path, lines } of failures) this.push(`        ${path.join(' › ')}\n${lines.join('\n')}\n`)
    // It broke outside of its assertions: an exit code, a signal, a time that was up.
    if (failures.length === 0) this.push(`${[...this.#lines, ...diagnostics].join('\n')}\n`)
    this.#failed.push(name)
    this.#lines = []
    this.#closing = null
  }

  /** How much was asserted: all results but those of subtests. */
  #counted() {
    const results = this.#lines.filter((line) => RESULT.test(line)).length
    const subtests = this.#lines.filter((line) => TITLE.test(line) && line.startsWith(' ')).length
    return `${results - subtests} asserts`
  }
}

/** Of one file: each failure with the titles above it, and its lines. A subtest that fails by what is in it is not one. */
function failuresIn(lines) {
  const failures = []
  /** By level: the title, and how many failures there were before it. */
  const open = []
  lines.forEach((line, at) => {
    const { indent, name, bad, directive } = (TITLE.exec(line) ?? RESULT.exec(line))?.groups ?? {}
    if (indent === undefined) return
    const level = indent.length / COLUMNS_PER_LEVEL
    if (TITLE.test(line)) {
      open.length = level
      open[level] = { name, before: failures.length }
      return
    }
    const closes = open[level]
    open.length = level
    if (bad === undefined || SPARED.test(directive) || (closes !== undefined && failures.length > closes.before)) return
    const path = [...open.slice(1).map((title) => title.name), name ?? 'a failure without a name']
    failures.push({ path, lines: diagnosticsAfter(lines, at) })
  })
  return failures
}

/** The block of YAML behind a result. */
function diagnosticsAfter(lines, at) {
  if (lines[at + 1]?.trim() !== '---') return []
  const end = lines.findIndex((line, index) => index > at && line.trim() === '...')
  return lines.slice(at + 2, end === -1 ? undefined : end)
}
