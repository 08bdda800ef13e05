/** A script of a test in a process of its own, from both of its ends: it runs as the tests do, and does not outlive whoever started it. */
import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const TYPESCRIPT = `--import=${new URL('../../scripts/typescript/register.mjs', import.meta.url).href}`

/** `script` is a file beside this one. What the runner of the tests says to its own processes is not for it. */
export function forkScript(script: string, ...args: string[]): ChildProcess {
  const env = { ...process.env }
  delete env['NODE_OPTIONS']
  return fork(fileURLToPath(new URL(script, import.meta.url)), args, { execArgv: [TYPESCRIPT], env })
}

/** Said by the script itself. */
export function endWithParent(): void {
  process.on('disconnect', () => process.exit())
  // It may be gone before we have begun to listen.
  if (!process.connected) process.exit()
}
