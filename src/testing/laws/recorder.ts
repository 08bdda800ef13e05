/**
 * Watches one messenger and writes down what it does: the ears of a History.
 *
 * What the messenger tells (events, messages) is subscribed to. What the application asks (`send`, `deliver`,
 * `markDown`) is heard by standing in front of those methods on each Connection object as it appears. That a handler is
 * done is heard by standing in front of the message's owner, who is told exactly once.
 */
import type { Connection } from '../../messenger/connection.ts'
import type { ConnectionDump } from '../../messenger/dump.ts'
import { LANES, PRIORITY, laneOf, type InboundMessage, type OutboundMessage } from '../../wire/message.ts'
import { type Outcome } from '../../wire/outcome.ts'
import type { MessengerEvent } from '../../messenger/events.ts'
import type { MessageInit } from '../../messenger/message-init.ts'
import type { Messenger } from '../../messenger/messenger.ts'
import type { ConnectOptions } from '../../messenger/options.ts'
import type { InkwireError } from '../../common/errors.ts'
import { crc32c } from '../../wire/crc32c.ts'
import type { HistoryFact, Notebook, RecordedEnd, RecordedNode, RecordedOutcome } from './recorded.ts'

/** What is known of a message on its way to a handler. */
interface Delivery {
  readonly on: number
  state: 'received' | 'dispatched'
  id: number
}

export class Recorder {
  readonly node: RecordedNode
  readonly #history: Notebook
  readonly #messenger: Messenger
  readonly #ids = new Map<Connection, number>()
  readonly #deliveries = new WeakMap<InboundMessage, Delivery>()
  readonly #stops: (() => void)[] = []
  #state: 'running' | 'stopped' = 'running'
  /** A connection whose markDown() runs: its `closed` is told after the outcome. */
  #downing: number | null = null

  constructor(history: Notebook, node: RecordedNode, messenger: Messenger) {
    this.#history = history
    this.node = node
    this.#messenger = messenger
    const events = messenger.events$.subscribe((event) => this.#onEvent(event))
    const messages = messenger.messages$.subscribe((message) => this.#onDispatch(message))
    const unuse = messenger.use({ fastDispatch: (message, connection) => this.#onReceived(message, connection) })
    this.#stops.push(
      () => events.unsubscribe(),
      () => messages.unsubscribe(),
      unuse,
    )
    this.#standBefore()
  }

  /** Hears nothing any more. */
  stop(): void {
    this.#state = 'stopped'
    for (const stop of this.#stops) stop()
  }

  /** Notes what is beyond its limit. */
  sample(): void {
    for (const [connection, on] of this.#ids) {
      if (connection.state === 'closed') continue
      const { replay, window } = connection.policy
      const dump = connection.dump()
      this.#limit(on, 'L6', 'queued messages', dump.queuedMessages, replay.messages)
      if (dump.queuedMessages > 1) this.#limit(on, 'L6', 'queued bytes', dump.queuedBytes, replay.bytes)
      this.#limit(on, 'L6', 'messages with handlers', dump.heldMessages, window.messages)
      this.#limit(on, 'L6', 'bytes with handlers', dump.heldBytes, window.bytes)
      for (const what of misCounted(dump)) this.#add({ kind: 'overrun', on, law: 'L9', what })
      for (const [what, value] of Object.entries({
        'free credit in messages': dump.creditFree.messages,
        'free credit in bytes': dump.creditFree.bytes,
        'messages with handlers': dump.heldMessages,
        'bytes with handlers': dump.heldBytes,
      })) {
        if (value < 0) this.#add({ kind: 'overrun', on, law: 'L9', what: `${what} is ${value}` })
      }
    }
  }

  /** How its connections stand now. */
  ends(): RecordedEnd[] {
    return [...this.#ids].flatMap(([connection, on]): RecordedEnd[] => {
      const { state, session, queuedMessages, heldMessages, lanes, creditFree, creditGranted } = connection.dump()
      if (state === 'closed') return []
      const { window } = connection.policy
      const open = state === 'open'
      return [{ on, open, session, queuedMessages, heldMessages, lanes, creditFree, creditGranted, window }]
    })
  }

  #limit(on: number, law: 'L6', what: string, value: number, limit: number): void {
    if (value > limit) this.#add({ kind: 'overrun', on, law, what: `${value} ${what}, the limit is ${limit}` })
  }

  #add(fact: HistoryFact): void {
    if (this.#state === 'running') this.#history.add(fact)
  }

  /** The number of a connection; stands in front of its methods when it is new. */
  #idOf(connection: Connection, anonymous = false): number {
    const known = this.#ids.get(connection)
    if (known !== undefined) return known
    const id = this.#history.connections.length
    const { kind, onReset, ackOn, standbyMs } = connection.policy
    const { name: expects, address: target } = connection.peer
    const contract = { policy: kind, requeues: onReset === 'requeue', ackOn, standbyMs }
    this.#history.connections.push({ id, node: this.node.id, ...contract, anonymous, expects, target })
    this.#ids.set(connection, id)
    this.#standBeforeConnection(connection, id)
    return id
  }

  #standBefore(): void {
    const messenger = this.#messenger
    const connect = messenger.connect.bind(messenger)
    replace(messenger, 'connect', (address: string, options?: ConnectOptions) => {
      const connection = connect(address, options)
      if (connection !== messenger.loopback) this.#idOf(connection, options?.anonymous === true)
      return connection
    })
  }

