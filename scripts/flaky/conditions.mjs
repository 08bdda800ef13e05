/**
 * What a machine may be like while a test runs. Each condition says how the test is started, and what is done to it
 * until it has ended; what it began it ends.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
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
      let stopped = []
      const between = ([least, most]) => least + random() * (most - least)
      const goOn = () => {
        for (const pid of stopped) signal(pid, 'SIGCONT')
        stopped = []
      }
      const run = () => {
        timer = setTimeout(() => {
          // Not those that the test itself has stopped: they would be let go on with the others.
          stopped = random() < 0.5 ? [child.pid] : running(child.pid)
          for (const pid of stopped) signal(pid, 'SIGSTOP')
          timer = setTimeout(() => {
            goOn()
            run()
          }, between(STALL_MS))
        }, between(RUN_MS))
      }
      run()
      return () => {
        clearTimeout(timer)
        goOn()
      }
    },
  },
}

function signal(pid, name) {
  try {
    process.kill(pid, name)
  } catch {
    // It is over.
  }
}

/** The processes of a group that are not stopped; all of it as one where there is no /proc. */
function running(group) {
  if (!existsSync('/proc/self/stat')) return [-group]
  return readdirSync('/proc')
    .filter((name) => {
      try {
        // The name of the program is in parentheses, and may have blanks and parentheses in it.
        const [state, , its] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').pop().split(' ')
        return Number(its) === group && state !== 'T'
      } catch {
        return false
      }
    })
    .map(Number)
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
