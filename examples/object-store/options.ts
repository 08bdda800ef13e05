/** The command line: every option checked, with a sentence that helps when it makes no sense. */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

export interface Options {
  readonly directory: string
  readonly daemons: number
  readonly copies: number
  readonly cutEveryMs: number
  readonly kills: number
  readonly filesMax: number
  readonly bytesMax: number
  readonly partBytes: number
  readonly seed: number
  readonly admin: string | null
  readonly keep: boolean
  readonly corruptOne: boolean
  readonly loseOne: boolean
}

/** What the user got wrong; the message is for them. */
export class UsageError extends Error {
  override name = 'UsageError'
}

const MIB = 1024 * 1024

export const HELP = `
Stores a directory tree in a small replicated object store made of real processes, while links are cut at random and a
daemon is killed; reads every copy back and compares SHA-256. Exit code 0 only if nothing was lost or altered.

  npm start -- [DIR] [options]

  DIR                what to store; default: node_modules
  --daemons N        storage daemons, 1 to 9; default 3
  --copies N         copies of every object, at most one per daemon; default 3, or one per daemon when there are fewer
  --cut-every-ms N   every process cuts one of its links every N ms on average; 0: never; default 200
  --kills N          how often a daemon is killed with SIGKILL and restarted, 0 to 100; default 1
  --max-files N      stores at most N files, a sample of the tree; 0: no bound; default 0
  --max-mib N        stores at most N MiB, a sample of the tree; 0: no bound; default DEFAULT_MIB
  --part-mib N       files above N MiB are stored in parts, 1 to 32; default 16
  --seed N           repeats the choice of files, links and victims (not their timing); default: at random
  --admin DIR        every process answers on a socket in DIR: look with npx inkwire top -a DIR, or npx inkwire dashboard -a DIR
  --keep             keeps the directory with the objects, and says where it is
  --corrupt-one      changes one byte of one copy before it is read back: proves that the check can fail
  --lose-one         deletes one copy before it is read back: proves that the check can fail
  --help             this text
`

/** Measured: half a minute for everything on two cores that were busy with other work, too. */
const DEFAULT_MIB = 96

export function helpText(): string {
  return HELP.trim().replace('DEFAULT_MIB', String(DEFAULT_MIB))
}

/** Null when only help is wanted. Throws UsageError. */
export function parseOptions(args: readonly string[]): Options | null {
  const { values, positionals } = parse(args)
  if (values.help === true) return null
  if (positionals.length > 1) throw new UsageError(`one directory at a time, not ${positionals.join(' and ')}`)
  const daemons = whole('daemons', values.daemons, 1, 9, 3)
  const copies = whole('copies', values.copies, 1, daemons, Math.min(3, daemons))
  return {
    directory: directory(positionals[0]),
    daemons,
    copies,
    cutEveryMs: whole('cut-every-ms', values['cut-every-ms'], 0, 3_600_000, 200),
    kills: whole('kills', values.kills, 0, 100, 1),
    filesMax: whole('max-files', values['max-files'], 0, 1e9, 0) || Infinity,
    bytesMax: whole('max-mib', values['max-mib'], 0, 1e6, DEFAULT_MIB) * MIB || Infinity,
    partBytes: whole('part-mib', values['part-mib'], 1, 32, 16) * MIB,
    seed: whole('seed', values.seed, 0, 2 ** 32 - 1, Math.floor(Math.random() * 2 ** 32)),
    admin: values.admin === undefined ? null : directory(values.admin),
    keep: values.keep === true,
    corruptOne: values['corrupt-one'] === true,
    loseOne: values['lose-one'] === true,
  }
}

function parse(args: readonly string[]) {
  const value = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        daemons: value,
        copies: value,
        'cut-every-ms': value,
        kills: value,
        'max-files': value,
        'max-mib': value,
        'part-mib': value,
        seed: value,
        admin: value,
        keep: flag,
        'corrupt-one': flag,
        'lose-one': flag,
        help: { ...flag, short: 'h' },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function whole(name: string, given: string | undefined, min: number, max: number, fallback: number): number {
  if (given === undefined) return fallback
  const number = Number(given)
  if (/^\d+$/.test(given) && number >= min && number <= max) return number
  throw new UsageError(`--${name} must be a whole number from ${min} to ${max}, not '${given}'`)
}

function directory(given: string | undefined): string {
  const path = resolve(given ?? 'node_modules')
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return path
  throw new UsageError(
    given === undefined
      ? 'there is no node_modules here: run npm ci, or name a directory'
      : `'${given}' is no directory: name one that holds files`,
  )
}
