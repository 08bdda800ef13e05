/**
 * A messenger with a memory, for scenario tests: it notes what its dispatcher and its events were told, and is marked
 * down and shut down when its test ends.
 */
import type { Test } from 'tap'
import { Messenger } from '../../src/index.ts'
import type { Connection, InkwireError, MessengerEvent, MessengerOptions } from '../../src/index.ts'
import type { Outcome, Policy } from '../../src/index.ts'
import type { InboundMessage } from '../../src/wire/message.ts'
import { startProxy } from './tcp-proxy.ts'
import type { ProxyOptions, TcpProxy } from './tcp-proxy.ts'

/** One callback of a dispatcher. */
export interface Told {
  readonly notice: 'onConnect' | 'onAccept' | 'onReset' | 'onRemoteReset' | 'onRefused'
  readonly connection: Connection
  readonly outcome?: Outcome
  readonly error?: InkwireError
}

export interface ActorOptions extends Omit<MessengerOptions, 'name' | 'policies'> {
  /** What to bind; null: nothing. Default: a free port of 127.0.0.1. */
  readonly bind?: string | null
  /** Take what no dispatcher takes, and note it. Default true; false: it is refused as unhandled. */
  readonly takes?: boolean
  /** What peers are told instead of the bound address. */
  readonly advertise?: string
}

export interface Actor {
  readonly messenger: Messenger
  /** The bound address; '' without one. */
  readonly address: string
  readonly port: number
  readonly told: readonly Told[]
  readonly events: readonly MessengerEvent[]
  /** All that came to its dispatchers. */
  readonly messages: readonly InboundMessage[]
  /** How often a callback was called. */
  count(notice: Told['notice']): number
  /** The events of one type. */
  eventsOf<T extends MessengerEvent['type']>(type: T): Extract<MessengerEvent, { type: T }>[]
}

/** Makes one; `policies` may be the one policy for everybody. */
export async function actor(
  t: Test,
  name: string,
  policies: Policy | Record<string, Policy>,
  options: ActorOptions = {},
): Promise<Actor> {
  const { bind = 'tcp://127.0.0.1:0', advertise, takes = true, ...rest } = options
  const messenger = new Messenger({
    name,
    policies: isPolicy(policies) ? { default: policies } : policies,
    ...rest,
    limits: { drainTimeoutMs: 20_000, ...rest.limits },
  })
  const told: Told[] = []
  const events: MessengerEvent[] = []
  messenger.events$.subscribe((event) => events.push(event))
  const messages: InboundMessage[] = []
  if (takes) messenger.messages$.subscribe((message) => messages.push(message))
  messenger.use({
    onConnect: (connection) => void told.push({ notice: 'onConnect', connection }),
    onAccept: (connection) => void told.push({ notice: 'onAccept', connection }),
    onReset: (connection, outcome) => void told.push({ notice: 'onReset', connection, outcome }),
    onRemoteReset: (connection, outcome) => void told.push({ notice: 'onRemoteReset', connection, outcome }),
    onRefused: (connection, error) => void told.push({ notice: 'onRefused', connection, error }),
  })
  t.teardown(async () => {
    for (const connection of messenger.connections) connection.markDown()
    await messenger.shutdown()
  })
  const address = bind === null ? '' : await messenger.bind(bind, advertise === undefined ? {} : { advertise })
  return {
    messenger,
    address,
    port: Number(address.split(':').pop()),
    told,
    events,
    messages,
    count: (notice) => told.filter((one) => one.notice === notice).length,
    eventsOf: <T extends MessengerEvent['type']>(type: T) =>
      events.filter((event): event is Extract<MessengerEvent, { type: T }> => event.type === type),
  }
}

/** One whose peers are told the address of a proxy, and reach it through that. */
export async function actorBehind(
  t: Test,
  name: string,
  policies: Policy | Record<string, Policy>,
  options: ActorOptions & { readonly proxy?: ProxyOptions } = {},
): Promise<Actor & { readonly proxy: TcpProxy }> {
  const proxy = await startProxy(0, options.proxy)
  t.teardown(() => proxy.close())
  const address = `tcp://127.0.0.1:${proxy.port}`
  const { proxy: _proxy, ...rest } = options
  const hidden = await actor(t, name, policies, { ...rest, advertise: address })
  proxy.retarget(hidden.port)
  return { ...hidden, address, proxy }
}

function isPolicy(value: Policy | Record<string, Policy>): value is Policy {
  return typeof value['kind'] === 'string'
}
