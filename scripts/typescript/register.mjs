/**
 * Lets Node run the TypeScript of this repository: `node --import ./scripts/typescript/register.mjs test/….test.ts`.
 *
 * tap does so for every test (.taprc). Its own way to run TypeScript compiles every module again in every process, which
 * took three quarters of the time of all tests; it is still used for coverage, whose ranges it knows how to map back. Where
 * it is at work this one stays out of the way.
 */
import module from 'node:module'
import * as hooks from './hooks.mjs'

if (process[Symbol.for('ts-node.register.instance')] === undefined) {
  if (module.registerHooks === undefined) module.register('./hooks.mjs', import.meta.url)
  else module.registerHooks(hooks)
}
