/**
 * What Node asks when it meets a module: a relative `.ts` is where it says it is, and is compiled JavaScript.
 *
 * Nobody else is asked about those, the hooks of tap included: on Node 20 each of their answers is a message to another
 * thread and back, twice per module. Works as hooks of Node's loader thread and as synchronous ones.
 */
import { fileURLToPath } from 'node:url'
import { compiled } from './compile.mjs'

export function resolve(specifier, context, nextResolve) {
  if (!/^\.{1,2}\/.*\.ts$/.test(specifier) || context.parentURL === undefined) return nextResolve(specifier, context)
  return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true }
}

export function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context)
  return { format: 'module', source: compiled(fileURLToPath(url)), shortCircuit: true }
}
