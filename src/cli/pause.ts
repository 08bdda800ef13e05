/** Waits, until Ctrl-C. */
import { setTimeout } from 'node:timers/promises'
import type { Context } from './command.ts'

/** False: the user has had enough. */
export async function pause({ signal }: Pick<Context, 'signal'>, ms: number): Promise<boolean> {
  return await setTimeout(ms, true, { signal }).catch(() => false)
}
