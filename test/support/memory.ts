/** What memory is really held: counted behind a collection, not whenever the collector pleased. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Frees what nothing refers to any more. */
export function collectGarbage(): void {
  collect()
}

/** Bytes of heap and of array buffers that something still refers to. */
export function heldBytes(): number {
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** The same two apart: array buffers are exact, the heap has what the engine compiles and learns meanwhile. */
export function heldApart(): { readonly heap: number; readonly buffers: number } {
  // Twice: what the first collection finalizes is memory only after the next one.
  collect()
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return { heap: heapUsed, buffers: arrayBuffers }
}
