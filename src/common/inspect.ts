/** How objects of the public surface are printed: a name and a few facts, never the memory or the machinery behind them. */

/** `util.inspect.custom`, by its registered name: what console.log and debuggers ask. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom')

/** What Node hands to such a method beside the depth. */
export type Inspect = (value: unknown, options: object) => string

/** `Connection { state: 'open', … }`. */
export function printed(name: string, facts: object, options: object, inspect: Inspect): string {
  return `${name} ${inspect(facts, options)}`
}
