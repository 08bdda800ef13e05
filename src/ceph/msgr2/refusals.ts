/** AUTH_BAD_METHOD in words: whether the method or the mode does not do, and what to change. */
import type { AuthBadMethod } from './control-frames.ts'

const METHODS = new Map([
  [1, 'none'],
  [2, 'cephx'],
  [4, 'gss'],
])
const MODES = new Map([
  [1, 'crc'],
  [2, 'secure'],
])

/** Linux' numbers, which Ceph sends on every system. */
export const ERRNO = { EPERM: -1, EACCES: -13, EINVAL: -22, EOPNOTSUPP: -95 } as const

export function explainBadMethod({ method, result, methods, modes }: AuthBadMethod): string {
  const allowed = `the peer takes ${names(METHODS, methods)} in mode ${names(MODES, modes)}`
  if (!methods.includes(method)) return `authentication with ${names(METHODS, [method])} is not taken: ${allowed}`
  if (result === ERRNO.EOPNOTSUPP) return `none of the modes that were offered is taken: ${allowed}`
  if (result === ERRNO.EACCES || result === ERRNO.EPERM) {
    return `the peer refuses this name and key (error ${result}): is the key the one that this cluster knows?`
  }
  return `authentication failed with error ${result}: ${allowed}`
}

function names(known: ReadonlyMap<number, string>, numbers: readonly number[]): string {
  return numbers.length === 0 ? 'nothing' : numbers.map((number) => known.get(number) ?? `${number}`).join(' or ')
}
