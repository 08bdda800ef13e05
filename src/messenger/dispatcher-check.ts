/** What `use()` and `useService()` are handed, checked at once: a misspelled method would never be called, and nobody would know. */
import { InkwireError } from '../common/errors.ts'
import { describe, isPlain, nearest, onlyKnown } from '../common/options.ts'

export const DISPATCHER_METHODS = [
  'dispatch',
  'fastDispatch',
  'onConnect',
  'onAccept',
  'onReset',
  'onRemoteReset',
  'onRefused',
] as const

/**
 * Throws `INK_BAD_ARGUMENT`. A plain object has nothing to say but those methods; it may carry data beside them. An object
 * of a class may have methods of its own, but for those that are one letter off. `fields` are what else is known.
 */
export function checkMethods(
  where: string,
  given: object,
  methods: readonly string[],
  fields: readonly string[] = [],
): void {
  const values = given as Readonly<Record<string, unknown>>
  for (const method of methods) {
    const value = values[method]
    if (value === undefined || typeof value === 'function') continue
    throw new InkwireError('INK_BAD_ARGUMENT', `${where}: ${method} must be a function, not ${describe(value)}`)
  }
  const known = [...methods, ...fields]
  const isData = isPlain(given)
  for (const [name, isMethod] of namesOf(given)) {
    if (known.includes(name)) continue
    const isWrong = isData
      ? isMethod || nearest(name, known) !== undefined
      : isMethod && nearest(name, methods, 1) !== undefined
    if (isWrong) onlyKnown(where, { [name]: true }, known)
  }
}

/** Its own, and those of its class and of what that extends, and whether they are methods. Calls no getter. */
function namesOf(given: object): Map<string, boolean> {
  const names = new Map<string, boolean>()
  for (let at: object | null = given; at !== null && at !== Object.prototype;) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at)))
      if (name !== 'constructor') names.set(name, typeof value === 'function')
    at = Object.getPrototypeOf(at) as object | null
  }
  return names
}
