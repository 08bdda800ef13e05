/** What `use()` is handed, checked at once: a method that is misspelled would never be called, and nobody would know. */
import { InkwireError } from '../common/errors.ts'
import { describe, nearest, onlyKnown } from '../common/options.ts'

const METHODS = ['dispatch', 'fastDispatch', 'onConnect', 'onAccept', 'onReset', 'onRemoteReset', 'onRefused'] as const

/**
 * Throws `INK_BAD_ARGUMENT`. A plain object has nothing to say but those methods; it may carry data beside them. An object
 * of a class may have methods of its own, if none of their names is nearly one of these.
 */
export function checkMethods(dispatcher: object): void {
  const methods = dispatcher as Readonly<Record<string, unknown>>
  for (const method of METHODS) {
    const value = methods[method]
    if (value === undefined || typeof value === 'function') continue
    throw new InkwireError('INK_BAD_ARGUMENT', `use(): ${method} must be a function, not ${describe(value)}`)
  }
  const above = Object.getPrototypeOf(dispatcher) as object | null
  const isPlain = above === null || above === Object.prototype
  for (const name of namesOf(dispatcher)) {
    const isNear = !isKnown(name) && nearest(name, METHODS) !== undefined
    if (isNear || (isPlain && !isKnown(name) && typeof methods[name] === 'function'))
      onlyKnown('use()', { [name]: true }, METHODS)
  }
}

function isKnown(name: string): boolean {
  return METHODS.some((method) => method === name)
}

/** Its own, and those of its class and of what that extends. */
function namesOf(dispatcher: object): Set<string> {
  const names = new Set<string>()
  for (let at: object | null = dispatcher; at !== null && at !== Object.prototype;) {
    for (const name of Object.getOwnPropertyNames(at)) if (name !== 'constructor') names.add(name)
    at = Object.getPrototypeOf(at) as object | null
  }
  return names
}
