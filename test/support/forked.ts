/** A script of a test in a process of its own, from both of its ends: it runs as the tests do, and does not outlive whoever started it. */
import { fork, spawnSync, type ChildProcess, type ForkOptions } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const TYPESCRIPT = `--import=${new URL('../../scripts/typescript/register.mjs', import.meta.url).href}`

/** As two containers on one host network are to each other: the same kernel and addresses, other processes and another /dev/shm. */
const CONTAINER = [
  ...['--pid', '--fork', '--kill-child', '--mount', '--mount-proc'],
  ...['sh', '-c', 'mount -t tmpfs none /dev/shm && exec "$@"', 'sh'],
]

/** False where this process may make a container. */
export function noContainers(): string | false {
  const made = spawnSync('unshare', [...CONTAINER, 'true']).status === 0
  return !made && 'this process may not make namespaces of its own (unshare, as root)'
}

/** `script` is a file beside this one. What the runner of the tests says to its own processes is not for it. */
export function forkScript(script: string, ...args: string[]): ChildProcess {
  return forkBy({ execArgv: [TYPESCRIPT] }, script, args)
}

/** The same in a container. */
export function forkInContainer(script: string, ...args: string[]): ChildProcess {
  return forkBy({ execPath: 'unshare', execArgv: [...CONTAINER, process.execPath, TYPESCRIPT] }, script, args)
}

function forkBy(how: ForkOptions, script: string, args: readonly string[]): ChildProcess {
  const env = { ...process.env }
  delete env['NODE_OPTIONS']
  return fork(fileURLToPath(new URL(script, import.meta.url)), args, { ...how, env })
}

/** Said by the script itself. */
export function endWithParent(): void {
  process.on('disconnect', () => process.exit())
  // It may be gone before we have begun to listen.
  if (!process.connected) process.exit()
}
