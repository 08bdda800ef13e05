/**
 * A messenger in a process of its own, told over IPC what to do: made, stopped and killed by remote-peer.ts.
 *
 * It uses the built package by its name, as a user would. With a journal it appends every number that its handler
 * finished to a file before the handler returns, so that a kill at any instant leaves the truth on disk.
 */
import { appendFileSync } from 'node:fs'
import { Messenger, losslessClient, losslessServer, lossy, peer } from 'inkwire'
import type { Connection, PolicyKind, PolicyOptions } from 'inkwire'
import { endWithParent } from './forked.ts'
import { Ledger, NumberedStream, pump } from './numbered.ts'
import type { StreamShape } from './numbered.ts'

export interface StartOptions {
  readonly name: string
  readonly policy: PolicyKind
  readonly options?: PolicyOptions
  /** What to bind; left out: nothing. */
  readonly bind?: string
  readonly journal?: string
}

export type Order =
  | { readonly type: 'start'; readonly start: StartOptions }
  | { readonly type: 'connect'; readonly address: string }
  /** Sends a stream on the newest connection. */
  | { readonly type: 'pump'; readonly shape: StreamShape; readonly count: number }
  /** Drains and ends. */
  | { readonly type: 'shutdown' }

export type Report =
  | { readonly type: 'born' | 'connected' | 'pumped' | 'down' }
  | { readonly type: 'started'; readonly address: string }
  | { readonly type: 'event'; readonly event: string; readonly reason: string; readonly lost: number }
  | {
      readonly type: 'tally'
      readonly counts: Record<number, number>
      readonly violations: readonly string[]
      readonly rssMax: number
    }
  | { readonly type: 'failed'; readonly error: string }

const FACTORIES = { lossy, losslessClient, losslessServer, peer }
const TALLY_EVERY = 1000
const STREAMS_MAX = 8

const ledger = new Ledger()
let messenger: Messenger | undefined
let connection: Connection | undefined
let tallied = -1
let rssMax = 0

function say(report: Report): void {
  process.send?.(report)
}

/** Says how far it is, if that is news. */
function tally(): void {
  rssMax = Math.max(rssMax, process.memoryUsage.rss())
  if (ledger.count === tallied) return
  tallied = ledger.count
  const counts = Object.fromEntries(
    Array.from({ length: STREAMS_MAX }, (_, stream) => [stream, ledger.countOf(stream)] as const),
  )
  say({ type: 'tally', counts, violations: ledger.violations, rssMax })
}

async function start(options: StartOptions): Promise<void> {
  const { name, policy, bind, journal } = options
  messenger = new Messenger({ name, policies: { default: FACTORIES[policy](options.options) } })
  messenger.use({
    dispatch(message) {
      ledger.take(message)
      if (journal !== undefined) appendFileSync(journal, `${message.version} ${message.tid}\n`)
      if (ledger.count % TALLY_EVERY === 0) tally()
    },
    onAccept: (accepted) => void (connection = accepted),
  })
  messenger.events$.subscribe((event) => {
    const reason = 'error' in event ? event.error.message : 'reason' in event ? event.reason : ''
    const outcome = 'outcome' in event ? event.outcome : { undelivered: [], unknown: [] }
    say({ type: 'event', event: event.type, reason, lost: outcome.undelivered.length + outcome.unknown.length })
  })
  say({ type: 'started', address: bind === undefined ? '' : await messenger.bind(bind) })
}

async function obey(order: Order): Promise<void> {
  switch (order.type) {
    case 'start':
      await start(order.start)
      break
    case 'connect':
      connection = messenger?.connect(order.address)
      say({ type: 'connected' })
      break
    case 'pump':
      if (connection === undefined) throw new Error('there is no connection to send on')
      await pump(connection, new NumberedStream(order.shape), order.count)
      say({ type: 'pumped' })
      break
    case 'shutdown':
      await messenger?.shutdown()
      tally()
      say({ type: 'down' })
      process.disconnect()
      break
  }
}

process.on('message', (order) => {
  obey(order as Order).catch((thrown: unknown) => say({ type: 'failed', error: String(thrown) }))
})
endWithParent()
setInterval(tally, 25).unref()
say({ type: 'born' })
