/**
 * What a command of `inkwire` is, and the world that it runs in: nothing here touches the process, so that tests run commands as
 * they are.
 */
import type { ParseArgsConfig } from 'node:util'

/** Exit codes; docs/CLI.md has them, too. */
export const EXIT = {
  /** Done; and for what judges: all is well. */
  ok: 0,
  /**
   * Done, and what was looked at is not well: a slow peer, a service that does not serve, a broken law, a code that there is not,
   * bytes that are wrong.
   */
  unwell: 1,
  /** The command line is wrong. */
  usage: 2,
  /** Whom it asks is not there, or does not answer. */
  unreachable: 3,
  /** Something else failed. */
  failed: 4,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

export interface Terminal {
  /** Columns; null: the output is no terminal, but a file or a pipe. */
  readonly columns: number | null
  readonly rows: number
  /** Colours may be used. */
  readonly colours: boolean
}

export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly terminal: Terminal
  /** Fires at Ctrl-C. */
  readonly signal: AbortSignal
  out(text: string): void
  err(text: string): void
  /** What is piped in, as it comes. */
  stdin(): AsyncIterable<Uint8Array>
}

export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

export interface Invocation {
  readonly context: Context
  readonly values: Values
  readonly args: readonly string[]
}

export interface Command {
  readonly name: string
  /** One line, for the list. */
  readonly summary: string
  /** What stands behind the name. */
  readonly usage: string
  /** How many arguments it takes. */
  readonly args: readonly [min: number, max: number]
  readonly options: NonNullable<ParseArgsConfig['options']>
  /** What each option is, in the order of the help. */
  readonly about: Readonly<Record<string, string>>
  /** What the exit codes mean that it gives by itself; `usage` and `failed` mean the same for all. */
  readonly exits: Readonly<{ ok: string } & Partial<Record<'unwell' | 'unreachable', string>>>
  /** What may be its first argument, for shells that complete it. */
  readonly words?: readonly string[]
  /** Paragraphs below the usage: what it does, and examples that can be typed as they are. */
  readonly help: string
  run(invocation: Invocation): Promise<ExitCode>
}

/** A mistake on the command line: a sentence that says what to write instead. */
export class UsageError extends Error {}

/** Whoever is asked is not there. */
export class Unreachable extends Error {}

/** The options of every command that asks running processes. */
export const ASKING = {
  admin: { type: 'string', multiple: true, short: 'a' },
  json: { type: 'boolean' },
} as const satisfies Command['options']

export const ABOUT_ASKING = {
  admin: 'an admin socket, or a directory of some (*.asok), again and again. Default: $INKWIRE_ADMIN, or /run/inkwire',
  json: 'JSON for machines, in the place of a table or a sentence',
} as const

/** A whole number among the options. */
export function numberOf(values: Values, name: string, fallback: number, min: number, max: number): number {
  const given = values[name]
  if (given === undefined) return fallback
  const value = Number(given)
  if (typeof given === 'string' && given.trim() !== '' && value >= min && value <= max) return value
  throw new UsageError(`--${name} is a number from ${min} to ${max}, not ${JSON.stringify(given)}`)
}

export function textOf(values: Values, name: string): string | null {
  const given = values[name]
  return typeof given === 'string' ? given : null
}
