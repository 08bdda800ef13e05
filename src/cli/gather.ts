/** `inkwire gather` and `inkwire analyze`: everything that processes know in one file, and what it says to somebody who is elsewhere. */
import { readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import type { Stat } from '../observe/admin/stat-layout.ts'
import { ABOUT_ASKING, ASKING, EXIT, Unreachable, UsageError, type Command, type Context } from './command.ts'
import { bySeverity, json, plain } from './paint.ts'
import { blamed, blameText, rowsOf } from './blame.ts'
import { knownOf, socketsOf, type Known } from './targets.ts'
import { sentenceOf, statBeside } from './verdict.ts'

const FORMAT = 'inkwire bundle'

interface Gathered extends Known {
  readonly stat: Stat | null
  /** How the process was when it was gathered, by that file; null: there is none. */
  readonly verdict?: string | null
}

interface Bundle {
  readonly format: typeof FORMAT
  readonly v: 1
  readonly atMs: number
  readonly host: string
  readonly processes: readonly Gathered[]
}

export const gather: Command = {
  name: 'gather',
  summary: 'a support bundle: everything that processes know, in one file',
  usage: '<file>',
  args: [1, 1],
  options: { admin: ASKING.admin },
  about: { admin: ABOUT_ASKING.admin },
  exits: { ok: 'the file is written', unreachable: 'no process answers; the file is written' },
  help: `Snapshots, traces and stat files, also of processes that do not answer. It holds names, addresses and reasons, and no message, no
key and no body. Read it with inkwire analyze.

  inkwire gather cluster.json -a /run/inkwire`,
  async run({ context, values, args }) {
    const known = await knownOf(socketsOf(context, values))
    const processes = known.map((one): Gathered => {
      const stat = statBeside(one.path)
      return { ...one, stat, verdict: stat === null ? null : sentenceOf(stat, Date.now()) }
    })
    const bundle: Bundle = { format: FORMAT, v: 1, atMs: Date.now(), host: hostname(), processes }
    writeFileSync(resolve(context.cwd, args[0]!), json(bundle), { mode: 0o600 })
    const silent = processes.filter(({ error }) => error !== null).length
    context.out(`${processes.length} processes, ${silent} of them silent, are in ${args[0]!}\n`)
    return silent === processes.length ? EXIT.unreachable : EXIT.ok
  },
}

export const analyze: Command = {
  name: 'analyze',
  summary: 'what a bundle says: who was slow, who was silent, and what happened before',
  usage: '<file>',
  args: [1, 1],
  options: { json: ASKING.json },
  about: { json: ABOUT_ASKING.json },
  exits: { ok: 'all was well', unwell: 'something was not well', unreachable: 'there is no such file' },
  help: `Reads what inkwire gather has written, on any machine. Exit code 1 when something in it is not well.

  inkwire analyze cluster.json`,
  run({ context, values, args }) {
    const bundle = read(context, args[0]!)
    const findings = findingsOf(bundle)
    if (values['json'] === true) context.out(json(findings))
    else {
      context.out(
        `${bundle.processes.length} processes of ${plain(bundle.host)} at ${new Date(bundle.atMs).toISOString()}\n`,
      )
      for (const { severity, text } of findings) context.out(`${bySeverity(context.terminal, severity, plain(text))}\n`)
      if (findings.length === 0) context.out('nothing is wrong\n')
    }
    return Promise.resolve(findings.some(({ severity }) => severity >= 2) ? EXIT.unwell : EXIT.ok)
  },
}

function read(context: Context, path: string): Bundle {
  let bundle: Partial<Bundle> | null
  try {
    bundle = JSON.parse(readFileSync(resolve(context.cwd, path), 'utf8')) as Partial<Bundle> | null
  } catch (thrown) {
    throw new Unreachable(`${path}: ${(thrown as Error).message}`)
  }
  if (bundle?.format !== FORMAT || bundle.v !== 1)
    throw new UsageError(`${path} is no bundle that inkwire gather has written`)
  return bundle as Bundle
}

interface Finding {
  readonly severity: number
  readonly text: string
}

/** The worst first: who is silent, who is in the way of others, then every sentence. */
function findingsOf({ processes }: Bundle): Finding[] {
  const silent = processes.flatMap(({ path, error, verdict }) =>
    error === null ? [] : [{ severity: 3, text: `${path}: ${verdict ?? error}` }],
  )
  const snapshots = processes.flatMap(({ snapshot }) => snapshot ?? [])
  const agreed = blamed(snapshots).map((one) => ({ severity: 3, text: blameText(one) }))
  const rows = rowsOf(snapshots).filter(({ why }) => why.severity > 0)
  const each = rows.map(({ of, why }) => ({ severity: why.severity, text: `${of}: ${why.sentence}` }))
  return [...silent, ...agreed, ...each.sort((one, other) => other.severity - one.severity)]
}
