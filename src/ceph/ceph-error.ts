/**
 * What a Ceph daemon answers when it refuses: an error number, and sometimes words.
 *
 * The numbers are those of Linux on every platform, so they are named here and not taken from the host.
 */
import { isBranded } from '../common/brand.ts'
import { InkwireError } from '../common/errors.ts'

const BRAND = Symbol.for('inkwire.ceph-error')

const NAMES: Readonly<Record<number, string>> = {
  1: 'EPERM',
  2: 'ENOENT',
  5: 'EIO',
  6: 'ENXIO',
  7: 'E2BIG',
  11: 'EAGAIN',
  12: 'ENOMEM',
  13: 'EACCES',
  16: 'EBUSY',
  17: 'EEXIST',
  19: 'ENODEV',
  22: 'EINVAL',
  27: 'EFBIG',
  28: 'ENOSPC',
  30: 'EROFS',
  34: 'ERANGE',
  36: 'ENAMETOOLONG',
  39: 'ENOTEMPTY',
  61: 'ENODATA',
  75: 'EOVERFLOW',
  90: 'EMSGSIZE',
  95: 'EOPNOTSUPP',
  108: 'EBLOCKLISTED',
  110: 'ETIMEDOUT',
  116: 'ESTALE',
  122: 'EDQUOT',
  125: 'ECANCELED',
}

/** An {@link InkwireError} with code `INK_CEPH_ERROR` and the daemon's error number. */
export class CephError extends InkwireError {
  /** Above 0, as Linux numbers them. */
  readonly errno: number
  /** `ENOENT`; `E` and the number where there is no name. */
  readonly errorName: string

  constructor(errno: number, what: string, words = '') {
    const errorName = errorNameOf(errno)
    super('INK_CEPH_ERROR', `${what}: ${errorName}${words === '' ? '' : `, ${words}`}`)
    this.name = 'CephError'
    this.errno = errno
    this.errorName = errorName
    Object.defineProperty(this, BRAND, { value: true })
  }

  /** True also for a `CephError` of another installation of the package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isBranded(value, BRAND)
  }
}

/** The name of an error number above 0. */
export function errorNameOf(errno: number): string {
  return NAMES[errno] ?? `E${errno}`
}