  #standBeforeConnection(connection: Connection, on: number): void {
    const send = connection.send.bind(connection)
    const deliver = connection.deliver.bind(connection)
    const markDown = connection.markDown.bind(connection)
    const close = connection.close.bind(connection)
    replace(connection, 'send', (init: MessageInit) => this.#heard(on, init, () => send(init)))
    replace(connection, 'deliver', (init: MessageInit, options?: { signal?: AbortSignal }) => {
      const message = this.#noteSend(on, init, true)
      const outcome = deliver(init, options)
      if (message !== null) this.#awaitOutcome(on, message, outcome)
      return outcome
    })
    replace(connection, 'markDown', () => this.#downed(on, markDown))
    replace(connection, 'close', (options?: Parameters<Connection['close']>[0]) => {
      this.#add({ kind: 'closing', on })
      return close(options)
    })
  }

  /** The message is noted before it is sent, because sending may do a lot at once; and taken back when it throws. */
  #heard(on: number, init: MessageInit, send: () => boolean): boolean {
    const message = this.#noteSend(on, init, false)
    try {
      return send()
    } catch (thrown) {
      if (message !== null) this.#add({ kind: 'withdraw', on, message })
      throw thrown
    }
  }

  /** Null: it is no message, and whoever sends it will be told so. */
  #noteSend(on: number, init: MessageInit, awaited: boolean): number | null {
    try {
      const known = keyOf(init)
      const message = this.#history.nextMessage()
      this.#add({ kind: 'send', on, message, ...known, awaited })
      return message
    } catch {
      return null
    }
  }

  #awaitOutcome(on: number, message: number, outcome: Promise<void>): void {
    outcome.then(
      () => this.#add({ kind: 'acked', on, message }),
      (thrown: unknown) => {
        const error = thrown as InkwireError
        const fate = error.outcome
        const isBack = error.code === 'INK_ABORTED' && fate === 'undelivered'
        if (fate === undefined || isBack) this.#add({ kind: 'withdraw', on, message })
        else this.#add({ kind: 'failed', on, message, fate: error.code === 'INK_ABORTED' ? 'aborted' : fate })
      },
    )
  }

  #downed(on: number, markDown: () => Outcome): Outcome {
    this.#downing = on
    const outcome = markDown()
    this.#downing = null
    this.#add({ kind: 'markDown', on, outcome: recorded(outcome) })
    this.#add({ kind: 'closed', on })
    return outcome
  }

  #onEvent(event: MessengerEvent): void {
    if (!('connection' in event)) return
    if (event.connection === this.#messenger.loopback) return
    const on = this.#idOf(event.connection)
    switch (event.type) {
      case 'connect':
      case 'accept':
      case 'resume': {
        const { name, instance } = event.connection.peer
        const session = event.connection.dump().session ?? ''
        this.#add({ kind: 'open', on, how: event.type, peerName: name ?? '', peerInstance: instance ?? '', session })
        break
      }
      case 'fault':
        this.#add({ kind: 'fault', on, reason: event.reason })
        break
      case 'reset':
      case 'remoteReset':
        this.#add({ kind: event.type, on, reason: event.reason, outcome: recorded(event.outcome) })
        break
      case 'undeliverable':
        this.#add({ kind: 'undeliverable', on, key: keyOf(event.message).key, fate: event.fate })
        break
      case 'closed':
        if (this.#downing !== on) this.#add({ kind: 'closed', on })
        break
      case 'refused':
        this.#add({ kind: 'refused', on, code: event.error.code })
        break
      case 'failed':
      case 'dispatchError':
      case 'subscriberError':
      case 'unhandled':
      case 'expired':
      case 'inlineBlocked':
      case 'waitCycle':
      case 'slowDisconnect':
      case 'clockSkew':
      case 'authFailed':
      case 'pathSwitched':
      case 'pathFailed':
        break
    }
  }

  /** Takes nothing; from here on it is known which connection a message is of, and when it is finished. */
  #onReceived(message: InboundMessage, connection: Connection): boolean {
    if (connection === this.#messenger.loopback) return false
    const delivery: Delivery = { on: this.#idOf(connection), state: 'received', id: -1 }
    this.#deliveries.set(message, delivery)
    const { owner } = message
    message.owner = {
      finished: (one, failure) => {
        // Another fast dispatcher took it: it was delivered and finished at once.
        if (delivery.state === 'received') this.#onDispatch(one, true)
        const failed = failure !== undefined
        this.#add({ kind: 'finish', on: delivery.on, delivery: delivery.id, ...(failed && { failed }) })
        owner?.finished(one, failure)
      },
    }
    return false
  }

  #onDispatch(message: InboundMessage, fast = false): void {
    const delivery = this.#deliveries.get(message)
    if (delivery === undefined || delivery.state === 'dispatched') return
    delivery.state = 'dispatched'
    delivery.id = this.#history.nextDelivery()
    const { key, lane } = keyOf(message)
    this.#add({ kind: 'deliver', on: delivery.on, delivery: delivery.id, key, lane, session: message.generation, fast })
  }
}

