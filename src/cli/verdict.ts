/** How a process is that cannot be asked, by its stat file: it runs, hangs, has ended, or is dead. */
import { existsSync } from 'node:fs'
import { readStatFile } from '../observe/admin/stat-file.ts'
import type { Stat } from '../observe/admin/stat-layout.ts'
import { time } from '../observe/words.ts'

export type Verdict = 'running' | 'hangs' | 'ended' | 'dead'

/** Three looks late, and a second: a busy process is late, too. */
export function judge({ life, pid, atMs, everyMs }: Stat, nowMs: number): Verdict {
  if (life === 'ended') return 'ended'
  if (!lives(pid)) return 'dead'
  return nowMs - atMs > 3 * everyMs + 1000 ? 'hangs' : 'running'
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    // It is there, and another user's.
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const SENTENCES: Readonly<Record<Verdict, (ageMs: number) => string>> = {
  running: (ageMs) => `runs, and looked ${time(ageMs)} ago`,
  hangs: (ageMs) => `is there, and its event loop stands still for ${time(ageMs)} or more`,
  ended: (ageMs) => `has ended in order ${time(ageMs)} ago`,
  dead: (ageMs) => `is dead; it looked ${time(ageMs)} ago for the last time`,
}

export function sentenceOf(stat: Stat, nowMs: number): string {
  const { name, pid, atMs } = stat
  return `${name} (pid ${pid}) ${SENTENCES[judge(stat, nowMs)](Math.max(0, nowMs - atMs))}`
}

/** The stat file of whoever has this admin socket, or the file itself. @throws Error a sentence. */
export function statAt(path: string): Stat {
  return readStatFile(existsSync(`${path}.stat`) ? `${path}.stat` : path)
}

/** The same; null: there is none that can be read. */
export function statBeside(path: string): Stat | null {
  try {
    return statAt(path)
  } catch {
    return null
  }
}
