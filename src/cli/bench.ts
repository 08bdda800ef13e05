/**
 * `inkwire bench`: a load at a rate, against a service or against one that it makes itself, with what came of it.
 *
 * Messages are begun by the clock and not by answers: a service that becomes slow shows in their latency, which counts from when each
 * was due (no coordinated omission). Limit: 10,000 in flight; what is due beyond that is counted as left out, and not sent.
 */
import type { Connection, Messenger } from '../index.ts'
import { Histogram } from '../observe/histogram.ts'
import { bytes, time } from '../observe/words.ts'
import { EXIT, Unreachable, UsageError, numberOf, textOf, type Command, type Context } from './command.ts'
import { json, plain } from './paint.ts'
import { pause } from './pause.ts'

const IN_FLIGHT_MAX = 10_000
const STEP_MS = 5
/** How long the last answers are waited for, in ms. */
const LAST_MS = 30_000

interface Load {
  readonly rate: number
  readonly durationMs: number
  readonly data: Uint8Array
  readonly type: number
}

interface Result {
  sent: number
  handled: number
  failed: number
  leftOut: number
  tookMs: number
  readonly errors: Set<string>
  readonly latency: Histogram
}

export const bench: Command = {
  name: 'bench',
  summary: 'a load of messages at a rate, and their latencies until the handler has finished',
  usage: '[address] [--rate n] [--duration s] [--size bytes] [--handler-delay ms]',
  args: [0, 1],
  options: {
    rate: { type: 'string' },
    duration: { type: 'string' },
    size: { type: 'string' },
    'handler-delay': { type: 'string' },
    type: { type: 'string' },
    timeout: { type: 'string' },
    json: { type: 'boolean' },
  },
  about: {
    rate: 'messages a second; 1 to 1,000,000, default 1000',
    duration: 'seconds; 0.1 to 86,400, default 5',
    size: 'bytes of each message; 0 to 16,777,216, default 64',
    'handler-delay': 'without an address: ms that each handler takes; 0 to 60,000, default 0',
    type: 'the type of the messages; 0 to 65,535, default 1. The service must handle it',
    timeout: 'seconds until the service must have been reached; 0.1 to 600, default 10',
    json: 'JSON for machines',
  },
  exits: { ok: 'every message was handled', unwell: 'some failed', unreachable: 'the service was not reached' },
  help: `Latencies count from when a message was due until its handler at the peer has finished. Without an address it makes a service of
its own in this process, over TCP on this machine. A service that handles no messages of that type fails all of them: exit code 1.

  inkwire bench --rate 5000 --duration 10
  inkwire bench --rate 500 --handler-delay 20
  inkwire bench tcp://10.0.0.3:6800 --type 1 --size 4096`,
  async run({ context, values, args }) {
    const delayMs = numberOf(values, 'handler-delay', 0, 0, 60_000)
    const load: Load = {
      rate: numberOf(values, 'rate', 1000, 1, 1e6),
      durationMs: numberOf(values, 'duration', 5, 0.1, 86_400) * 1000,
      data: new Uint8Array(numberOf(values, 'size', 64, 0, 1 << 24)),
      type: numberOf(values, 'type', 1, 0, 65_535),
    }
    const timeoutMs = numberOf(values, 'timeout', 10, 0.1, 600) * 1000
    if (args[0] !== undefined && textOf(values, 'handler-delay') !== null)
      throw new UsageError('--handler-delay is for the service that bench makes itself: leave the address out')
    const { losslessClient, memory, Messenger, tcp } = await import('../index.ts')
    const transports = [tcp(), memory()]
    const client = new Messenger({ name: 'client.?', transports, policies: { default: losslessClient() } })
    const own = args[0] === undefined ? await service(delayMs) : null
    try {
      const address = args[0] ?? (await own!.bind('tcp://127.0.0.1:0'))
      const connection = client.connect(address)
      await reached(connection, address, timeoutMs, context)
      const result = await put(load, connection, context)
      context.out(values['json'] === true ? json(shown(result)) : told(result))
      return result.failed > 0 ? EXIT.unwell : EXIT.ok
    } finally {
      for (const messenger of [client, own]) for (const each of messenger?.connections ?? []) each.markDown()
      await Promise.all([client.close(), own?.close()])
    }
  },
}

