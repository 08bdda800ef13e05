/** The options of a messenger, checked once at the edge: what is wrong throws here, with a sentence that helps. */
import { none } from '../auth/none.ts'
import { InkwireError } from '../common/errors.ts'
import { losslessClient } from '../policies/lossless-client.ts'
import { losslessServer } from '../policies/lossless-server.ts'
import { lossy } from '../policies/lossy.ts'
import { peer } from '../policies/peer.ts'
import { resolveLimits } from '../policies/limits.ts'
import type { MessengerLimits } from '../policies/limits.ts'
import { badOption, booleanOption, describe, methodsOption, optionObject } from '../common/options.ts'
import type { Overrides } from '../common/options.ts'
import { signalOf } from '../common/signal-option.ts'
import { PolicySet } from '../policies/policy-set.ts'
import type { PolicyMap } from '../policies/policy-set.ts'
import { isPolicy } from '../policies/policy.ts'
import type { Policy, PolicyKind } from '../policies/policy.ts'
import { memory } from '../transports/memory.ts'
import { tcp } from '../transports/tcp.ts'
import type { Transport } from '../transports/transport.ts'
import { isVouched } from '../transports/vouched.ts'
import type { AuthMethod } from '../wire/auth-method.ts'
import { native } from '../wire/native/native.ts'
import type { WireProtocol } from '../wire/wire.ts'
import { runtimeOption } from './foreign-runtime.ts'
import { guardTransport } from './foreign-transport.ts'
import { redialRule } from './redials.ts'
import type { Redial, RedialTarget } from './redials.ts'
import { checkStampStore } from './stamps.ts'
import type { StampStore } from './stamps.ts'
import type { Clock, Runtime } from './runtime.ts'

/** What `new Messenger()` takes. */
export interface MessengerOptions {
  /** The entity name: `type.id`, such as `osd.3` or `client.admin`. `client.?` may be many at once. */
  readonly name: string
  /**
   * What a lost link means, by the type of the peer; `default` for all others. It may be left out with a `wire` that knows
   * what its peers expect, as Ceph's does; what is given replaces all of that.
   */
  readonly policies?: PolicyMap | undefined
  /** Default: `tcp()` and `memory()`. */
  readonly transports?: readonly Transport[] | undefined
  /** Default: `none()`. Both ends must use the same method. */
  readonly auth?: AuthMethod | undefined
  /** Default: `native()`. Both ends must use the same protocol. */
  readonly wire?: WireProtocol | undefined
  /** Overrides of the limits in docs/LIMITS.md. Default: those. */
  readonly limits?: Overrides<MessengerLimits> | undefined
  /**
   * Which of the addresses that peers tell may be dialled, to find a peer again whose link was lost. Default: only those on the
   * host that its link came from. Networks such as `['10.0.0.0/8']` are allowed besides; a function decides alone. What
   * `connect()` is given needs no leave.
   */
  readonly redial?: Redial | undefined
  /**
   * By what sessions had best go, best first: schemes such as `['unix', 'tcp']`, or transports. Wherever a peer says that it is
   * (and `redial` allows it), the side that dials goes to the best path that works, keeps one more ready, and goes over to that
   * at once when the first is lost. Only for `losslessClient()` and `peer()`. Default: a session stays where it is dialled.
   */
  readonly paths?: readonly (string | { readonly scheme: string })[] | undefined
  /**
   * Where the bound of stamps is kept, so that a process that starts again never stamps anything below what the last one
   * did, also with its clock set back. Default: nowhere, and stamps begin with the wall clock.
   */
  readonly stamps?: StampStore | undefined
  /** Time, chance, and who is warned; replace them to simulate. Default: Node's. */
  readonly runtime?: Overrides<Runtime> | undefined
}

/** Options of `connect()`. */
export interface ConnectOptions {
  /**
   * The peer's type, such as `osd`: it chooses the policy, and the peer must have it. Left out: that of `name`, or
   * `policies.default`, and any peer.
   */
  readonly type?: string | undefined
  /**
   * The peer's whole name, such as `osd.3`: another one is refused. Whoever is asked for by name is the same peer, and so the
   * same Connection, at every address; a new address is tried when the old one has no link. Left out: whoever is there.
   */
  readonly name?: string | undefined
  /**
   * Other addresses of the same peer: a link to one of them is kept ready, and takes the session over at once when its own is
   * lost. Of schemes in the messenger's `paths` the best one carries it. Default: none.
   */
  readonly paths?: readonly string[] | undefined
  /**
   * Overrides the policy of the peer's type for this connection; one that is shared must have the same. Default: that
   * of `policies`.
   */
  readonly policy?: Policy | undefined
  /** True: a connection of its own, besides the one that others share (Ceph's anonymous connection). Default false. */
  readonly anonymous?: boolean | undefined
}

/** Options of `bind()`. */
export interface BindOptions {
  /**
   * The address that peers are told, when they cannot reach the bound one (a wildcard, a translated address). Port 0
   * means the bound port. Default: the bound address.
   */
  readonly advertise?: string | undefined
  /** Ends the wait with `INK_ABORTED`, and nothing is bound. Default: nothing does. */
  readonly signal?: AbortSignal | undefined
}

/** Checked and complete. */
export interface ResolvedOptions {
  readonly name: string
  readonly type: string
  readonly policies: PolicySet
  readonly transports: ReadonlyMap<string, Transport>
  readonly auth: AuthMethod
  readonly wire: WireProtocol
  readonly limits: MessengerLimits
  readonly redial: (target: RedialTarget) => boolean
  readonly paths: readonly string[] | null
  readonly stamps: StampStore | undefined
  readonly runtime: Runtime
}