/** What a connection's own numbers say against each other. */
function misCounted({ queuedMessages, queuedBytes, heldMessages, heldBytes, lanes }: ConnectionDump): string[] {
  const found: string[] = []
  if (queuedMessages === 0 && queuedBytes !== 0) found.push(`nothing is queued, and ${queuedBytes} bytes are`)
  if (heldMessages === 0 && heldBytes !== 0) found.push(`handlers hold nothing, and ${heldBytes} bytes`)
  // Control words are beside all counts.
  const queued = lanes.slice(0, LANES).reduce((sum, lane) => sum + lane.queued, 0)
  if (queued !== queuedMessages) found.push(`${queuedMessages} messages are counted, and ${queued} are queued`)
  for (const [index, { processed, received, tail, sent, inReceived, inProcessed }] of lanes.entries()) {
    if (processed > received || received > tail || processed + sent > tail)
      found.push(`lane ${index} has ${processed} processed, ${received} received, ${sent} sent of ${tail}`)
    if (inProcessed > inReceived) found.push(`lane ${index} got ${inReceived} and finished ${inProcessed}`)
  }
  return found
}

function recorded(outcome: Outcome): RecordedOutcome {
  return {
    undelivered: outcome.undelivered.map((message) => keyOf(message).key),
    unknown: outcome.unknown.map((message) => keyOf(message).key),
  }
}

/** What tells messages apart. */
function keyOf(message: MessageInit | OutboundMessage | InboundMessage): { key: string; lane: number } {
  const { type, tid = 0, priority = PRIORITY.DEFAULT, version = 0 } = message
  const front = bytesOf(message.front)
  const middle = bytesOf(message.middle)
  const data = bytesOf(message.data)
  let checksum = crc32c(front)
  checksum = crc32c(middle, 0, middle.length, checksum)
  checksum = crc32c(data, 0, data.length, checksum)
  const lengths = `${front.length}+${middle.length}+${data.length}`
  return { key: `${type}:${tid} v${version} p${priority} ${lengths} ${checksum.toString(16)}`, lane: laneOf(priority) }
}

const NO_BYTES = new Uint8Array(0)

function bytesOf(segment: Uint8Array | string | null | undefined): Uint8Array {
  if (segment === null || segment === undefined) return NO_BYTES
  return typeof segment === 'string' ? Buffer.from(segment) : segment
}

/** An own property in front of a method of the prototype. */
function replace<T extends object, K extends keyof T>(target: T, name: K, method: T[K]): void {
  Object.defineProperty(target, name, { value: method, configurable: true, writable: true })
}
