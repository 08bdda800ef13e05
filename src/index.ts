/** The public surface of Inkwire: explicit re-exports, nothing else. */
export { Messenger } from './transactions/messenger.ts'
export type { MessengerOptions } from './transactions/messenger.ts'
export type { BindOptions, ConnectOptions } from './messenger/options.ts'
export type { Finder, FindOptions } from './messenger/finder.ts'
export type { Redial, RedialTarget } from './messenger/redials.ts'
export { Connection } from './messenger/connection.ts'
export type { CloseOptions, MessageLoop } from './messenger/connection-core.ts'
export type { KnownPath, PathInfo, SwitchReason } from './messenger/path-info.ts'
export type { ConnectionEnd } from './messenger/connection-ends.ts'
export type { WaitOptions } from './messenger/waiters.ts'
export { defineCall } from './transactions/define-call.ts'
export type { CallDefinition } from './transactions/define-call.ts'
export { CallManyError, callMany } from './transactions/call-many.ts'
export type { CallOnceOptions } from './transactions/once-caller.ts'
export type { CallManyOptions, CallOutcome, ManyReplies } from './transactions/call-many.ts'
export { CallError } from './transactions/call-error.ts'
export type { CallErrorOptions, CallReason } from './transactions/call-error.ts'
export type { CallHandler, ServeOptions, ServedCalls } from './transactions/serve-options.ts'
export type { ServerCall } from './transactions/handler-call.ts'
export type { CallFollower, CallWatcher, WatchedCall, WatchedFailure } from './transactions/watch.ts'
export type { ForwardedReply, ServerReply } from './transactions/served-reply.ts'
export type { ForwardOptions } from './transactions/forward.ts'
export { toReadableStream, toWritableStream } from './transactions/web-streams.ts'
export { toNodeReadable, toNodeWritable } from './transactions/node-streams.ts'
export type { CallOptions, CallType, Metadata, Reply, Transaction } from './messenger/calls.ts'
export type { Endpoint } from './messenger/endpoints.ts'
export type { EndpointTarget } from './messenger/endpoint-target.ts'
export type { EndpointHandlers } from './messenger/endpoint-life.ts'
export type { EndpointSession } from './messenger/endpoint-session.ts'
export type { Peer } from './messenger/peer.ts'
export type { Dispatcher } from './messenger/dispatcher.ts'
export type { TypedHandler } from './messenger/typed-handlers.ts'
export type { HandlerContext } from './messenger/handler-context.ts'
export type { Remover } from './messenger/remover.ts'
export type { MessengerEvent } from './messenger/events.ts'
export type { Service, ServiceSession } from './messenger/service.ts'
export type { Adoption, ServiceMessage, ServiceWorld, Verdict } from './wire/service.ts'
export type { MessageInit } from './messenger/message-init.ts'
export { defineMessage } from './messenger/typed-message.ts'
export type { Codec, MessageDefinition, MessageType, TypedExtras } from './messenger/typed-message.ts'
export type { ConnectionCounters, ConnectionDump, LaneDump, LinkDump, MessengerDump } from './messenger/dump.ts'
export type { StampStore } from './messenger/stamps.ts'
export { Stamp } from './wire/stamp.ts'
export type { Clock, Random, Runtime } from './messenger/runtime.ts'
export type { StateName } from './session/machine.ts'
export { PRIORITY } from './wire/message.ts'
export type { InboundMessage as Message, OutboundMessage } from './wire/message.ts'
export type { Outcome } from './wire/outcome.ts'
export type { AuthAcceptor, AuthAnswer, AuthDialler, AuthMethod, Transcript } from './wire/auth-method.ts'
export { AuthRefused } from './wire/auth-method.ts'
export type {
  AddressNotation,
  BatchHeader,
  Wire,
  WireCapabilities,
  WireContext,
  WireLimits,
  WireProtocol,
  WireSink,
} from './wire/wire.ts'
export type { Arbitrate, Existing, Incoming, Verdict as LinkVerdict } from './wire/arriving-link.ts'
export type { Ballot, Grant, Identity, Marks, Resumable, SessionAnswer, SessionOffer } from './wire/terms.ts'
export type { OutBuffer } from './wire/out-buffer.ts'
export type { Deque } from './common/deque.ts'
export { native } from './wire/native/native.ts'
export { none } from './auth/none.ts'
export { sharedSecret } from './auth/shared-secret.ts'
export type { SharedSecretOptions } from './auth/shared-secret-options.ts'
export { lossy } from './policies/lossy.ts'
export { losslessClient } from './policies/lossless-client.ts'
export { losslessServer } from './policies/lossless-server.ts'
export { peer } from './policies/peer.ts'
export type { Budget, Policy, PolicyKind, PolicyOptions } from './policies/policy.ts'
export type { PolicyMap } from './policies/policy-set.ts'
export { LIMITS } from './policies/limits.ts'
export type { MessengerLimits } from './policies/limits.ts'
export { tcp } from './transports/tcp.ts'
export type { TcpOptions } from './transports/tcp.ts'
export { tls } from './transports/tls.ts'
export type { TlsTransport } from './transports/tls.ts'
export type { Pem, TlsCertificates, TlsOptions } from './transports/tls-options.ts'
export type { SpeaksFor } from './transports/tls-identity.ts'
export { worker } from './transports/worker.ts'
export type { WorkerOptions } from './transports/worker.ts'
export { workerHub } from './transports/worker-hub.ts'
export type { WorkerHub } from './transports/worker-hub.ts'
export { socketGate } from './threads/socket-gate.ts'
export type { SocketGate, SocketGateOptions } from './threads/socket-gate.ts'
export { sharedMemory } from './transports/shared/shared-memory.ts'
export type { SharedMemoryOptions } from './transports/shared/shared-memory.ts'
export { unix } from './transports/unix.ts'
export type { UnixOptions } from './transports/unix-options.ts'
export { memory } from './transports/memory.ts'
export type { MemoryOptions } from './transports/memory.ts'
export type {
  Address,
  Link,
  LinkCapabilities,
  LinkClosed,
  LinkEnd,
  LinkHandlers,
  LinkPeer,
  ListenOptions,
  Listener,
  Transport,
} from './transports/transport.ts'
export { ERROR_CODES, InkwireError } from './common/errors.ts'
export type { InkwireErrorCode } from './common/errors.ts'
