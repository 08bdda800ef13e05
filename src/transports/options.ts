/** Checks of transport options, shared by the transports: each throws `INK_BAD_OPTION` with a sentence that says what to write. */
import { InkwireError } from '../common/errors.ts'

/** A plain object that has no option but the known ones; `undefined` counts as `{}`. */
export function checkOptions(of: string, options: unknown, known: readonly string[]): void {
  if (options === undefined) return
  if (typeof options !== 'object' || options === null) throw badOption(`The options of ${of} are an object.`)
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw badOption(`${of} has no option '${unknown}'; it has ${known.join(', ')}.`)
}

/** A whole number within bounds, or the default. */
export function wholeNumber(name: string, value: unknown, byDefault: number, min: number, max: number): number {
  if (value === undefined) return byDefault
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
  throw badOption(`${name} is a whole number from ${min} to ${max}, such as ${byDefault}.`)
}

export function boolean(name: string, value: unknown, byDefault: boolean): boolean {
  if (value === undefined) return byDefault
  if (typeof value === 'boolean') return value
  throw badOption(`${name} is true or false.`)
}

export function badOption(sentence: string): InkwireError {
  return new InkwireError('INK_BAD_OPTION', sentence)
}
