/**
 * What a strict project may write against the package. Nothing calls it: it must compile, here and with every compiler that
 * the package promises to serve, libraries checked and `exactOptionalPropertyTypes` on.
 */
import * as buffers from 'inkwire/buffers'
import * as ceph from 'inkwire/ceph'
import * as discovery from 'inkwire/discovery'
import * as groups from 'inkwire/groups'
import * as observe from 'inkwire/observe'
import * as testing from 'inkwire/testing'
import { InkwireError, Messenger, defineMessage, losslessClient, lossy, memory, native, peer, tcp } from 'inkwire'
import type {
  BindOptions,
  CloseOptions,
  ConnectOptions,
  ConnectionEnd,
  ListenOptions,
  MemoryOptions,
  MessageDefinition,
  MessageInit,
  MessengerOptions,
  PolicyOptions,
  Remover,
  SharedSecretOptions,
  SocketGateOptions,
  TcpOptions,
  TypedExtras,
  WaitOptions,
} from 'inkwire'
import type { Msgr2Options } from 'inkwire/ceph'

/** The optional names of T that refuse an explicit `undefined`. */
type Refusing<T> = {
  [Name in keyof T]-?: object extends Pick<T, Name>
    ? Record<Name, undefined> extends Pick<T, Name>
      ? never
      : Name
    : never
}[keyof T]

/** Compiles only for options of which nothing refuses it. */
function lax<T>(..._refusing: [Refusing<T>] extends [never] ? [] : [Refusing<T>]): void {}
lax<BindOptions>()
lax<CloseOptions>()
lax<ConnectOptions>()
lax<ListenOptions>()
lax<MemoryOptions>()
lax<MessageDefinition<unknown>>()
lax<MessageInit>()
lax<MessengerOptions>()
lax<NonNullable<MessengerOptions['limits']>>()
lax<NonNullable<MessengerOptions['runtime']>>()
lax<Msgr2Options>()
lax<PolicyOptions>()
lax<NonNullable<PolicyOptions['window']>>()
lax<Exclude<PolicyOptions['keepalive'], false | undefined>>()
lax<NonNullable<PolicyOptions['backoff']>>()
lax<Pick<SharedSecretOptions, 'accept'>>()
lax<SocketGateOptions>()
lax<TcpOptions>()
lax<TypedExtras>()
lax<WaitOptions>()
lax<ceph.CallOptions>()
lax<buffers.BufferErrorOptions>()
lax<buffers.BuffersOptions>()
lax<buffers.FileBufferOptions>()
lax<buffers.ReceiveOptions>()
lax<buffers.RegisterOptions>()
lax<buffers.SendOptions>()
lax<discovery.DiscoveryOptions>()
lax<discovery.DnsHostsOptions>()
lax<discovery.DnsSrvOptions>()
lax<discovery.EtcdOptions>()
lax<discovery.FindOptions>()
lax<discovery.GossipOptions>()
lax<discovery.MulticastOptions>()
lax<discovery.SharedDirectoryOptions>()
lax<groups.GroupOptions>()
lax<groups.MoveOptions>()
lax<groups.PublishOptions>()
lax<groups.QuorumOptions>()
lax<observe.ObserveOptions>()
lax<ceph.CommandOptions>()
lax<ceph.MessageExtras>()
lax<ceph.MonClientOptions>()
lax<ceph.ObjectClientOptions>()
lax<ceph.ReadOptions>()
lax<testing.ChanceOfFaults>()
lax<testing.Contract>()
lax<testing.ExploreOptions>()
lax<testing.FaultPlanOptions>()
lax<testing.GroupCheck>()
lax<testing.SimulatedNetworkOptions>()
lax<testing.SimulationOptions>()
lax<NonNullable<testing.SimulationOptions['conditions']>>()

/** Every subpath is looked into, also where nothing of it is used. */
export const all: readonly object[] = [buffers, ceph, discovery, groups, observe, testing]

/** What a service writes. */
export async function service(): Promise<void> {
  const osd = new Messenger({
    name: 'osd.0',
    policies: { default: lossy(), osd: peer({ window: { bytes: 1 << 20 } }) },
  })
  osd.messages$.subscribe((message) => {
    const type: number = message.type
    console.log(type, message)
  })
  const Text = defineMessage<string>({
    ...{ type: 1, name: 'Text' },
    codec: { encode: (body) => new TextEncoder().encode(body), decode: (bytes) => new TextDecoder().decode(bytes) },
  })
  const remove: Remover = osd.on(Text, (body, { connection, signal }) => {
    if (!signal.aborted) connection.send(Text(body.trim(), { priority: 200 }))
  })
  osd.use({
    async dispatch(message, connection) {
      await connection.deliver({ type: message.type, data: message.data }, { signal: AbortSignal.timeout(1000) })
    },
  })
  try {
    const address: string = await osd.bind('tcp://127.0.0.1:0')
    const { undelivered } = osd.connect(address, { policy: losslessClient() }).markDown()
    console.log(undelivered.length)
    const connection = osd.connect(address, { name: 'osd.0' })
    await connection.opened({ signal: AbortSignal.timeout(1000) })
    for await (const { tid, data } of connection.messages({ signal: connection.signal })) {
      console.log(tid, data.byteLength)
    }
    const { code, reason, outcome }: ConnectionEnd = await connection.closed
    console.log(code, reason, outcome.unknown.length)
    remove()
  } catch (error) {
    if (error instanceof InkwireError) console.log(error.code)
  }
  await using other = new Messenger({ name: 'osd.1', wire: native(), transports: [tcp(), memory()], policies: {} })
  console.log(other.dump().connections, ceph, testing)
}
