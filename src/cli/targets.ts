/** Whom a command asks: admin sockets by path, all those of a directory, or those of the environment. */
import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { asError } from '../common/errors.ts'
import { AdminClient } from '../observe/admin/admin-client.ts'
import type { Question } from '../observe/admin/protocol.ts'
import type { PeerTrace, Snapshot } from '../observe/index.ts'
import { Unreachable, type Context, type Values } from './command.ts'

const DEFAULT_DIRECTORY = '/run/inkwire'
const SUFFIX = '.asok'

/** The sockets that are meant. @throws Unreachable when there is none. */
export function socketsOf(context: Context, values: Values): string[] {
  const { INKWIRE_ADMIN: fromEnv = '' } = context.env
  const given = (values['admin'] ?? []) as string[]
  const named = given.length > 0 ? given : fromEnv.split(':').filter((path) => path !== '')
  const wanted = named.length > 0 ? named : [DEFAULT_DIRECTORY]
  const sockets = wanted.flatMap((path) => expand(resolve(context.cwd, path.replace(/^unix:\/\//, ''))))
  if (sockets.length > 0) return sockets
  const how =
    "start the process with observe(messenger, { admin: 'unix:///run/osd.0.asok' }) and pass --admin with that path"
  throw new Unreachable(`there is no admin socket in ${wanted.join(', ')}: ${how}`)
}

function expand(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isDirectory() !== true) return found === undefined && path === DEFAULT_DIRECTORY ? [] : [path]
  return readdirSync(path)
    .filter((name) => name.endsWith(SUFFIX))
    .sort()
    .map((name) => join(path, name))
}

/** What one process answers, or why it does not. */
export interface Answered {
  readonly path: string
  readonly answer: unknown
  readonly error: string | null
}

/** Asks all of them at once. */
export async function askAll(
  sockets: readonly string[],
  ask: Question,
  { peer, timeoutMs }: { readonly peer?: string | undefined; readonly timeoutMs?: number } = {},
): Promise<Answered[]> {
  return await Promise.all(
    sockets.map(async (path) => {
      const client = new AdminClient(path, timeoutMs)
      try {
        return { path, answer: await client.ask(ask, peer), error: null }
      } catch (thrown) {
        return { path, answer: null, error: asError(thrown).message }
      } finally {
        client.close()
      }
    }),
  )
}

/** All that one process knows; null and none: it does not answer, and `error` says how. */
export interface Known {
  readonly path: string
  readonly snapshot: Snapshot | null
  readonly traces: readonly PeerTrace[]
  readonly error: string | null
}

export async function knownOf(sockets: readonly string[]): Promise<Known[]> {
  const [snapshots, traces] = await Promise.all([askAll(sockets, 'snapshot'), askAll(sockets, 'trace')])
  return snapshots.map(({ path, answer, error }, index) => {
    const told = traces[index]!.answer as PeerTrace[] | null
    return { path, snapshot: answer as Snapshot | null, traces: told ?? [], error }
  })
}

/** Of all of them those that answered. @throws Unreachable when none did. */
export function answersOf(all: readonly Answered[], context: Context): Answered[] {
  const good = all.filter(({ error }) => error === null)
  if (good.length === 0) throw new Unreachable(all.map(({ error }) => error).join('\n'))
  for (const { error } of all) if (error !== null) context.err(`${error}\n`)
  return good
}
