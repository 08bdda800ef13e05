/**
 * Options, checked once at the edge: what every factory and constructor says about a name, a type or a range.
 *
 * Callers from JavaScript make the same mistakes as callers from TypeScript, only later, so nothing here trusts the
 * types. Every failure is one INK_BAD_OPTION that names the option, says what fits and what was given. An option that
 * is `undefined` counts as left out.
 */
import { isBytes } from './bytes.ts'
import { InkwireError } from './errors.ts'

/** What a numeric option may be. */
export interface NumberRange {
  readonly min: number
  readonly max: number
  /** Also whole: counts, bytes and milliseconds. */
  readonly integer: boolean
  /** Infinity is allowed beside the range, and means "no bound". */
  readonly infinity: boolean
}

/** Some of T. What is `undefined` counts as left out, also for callers who compile with exactOptionalPropertyTypes. */
export type Overrides<T> = { readonly [Name in keyof T]?: T[Name] | undefined }

/** Options with every default filled in. */
export type Resolved<T> = { readonly [Name in keyof T]-?: Exclude<T[Name], undefined> }

/** A whole number from `min` to `max`. */
export function whole(min: number, max: number): NumberRange {
  return { min, max, integer: true, infinity: false }
}

/** A whole number from `min` to `max`, or Infinity. */
export function wholeOrInfinity(min: number, max: number): NumberRange {
  return { min, max, integer: true, infinity: true }
}

/** Any number from `min` to `max`. */
export function fraction(min: number, max: number): NumberRange {
  return { min, max, integer: false, infinity: false }
}

/** `given` as an object whose names are all among `known`, or are anything; `where` is such as `peer()`. */
export function optionObject(where: string, given: unknown, known: readonly string[] | 'any'): Record<string, unknown> {
  if (given === undefined) return {}
  if (typeof given !== 'object' || given === null || Array.isArray(given) || isBytes(given)) {
    throw badOption(`${where} takes an object of options, got ${describeType(given)}`)
  }
  for (const name of Object.keys(given)) {
    if (known !== 'any' && !known.includes(name))
      throw badOption(`${where} has no option "${clip(name)}"${suggestion(name, known)}`)
  }
  return given as Record<string, unknown>
}

/** Throws INK_BAD_ARGUMENT for the first name that is not known: for what is handed to a call, not to a factory. */
export function onlyKnown(where: string, given: object, known: readonly string[]): void {
  for (const name in given) {
    if (!known.includes(name))
      throw new InkwireError('INK_BAD_ARGUMENT', `${where} has no "${clip(name)}"${suggestion(name, known)}`)
  }
}

/** The number at `path`, or `fallback` when it was left out. */
export function numberOption(path: string, given: unknown, range: NumberRange, fallback: number): number {
  if (given === undefined) return fallback
  const fits =
    typeof given === 'number' &&
    ((given >= range.min && given <= range.max && (!range.integer || Number.isInteger(given))) ||
      (range.infinity && given === Infinity))
  if (!fits) throw badOption(`${path} must be ${describeRange(range)}, got ${describe(given)}`)
  return given
}

/** `given`, if it has all of these methods; `wanted` is such as `native()`. What is only used later must not fail only then. */
export function methodsOption<T extends object>(
  path: string,
  given: T,
  methods: readonly (keyof T)[],
  wanted: string,
): T {
  const missing = methods.find((method) => typeof (given as Partial<T> | null)?.[method] !== 'function')
  if (missing === undefined) return given
  throw badOption(`${path} must be ${wanted}, not ${describe(given)}: it has no ${String(missing)}()`)
}

/** The truth value at `path`, or `fallback` when it was left out. */
export function booleanOption(path: string, given: unknown, fallback: boolean): boolean {
  if (given === undefined) return fallback
  if (typeof given !== 'boolean') throw badOption(`${path} must be true or false, got ${describe(given)}`)
  return given
}

/** One of `choices` at `path`, or `fallback` when it was left out. */
export function choiceOption<T extends string>(
  path: string,
  given: unknown,
  choices: readonly [T, ...T[]],
  fallback: T,
): T {
  if (given === undefined) return fallback
  const choice = choices.find((one) => one === given)
  if (choice === undefined) {
    const listed = choices.map((one) => `'${one}'`).join(' or ')
    const hint = typeof given === 'string' ? suggestion(given, choices) : ''
    throw badOption(`${path} must be ${listed}, got ${describe(given)}${hint}`)
  }
  return choice
}

/** The error of a wrong option. */
export function badOption(message: string): InkwireError {
  return new InkwireError('INK_BAD_OPTION', message)
}

/** A value as a few words. Not for secrets: see {@link describeType}. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(clip(value))
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'bigint' ? `${value}n` : describeType(value)
}

/** The type of a value as a few words, without anything of its content. */
export function describeType(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (isBytes(value)) return 'a Uint8Array'
  return typeof value === 'object' ? describeObject(value) : `a ${typeof value}`
}

/** Even to ask whether it is an array throws for a proxy that was revoked. */
function describeObject(value: object): string {
  try {
    if (Array.isArray(value)) return 'an array'
    return typeof (value as Partial<PromiseLike<unknown>>).then === 'function' ? 'a promise' : 'an object'
  } catch {
    return 'an object'
  }
}

function describeRange(range: NumberRange): string {
  const kind = range.integer ? 'a whole number' : 'a number'
  return `${kind} from ${range.min} to ${range.max}${range.infinity ? ', or Infinity' : ''}`
}

/** `; did you mean "…"?`, or the whole list when nothing is near. */
function suggestion(name: string, known: readonly string[]): string {
  const near = nearest(name, known)
  if (near !== undefined) return `; did you mean "${near}"?`
  return known.length === 0 ? '; it takes none' : `; there are: ${known.join(', ')}`
}

/** The one of `known` that `name` most likely stands for: within a third of its length in edits (`most`), case aside. */
export function nearest(name: string, known: readonly string[], most?: number): string | undefined {
  const wanted = clip(name).toLowerCase()
  let best: string | undefined
  let bestDistance = (most ?? Math.max(2, Math.floor(wanted.length / 3))) + 1
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase())
    if (distance < bestDistance && distance < candidate.length) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Levenshtein's distance: how many letters to insert, delete or replace. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[to.length]!
}

/** Names and strings of any length, short enough for a sentence. */
function clip(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`
}

/** An object that nobody's class made: a literal, of whatever realm, or one without a prototype. */
export function isPlain(value: object): boolean {
  const above = Object.getPrototypeOf(value) as object | null
  return above === Object.prototype || above === null || Object.getPrototypeOf(above) === null
}
