/**
 * What the supervisor and its processes tell each other over Node's own IPC channel: starting, phases and stopping only.
 * All else goes through the messenger.
 *
 * A process ends with its channel: whatever becomes of the supervisor, nothing is left behind.
 */
import { join } from 'node:path'
import type { Messenger } from 'inkwire'
import { observe } from 'inkwire/observe'
import type { Counters } from './tally.ts'

/** What a process is started with. */
export interface ProcessConfig {
  readonly name: string
  /** Where the monitor listens; null for the monitor itself. */
  readonly monitor: string | null
  /** Where to listen, if that is free: a restarted daemon wants its old address. */
  readonly address: string | null
  readonly daemons: number
  readonly copies: number
  readonly cutEveryMs: number
  readonly seed: number
  /** Of a daemon: where its objects are. */
  readonly store: string
  /** The directory of admin sockets; null: nobody looks. */
  readonly admin: string | null
  /** Of the client: what to store. */
  readonly source: { readonly directory: string; readonly filesMax: number; readonly bytesMax: number }
  readonly partBytes: number
  /** Of the client: parts of the work, 0 to 1, at which it lets a daemon be killed. */
  readonly killAt: readonly number[]
}

/** What the supervisor says. */
export type Command =
  /** To the client: store the tree; read it back from every replica. */
  | { readonly type: 'store' | 'verify' }
  /** To the client: the daemon was killed, go on. */
  | { readonly type: 'killed' }
  /** To everybody: cut no more links, and send the last report. */
  | { readonly type: 'quiet' }
  | { readonly type: 'stop' }

/** The counters of one process life. */
export interface Row {
  readonly name: string
  readonly instance: string
  readonly counters: Counters
}

/** How far the client is. */
export interface Progress {
  readonly phase: 'store' | 'verify'
  readonly objects: number
  readonly bytes: number
  readonly ofObjects: number
  readonly ofBytes: number
}

/** What the client found out. */
export interface Findings {
  readonly files: number
  readonly objects: number
  readonly bytes: number
  readonly storeMs: number
  readonly verifyMs: number
  readonly copiesRead: number
  readonly bytesRead: number
  /** Puts and gets that were sent again, after a reset or a timeout. */
  readonly retries: number
  readonly skipped: number
  /** Puts and gets that nobody answered in time: neither lost nor altered, but nobody knows. */
  readonly unanswered: readonly string[]
  /** Copies that are missing, and copies that are not what was stored. */
  readonly lost: readonly string[]
  readonly altered: readonly string[]
}

/** What a process says. */
export type Notice =
  | { readonly type: 'ready'; readonly address: string }
  /** The client stands at a point where a daemon is to be killed, with requests in flight. */
  | { readonly type: 'kill' }
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'stored' | 'verified'; readonly findings: Findings }
  | { readonly type: 'quiet' }
  /** The monitor: everything that it knows. */
  | { readonly type: 'rows'; readonly rows: readonly Row[] }
  /** The last words before exit code 1. */
  | { readonly type: 'failed'; readonly reason: string }

/** Tells the supervisor. */
export function tell(notice: Notice): void {
  if (process.connected) process.send?.(notice)
}

/** A process that has started: where it listens ('' for nowhere), and what it does with commands. */
export interface Running {
  readonly address: string
  onCommand(command: Command): Promise<void>
}

/** Lets an operator look, where that was asked for: `inkwire top -a DIR`. */
export function look(messenger: Messenger, { admin, name }: ProcessConfig): void {
  if (admin !== null) observe(messenger, { admin: `unix://${join(admin, `${name}.asok`)}` })
}

/** Runs a process. Whatever `main` or a command throws is told, and ends the process. */
export function runProcess(main: (config: ProcessConfig) => Promise<Running>): void {
  const fail = (error: unknown): void => {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
    if (!process.connected || process.send === undefined) process.exit(1)
    process.send({ type: 'failed', reason } satisfies Notice, () => process.exit(1))
  }
  process.on('disconnect', () => process.exit())
  // The supervisor may be gone before this one has begun to listen.
  if (!process.connected) process.exit()
  process.on('uncaughtException', fail)
  // Ctrl-C reaches the whole process group; the supervisor decides what it means.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => {})
  const config = JSON.parse(process.argv[2] ?? '{}') as ProcessConfig
  main(config).then((running) => {
    process.on('message', (command: Command) => {
      running.onCommand(command).catch(fail)
    })
    tell({ type: 'ready', address: running.address })
  }, fail)
}
