/**
 * The page of the simulator, as it lies in the package: the messenger of this version, made for browsers by `npm run build`.
 *
 * It is found by the package's own name, as this code lies elsewhere in each build, and read when somebody looks: a service
 * without visitors pays nothing for it.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

export type SimulatorFile = 'simulator.html' | 'simulator.js'

/** Null: the package is not whole here, as where this code was bundled into a program without it. */
export async function simulatorFile(name: SimulatorFile): Promise<string | null> {
  try {
    const manifest = createRequire(import.meta.url).resolve('inkwire/package.json')
    return await readFile(join(dirname(manifest), 'dist/simulator', name), 'utf8')
  } catch {
    return null
  }
}
