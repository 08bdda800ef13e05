/**
 * rxjs, for whoever asks for a stream: the first `$` of a process loads it, and a process that uses none never does.
 *
 * It is most of what importing Inkwire would cost (14 MB, and more time than all the rest), and most services only send, call
 * and handle. A getter cannot wait, so it is loaded by `require`: that gives the copy that `import 'rxjs'` gives, and so
 * `instanceof` holds. Nothing else in src imports its values (test/house/tidy/imports.ts); types cost nothing.
 */
import type * as Rxjs from 'rxjs'
import { InkwireError } from '../common/errors.ts'

let loaded: typeof Rxjs | null = null

/** @throws InkwireError `INK_BAD_OPTION` where rxjs, which is a peer dependency, is not installed. */
export function rxjs(): typeof Rxjs {
  return (loaded ??= load())
}

function load(): typeof Rxjs {
  // Asked for when it is needed: a browser that bundles this file has no such module, and no use for it.
  const { createRequire } = process.getBuiltinModule('node:module')
  try {
    return createRequire(import.meta.url)('rxjs') as typeof Rxjs
  } catch (cause) {
    const text = 'members that end in $ are observables of rxjs, which was not found: npm install rxjs'
    throw new InkwireError('INK_BAD_OPTION', text, { cause })
  }
}