const OPTION_NAMES = [
  'name',
  'policies',
  'transports',
  'auth',
  'wire',
  'limits',
  'redial',
  'paths',
  'stamps',
  'runtime',
] as const
const NAME = /^([a-z][a-z0-9_-]{0,31})\.([A-Za-z0-9_.?-]{1,64})$/

/** Throws `INK_BAD_OPTION` or `INK_UNKNOWN_POLICY`. */
export function resolveOptions(options: MessengerOptions): ResolvedOptions {
  if ((options as unknown) === undefined)
    throw new InkwireError(
      'INK_BAD_OPTION',
      "new Messenger() takes at least { name: 'osd.0', policies: { default: … } }",
    )
  optionObject('new Messenger()', options, OPTION_NAMES)
  const match = NAME.exec(typeof options.name === 'string' ? options.name : '')
  if (match === null) {
    throw new InkwireError(
      'INK_BAD_OPTION',
      `name must be an entity name such as "osd.3" or "client.admin", not ${describe(options.name)}`,
    )
  }
  const type = match[1] as string
  const runtime = runtimeOption('new Messenger()', options.runtime, options.name)
  const wire = methodsOption('wire', options.wire ?? native(), ['dialler', 'acceptor'], 'native()')
  if (options.auth !== undefined && wire.ownAuth !== undefined)
    throw badOption(`auth does nothing with wire: ${wire.name}(): ${wire.ownAuth}`)
  return {
    name: options.name,
    type,
    policies: new PolicySet(options.policies === undefined ? proposed(wire, type) : options.policies),
    transports: transportMap(options.transports ?? [tcp(), memory()], runtime.clock),
    auth: methodsOption('auth', options.auth ?? none(), ['dialler', 'acceptor'], 'none() or sharedSecret()'),
    wire,
    limits: resolveLimits(options.limits),
    redial: redialRule(options.redial),
    paths: pathSchemes(options.paths),
    stamps: checkStampStore(options.stamps),
    runtime,
  }
}

/** Of transports the schemes. Throws `INK_BAD_OPTION`. */
function pathSchemes(paths: MessengerOptions['paths']): readonly string[] | null {
  if (paths === undefined) return null
  const schemes = Array.isArray(paths)
    ? paths.map((one: unknown) => (typeof one === 'string' ? one : (one as { scheme?: unknown } | null)?.scheme))
    : [undefined]
  const wrong = schemes.find((one) => typeof one !== 'string' || !/^[a-z][a-z0-9+.-]*$/.test(one))
  if (schemes.length > 0 && wrong === undefined && !schemes.includes(undefined)) return schemes as string[]
  const text = `paths must be schemes or transports, best first, such as ['unix', 'tcp'], not ${describe(paths)}`
  throw new InkwireError('INK_BAD_OPTION', text)
}

const FACTORIES: Readonly<Record<PolicyKind, () => Policy>> = { lossy, losslessClient, losslessServer, peer }

/** What the protocol's peers expect, with all options at their defaults. */
function proposed(wire: WireProtocol, type: string): PolicyMap {
  const kinds = wire.policies?.(type)
  if (kinds === undefined) {
    throw new InkwireError(
      'INK_BAD_OPTION',
      "new Messenger() needs policies, as in { name: 'osd.0', policies: { default: lossy() } }: " +
        'what a lost link means is never an accident',
    )
  }
  return Object.fromEntries(Object.entries(kinds).map(([peerType, kind]) => [peerType, FACTORIES[kind]()]))
}

function transportMap(transports: readonly Transport[], clock: Clock): ReadonlyMap<string, Transport> {
  if (!Array.isArray(transports) || transports.length === 0) {
    throw new InkwireError('INK_BAD_OPTION', 'transports must be an array such as [tcp()], with at least one')
  }
  const map = new Map<string, Transport>()
  for (const transport of transports as readonly Transport[]) {
    if (typeof transport?.dial !== 'function' || typeof transport.listen !== 'function') {
      throw new InkwireError(
        'INK_BAD_OPTION',
        `transports must hold transports such as tcp(), not ${describe(transport)}; did you forget to call it?`,
      )
    }
    const guarded = isVouched(transport) ? transport : guardTransport(transport, (run) => clock.later(run))
    map.set(transport.scheme, guarded)
  }
  return map
}

/** Throws when the options of `bind()` make no sense. */
export function checkBindOptions(options: BindOptions): void {
  optionObject('bind()', options, ['advertise', 'signal'])
  signalOf('bind()', options, ['advertise', 'signal'])
}

/** Throws when the options of `connect()` make no sense. */
export function checkConnectOptions(options: ConnectOptions): void {
  optionObject('connect()', options, ['type', 'name', 'policy', 'anonymous', 'paths'])
  if (options.policy !== undefined && !isPolicy(options.policy)) {
    throw new InkwireError(
      'INK_UNKNOWN_POLICY',
      `connect(): policy must come from lossy(), losslessClient() or peer(), not ${describe(options.policy)}`,
    )
  }
  booleanOption('connect(): anonymous', options.anonymous, false)
  for (const key of ['type', 'name'] as const) {
    const value = options[key]
    if (value !== undefined && typeof value !== 'string')
      throw new InkwireError('INK_BAD_OPTION', `connect(): ${key} must be a string, not ${describe(value)}`)
  }
  const { type, name, paths } = options
  if (paths !== undefined && !(Array.isArray(paths) && paths.every((one) => typeof one === 'string')))
    throw new InkwireError('INK_BAD_OPTION', `connect(): paths must be addresses, not ${describe(paths)}`)
  if (type !== undefined && name !== undefined && !name.startsWith(`${type}.`)) {
    const text = `connect(): ${name} is not of type ${type}: leave the type out, or correct one of them`
    throw new InkwireError('INK_BAD_OPTION', text)
  }
}
