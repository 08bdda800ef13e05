/**
 * What a machine may be like while a test runs. Each condition says how the test is started, and what is done to it
 * until it has ended; what it began it ends.
 */
import { spawn, spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { clearTimeout, setTimeout } from 'node:timers'

const SPIN = 'for (;;);'
/** How long a process stands still, and how long it may run before the next time. */
const STALL_MS = [50, 1500]
const RUN_MS = [20, 1000]

/** By name: `{ command(argv), begin(child, random) → end() }`. */
export const CONDITIONS = {
  quiet: { command: (argv) => argv, begin: () => () => undefined },

  /** Somebody else wants every core, twice. */
  hog: { command: (argv) => argv, begin: () => hogs(2 * availableParallelism(), (argv) => argv) },

  /** One core, and somebody else wants that one, too. */
  pinned: { command: pinned, begin: () => hogs(1, pinned) },

  /** The process stands still again and again, sometimes with its children and sometimes without: a laptop that sleeps. */
  stalls: {
    command: (argv) => argv,
    begin(child, random) {
      let timer
      const between = ([least, most]) => least + random() * (most - least)
      const signal = (target, name) => {
        try {
          process.kill(target, name)
        } catch {
          // It is over.
        }
      }
      const run = () => {
        timer = setTimeout(() => {
          const target = random() < 0.5 ? child.pid : -child.pid
          signal(target, 'SIGSTOP')
          timer = setTimeout(() => {
            signal(target, 'SIGCONT')
            run()
          }, between(STALL_MS))
        }, between(RUN_MS))
      }
      run()
      return () => {
        clearTimeout(timer)
        signal(-child.pid, 'SIGCONT')
      }
    },
  },
}

/** Why a condition cannot be had here; null when it can. */
export function missing(name) {
  if (name === 'pinned' && spawnSync('taskset', ['-c', '0', 'true']).status !== 0) return 'there is no taskset'
  return name === 'stalls' && process.platform === 'win32' ? 'there is no SIGSTOP' : null
}

function pinned(argv) {
  return ['taskset', '-c', '0', ...argv]
}

function hogs(count, command) {
  const [program, ...args] = command([process.execPath, '-e', SPIN])
  const all = Array.from({ length: count }, () => spawn(program, args, { stdio: 'ignore' }))
  return () => all.forEach((hog) => hog.kill('SIGKILL'))
}