/** A connection dials until it is told otherwise; whoever runs a bench wants to know that nobody is there. */
async function reached(connection: Connection, address: string, timeoutMs: number, context: Context): Promise<void> {
  const late = AbortSignal.timeout(timeoutMs)
  try {
    await connection.opened({ signal: AbortSignal.any([context.signal, late]) })
  } catch (thrown) {
    if (!late.aborted) throw thrown
    const why = connection.dump().lastFault ?? 'there was no answer'
    throw new Unreachable(`${plain(address)} was not reached in ${timeoutMs / 1000} s: ${plain(why)}`)
  }
}

async function service(delayMs: number): Promise<Messenger> {
  const { losslessServer, Messenger } = await import('../index.ts')
  const messenger = new Messenger({ name: 'service.bench', policies: { default: losslessServer() } })
  const dispatch = (): Promise<void> | undefined =>
    delayMs === 0 ? undefined : new Promise((resolve) => setTimeout(resolve, delayMs))
  messenger.use({ dispatch })
  return messenger
}

async function put({ rate, durationMs, data, type }: Load, connection: Connection, context: Context): Promise<Result> {
  const result: Result = {
    sent: 0,
    handled: 0,
    failed: 0,
    leftOut: 0,
    tookMs: 0,
    errors: new Set(),
    latency: new Histogram(),
  }
  const fromMs = performance.now()
  const total = Math.ceil((rate * durationMs) / 1000)
  const pending = new Set<Promise<void>>()
  for (let begun = 0; begun < total && !context.signal.aborted;) {
    const due = Math.min(total, Math.floor(((performance.now() - fromMs) * rate) / 1000) + 1)
    for (; begun < due; begun++) {
      if (pending.size >= IN_FLIGHT_MAX) {
        result.leftOut++
        continue
      }
      const one = follow(connection.deliver({ type, data }), fromMs + (begun * 1000) / rate, result)
      pending.add(one)
      void one.then(() => pending.delete(one))
      result.sent++
    }
    await pause(context, STEP_MS)
  }
  const done = new AbortController()
  const signal = AbortSignal.any([done.signal, context.signal])
  await Promise.race([Promise.all(pending), pause({ signal }, LAST_MS)])
  done.abort()
  result.tookMs = performance.now() - fromMs
  return result
}

async function follow(delivered: Promise<void>, dueMs: number, result: Result): Promise<void> {
  try {
    await delivered
    result.handled++
    result.latency.add(Math.max(0, performance.now() - dueMs))
  } catch (thrown) {
    result.failed++
    if (result.errors.size < 5) result.errors.add((thrown as Error).message)
  }
}

function shown({ latency, errors, ...counts }: Result): object {
  const quantiles = Object.fromEntries(
    [0.5, 0.9, 0.99, 0.999, 1].map((part) => [`p${part * 100}Ms`, latency.quantileMs(part)]),
  )
  return { ...counts, errors: [...errors], ...quantiles }
}

function told({ sent, handled, failed, leftOut, tookMs, errors, latency }: Result): string {
  const quantiles = [0.5, 0.9, 0.99, 0.999].map((part) => `p${part * 100} ≤ ${time(latency.quantileMs(part))}`)
  const rate = Math.round((handled * 1000) / tookMs)
  const left = leftOut === 0 ? '' : `\n${leftOut} were due and not sent: ${IN_FLIGHT_MAX} were in flight already`
  const failures = failed === 0 ? '' : `\n${failed} failed: ${[...errors].join('; ')}`
  const lines = [
    `${handled} of ${sent} messages handled in ${time(tookMs)}: ${rate} a second${left}${failures}`,
    `latency: ${quantiles.join(', ')}, most ${time(latency.maxMs)}`,
    `rss ${bytes(process.memoryUsage.rss())}`,
  ]
  return `${lines.join('\n')}\n`
}
