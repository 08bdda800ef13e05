/**
 * A member of a group in a process of its own: does what macro/groups.ts tells it over IPC, and reports.
 *
 * It takes events in a loop, as an application would, and counts what it is told until the last message of each sender.
 */
import { defineCall, Messenger, peer, type Connection } from '../../src/index.ts'
import { groups, type Group } from '../../src/groups/index.ts'
import { Histogram } from './histogram.ts'
import { MARK, payload } from './subject.ts'
import { UsageMeter } from './usage.ts'

export type MemberOrder =
  | { readonly kind: 'connect'; readonly addresses: readonly string[] }
  /** Answered when the view has so many members. */
  | { readonly kind: 'join'; readonly members: number }
  /** As many messages as go, for so long, and a last one. `send`: plain ones, to the first peer. */
  | {
      readonly kind: 'stream'
      readonly how: 'send' | 'agreed' | 'safe'
      readonly size: number
      readonly seconds: number
      readonly senders: number
    }
  /** One after the other: each waits until the one before is told here. `ping`: a call to the first peer. */
  | { readonly kind: 'trips'; readonly how: 'ping' | 'agreed' | 'safe'; readonly seconds: number }

export type MemberReport =
  | { readonly kind: 'bound'; readonly address: string }
  | { readonly kind: 'joined' }
  | { readonly kind: 'ended'; readonly count: number; readonly cpuSeconds: number }
  | { readonly kind: 'trips'; readonly p50Us: number }

const MESSAGE_TYPE = 17
const PING_BYTES = 64
/** Messages between two looks at the clock, and between two rests for the event loop. */
const BURST = 64
const raw = { encode: (bytes: Uint8Array) => bytes, decode: (bytes: Uint8Array) => bytes }
const Ping = defineCall({ type: 1, name: 'Ping', request: raw, reply: raw })

const messenger = new Messenger({ name: process.argv[2]!, policies: { default: peer() } })
const connections: Connection[] = []
const meter = new UsageMeter()
let group: Group
let count = 0
let lasts = 0

function report(what: MemberReport): void {
  process.send?.(what)
}

/** The second byte of a last message is how many senders there are. */
function take(data: Uint8Array): void {
  if (count++ === 0) meter.reset()
  if (data[0] !== MARK.LAST || ++lasts < data[1]!) return
  report({ kind: 'ended', count, cpuSeconds: meter.read().cpuSeconds })
  count = 0
  lasts = 0
}

async function listen(members: number): Promise<void> {
  for await (const event of group.events()) {
    if (event.kind === 'message') take(event.data)
    else if (event.kind === 'view' && event.view.members.length === members) report({ kind: 'joined' })
  }
}

async function stream({ how, size, seconds, senders }: Extract<MemberOrder, { kind: 'stream' }>): Promise<void> {
  const message = { type: MESSAGE_TYPE, data: payload(size) }
  const last = { type: MESSAGE_TYPE, data: payload(size, MARK.LAST) }
  last.data[1] = senders
  const untilMs = performance.now() + seconds * 1000
  if (how === 'send') {
    const connection = connections[0]!
    for (let sent = 1; (sent & (BURST - 1)) !== 0 || performance.now() < untilMs; sent++) {
      if (!connection.send(message)) await connection.drained()
    }
    connection.send(last)
    return
  }
  const options = { order: how }
  for (let sent = 1; (sent & (BURST - 1)) !== 0 || performance.now() < untilMs; sent++) {
    group.publish(message, options).catch(fail)
    if (!group.writable) await group.drained()
  }
  await group.publish(last, options)
}

async function trips({ how, seconds }: Extract<MemberOrder, { kind: 'trips' }>): Promise<void> {
  const histogram = new Histogram()
  const data = payload(PING_BYTES)
  const untilMs = performance.now() + seconds * 1000
  for (let nowMs = performance.now(); nowMs < untilMs;) {
    const startMs = nowMs
    if (how === 'ping') await connections[0]!.call(Ping, data)
    else await group.publish({ type: MESSAGE_TYPE, data }, { order: how })
    nowMs = performance.now()
    histogram.record((nowMs - startMs) * 1000)
  }
  count = 0
  report({ kind: 'trips', p50Us: histogram.quantile(0.5) })
}

async function obey(order: MemberOrder): Promise<void> {
  switch (order.kind) {
    case 'connect':
      for (const address of order.addresses) connections.push(messenger.connect(address))
      break
    case 'join':
      group = groups(messenger).join('bench')
      void listen(order.members)
      break
    case 'stream':
      await stream(order)
      break
    case 'trips':
      await trips(order)
      break
    default:
  }
}

function fail(thrown: unknown): void {
  console.error(thrown)
  process.exit(1)
}

messenger.use({
  onAccept: (connection) => void connections.push(connection),
  dispatch: (message) => take(message.data),
})
messenger.serve(Ping, (body) => ({ body }))
process.on('message', (order: MemberOrder) => void obey(order).catch(fail))
process.on('disconnect', () => process.exit(0))
process.on('SIGTERM', () => process.exit(0))
report({ kind: 'bound', address: await messenger.bind('tcp://127.0.0.1:0') })
