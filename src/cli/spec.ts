/** `inkwire spec`: every rule of the native protocol as a case, against whoever listens at an address. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { counted, time } from '../observe/words.ts'
import {
  EXIT,
  Unreachable,
  UsageError,
  numberOf,
  textOf,
  type Command,
  type Context,
  type Terminal,
  type Values,
} from './command.ts'
import { painted, plain } from './paint.ts'
import type { BenchOptions, SpecCase, Target } from './spec/case.ts'
import type { CaseResult } from './spec/runner.ts'

const POLICIES = ['lossy', 'losslessClient', 'losslessServer', 'peer'] as const

export const spec: Command = {
  name: 'spec',
  summary: 'every rule of the native protocol as a case, against any implementation',
  usage: '<address> [section[/case] …] [--strict] [--junit file]',
  args: [0, 50],
  options: {
    list: { type: 'boolean' },
    strict: { type: 'boolean' },
    junit: { type: 'string' },
    name: { type: 'string' },
    policy: { type: 'string' },
    timeout: { type: 'string' },
    patience: { type: 'string' },
    json: { type: 'boolean' },
  },
  about: {
    list: 'tells all cases with their rules, and tries none',
    strict: 'tries also what the page asks for and nobody is harmed without',
    junit: 'writes a report that build servers read',
    name: 'as whom it dials; each * is something new in each case. Default client.spec-*',
    policy: `of its sessions: ${POLICIES.join(', ')}; default losslessClient`,
    timeout: 'seconds within which it answers, or ends a link; 0.1 to 60, default 2',
    patience: 'seconds for which it may keep a link that says nothing; 0.1 to 600, default 15',
    json: 'JSON for machines: a line for each case, and the sums last',
  },
  exits: { ok: 'every case passed, or was skipped', unwell: 'a case failed', unreachable: 'nobody is greeted there' },
  help: `It dials as a peer of the native protocol (docs/PROTOCOL.md) over TCP, and breaks one rule at a time: wrong banners, altered
checksums, frames in a wrong order or too long, gaps, credit that was not given, links on which nothing comes. After each case somebody
new must still be greeted. The service needs no handler, and no proof of who dials: cases of sessions are skipped where it wants one.
Run it against a test instance: what it does is what an attacker would do.

Exit code 1 when a case fails, 3 when nobody listens there.

  inkwire spec tcp://127.0.0.1:6800
  inkwire spec tcp://127.0.0.1:6800 banner messages/gap --strict
  inkwire spec tcp://127.0.0.1:6800 --junit report.xml
  inkwire spec --list`,
  async run({ context, values, args }) {
    const { SPEC_CASES, runCase, serves } = await import('./spec/runner.ts')
    const [address, ...wanted] = args
    if (values['list'] === true) {
      for (const { section, name, rule } of SPEC_CASES) context.out(`${section}/${name}: ${rule}\n`)
      return EXIT.ok
    }
    if (address === undefined) throw new UsageError('spec needs an address, such as tcp://127.0.0.1:6800')
    const [target, options] = [targetOf(address), optionsOf(values)]
    const cases = chosen(SPEC_CASES, wanted, values['strict'] === true)
    const wrong = await serves(target, options)
    if (wrong !== null) throw new Unreachable(`${address} greets nobody, so there is nothing to try: ${wrong}`)
    const results: CaseResult[] = []
    for (const one of cases) {
      if (context.signal.aborted) break
      const result = await runCase(one, target, options)
      results.push(result)
      context.out(values['json'] === true ? `${JSON.stringify(plainOf(result))}\n` : lineOf(context.terminal, result))
    }
    const junit = textOf(values, 'junit')
    if (junit !== null) writeFileSync(resolve(context.cwd, junit), junitOf(address, results))
    tellSums(context, values, results)
    return results.every(({ verdict }) => verdict !== 'failed') ? EXIT.ok : EXIT.unwell
  },
}

function targetOf(address: string): Target {
  const [, host, port] = /^tcp:\/\/(\[[\da-f:.]+\]|[\w.-]+):(\d{1,5})$/i.exec(address) ?? []
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535)
    throw new UsageError(`an address is such as tcp://127.0.0.1:6800, not ${JSON.stringify(address)}`)
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
}

function optionsOf(values: Values): BenchOptions {
  const policy = textOf(values, 'policy') ?? 'losslessClient'
  const known = POLICIES.find((one) => one === policy)
  if (known === undefined)
    throw new UsageError(`--policy is one of ${POLICIES.join(', ')}, not ${JSON.stringify(policy)}`)
  return {
    name: textOf(values, 'name') ?? 'client.spec-*',
    policy: known,
    timeoutMs: numberOf(values, 'timeout', 2, 0.1, 60) * 1000,
    patienceMs: numberOf(values, 'patience', 15, 0.1, 600) * 1000,
  }
}

function chosen(all: readonly SpecCase[], wanted: readonly string[], strict: boolean): SpecCase[] {
  const fits = (one: SpecCase, text: string): boolean => text === one.section || text === `${one.section}/${one.name}`
  for (const text of wanted)
    if (!all.some((one) => fits(one, text)))
      throw new UsageError(`there is no section or case ${JSON.stringify(text)}; inkwire spec --list has all`)
  // Who names a case wants it tried.
  return all.filter((one) => {
    const isNamed = wanted.includes(`${one.section}/${one.name}`)
    const isMeant = wanted.length === 0 || wanted.some((text) => fits(one, text))
    return isMeant && (strict || isNamed || one.level !== 'strict')
  })
}

const WORDS = {
  passed: ['green', 'ok  '],
  failed: ['red', 'FAIL'],
  skipped: ['yellow', 'skip'],
} as const satisfies Record<CaseResult['verdict'], readonly [string, string]>

function lineOf(terminal: Terminal, { case: one, verdict, detail }: CaseResult): string {
  const [colour, word] = WORDS[verdict]
  const why = detail === '' ? '' : `\n       ${plain(detail)}`
  return `${painted(terminal, colour, word)}  ${painted(terminal, 'bold', `${one.section}/${one.name}`)}  ${one.rule}${why}\n`
}

function plainOf({ case: { section, name, rule }, verdict, detail, tookMs }: CaseResult): object {
  return { section, case: name, rule, verdict, detail, tookMs: Math.round(tookMs) }
}

function sumsOf(results: readonly CaseResult[]): Record<CaseResult['verdict'], number> {
  const count = (wanted: CaseResult['verdict']): number => results.filter(({ verdict }) => verdict === wanted).length
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') }
}

function tellSums(context: Context, values: Values, results: readonly CaseResult[]): void {
  const sums = sumsOf(results)
  if (values['json'] === true) {
    context.out(`${JSON.stringify({ end: sums })}\n`)
    return
  }
  const took = results.reduce((sum, { tookMs }) => sum + tookMs, 0)
  const all = `${counted(results.length, 'case')} in ${time(took)}: ${sums.passed} passed, ${sums.failed} failed, ${sums.skipped} skipped`
  context.out(`${painted(context.terminal, sums.failed > 0 ? 'red' : 'green', all)}\n`)
}

/** A suite for each section. */
function junitOf(address: string, results: readonly CaseResult[]): string {
  const sections = [...new Set(results.map(({ case: { section } }) => section))]
  const suites = sections.map((section) => {
    const of = results.filter((one) => one.case.section === section)
    const cases = of.map(({ case: { name, rule }, verdict, detail, tookMs }) => {
      const inner = {
        passed: '',
        failed: `<failure message="${xml(detail)}">${xml(rule)}</failure>`,
        skipped: `<skipped message="${xml(detail)}"/>`,
      }
      const attributes = `classname="${xml(section)}" name="${xml(name)}" time="${(tookMs / 1000).toFixed(3)}"`
      return `    <testcase ${attributes}>${inner[verdict]}</testcase>`
    })
    const { failed, skipped } = sumsOf(of)
    const counts = `tests="${of.length}" failures="${failed}" skipped="${skipped}"`
    return `  <testsuite name="${xml(section)}" ${counts}>\n${cases.join('\n')}\n  </testsuite>`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="inkwire spec ${xml(address)}">\n${suites.join('\n')}\n</testsuites>\n`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Also without what XML cannot have at all. */
function xml(text: string): string {
  return plain(text).replace(/[&<>"]/g, (one) => ENTITIES[one]!)
}
