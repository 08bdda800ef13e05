/**
 * The memory transport: `memory://name` within one process, for tests and for services that share one.
 *
 * There is no global registry: messengers see each other when they share one transport object (`const hub = memory()`).
 * Everything that one side does reaches the other in a later turn, in order, through `defer`. By default that is
 * setImmediate: with microtasks two messengers that answer each other would keep timers and sockets from ever running.
 */
import { InkwireError } from '../common/errors.ts'
import { badOption, numberOption, optionObject, whole } from '../common/options.ts'
import { badAddress, formatAddress } from './address.ts'
import { clearTimer, nextTurn, setTimer } from './host.ts'
import { connectMemory, type MemorySettings } from './memory-link.ts'
import type { Address, Link, Listener, ListenOptions, Transport } from './transport.ts'
import { vouchFor } from './vouched.ts'

/** Options of {@link memory}. */
export interface MemoryOptions {
  /** `write` answers false above this, 1 or more; `writable` comes at half of it. Default 1 MiB. */
  readonly highWaterBytes?: number | undefined
  /** How long `close` waits for a paused peer to take the rest, in ms, 1 or more; then it resets. Default 5,000. */
  readonly closeTimeoutMs?: number | undefined
  /** Runs the function later, never inside the call, in the order of the calls. Default setImmediate. */
  readonly defer?: ((run: () => void) => void) | undefined
  /** Runs the function after a time and returns what cancels it. Default setTimeout; give it together with `defer`. */
  readonly timer?: ((run: () => void, ms: number) => () => void) | undefined
}

const MAX = 2 ** 31 - 1

type OnLink = (link: Link) => void

/** A hub of its own: dials reach only what listens on the same object. Throws `INK_BAD_OPTION`. */
export function memory(options?: MemoryOptions): Transport {
  const settings = resolve(options)
  const listeners = new Map<string, OnLink>()
  const transport: Transport = {
    scheme: 'memory',
    parse,
    listen: (address, onLink, listenOptions) => listen(listeners, parse(address), onLink, listenOptions),
    dial: (address) => {
      const { host } = parse(address)
      return connectMemory(settings, formatAddress(address), () => listeners.get(host))
    },
  }
  // Functions of the caller's may throw.
  return options?.defer === undefined && options?.timer === undefined ? vouchFor(transport) : transport
}

function resolve(options: MemoryOptions | undefined): MemorySettings {
  optionObject('memory()', options, ['highWaterBytes', 'closeTimeoutMs', 'defer', 'timer'])
  return Object.freeze({
    highWaterBytes: numberOption('highWaterBytes', options?.highWaterBytes, whole(1, MAX), 1024 * 1024),
    closeTimeoutMs: numberOption('closeTimeoutMs', options?.closeTimeoutMs, whole(1, MAX), 5000),
    defer: callable('defer', options?.defer) ?? ((run: () => void) => void nextTurn(run)),
    timer: callable('timer', options?.timer) ?? systemTimer,
  })
}

function callable<T>(name: string, value: T): T {
  if (value === undefined || typeof value === 'function') return value
  throw badOption(`${name} is a function.`)
}

function systemTimer(run: () => void, ms: number): () => void {
  const timer = setTimer(run, ms)
  return () => clearTimer(timer)
}

function parse(address: Address): Address {
  const { scheme, host, port } = address
  if (scheme !== 'memory') throw badAddress(`The memory transport serves memory://name, not ${scheme}://.`)
  if (port === 0 && /^[a-z0-9._~-]{1,32}$/i.test(host)) return { scheme, host, port }
  throw badAddress(
    `'${host}' is no name for memory://name; write 1 to 32 letters, digits, dots or dashes, and no port.`,
  )
}

async function listen(
  listeners: Map<string, OnLink>,
  address: Address,
  onLink: OnLink,
  options?: ListenOptions,
): Promise<Listener> {
  const where = formatAddress(address)
  const signal = options?.signal
  if (signal?.aborted) {
    throw new InkwireError('INK_ABORTED', `Listening on ${where} was aborted before it began.`, {
      cause: signal.reason,
    })
  }
  if (listeners.has(address.host)) {
    throw new InkwireError('INK_ADDRESS_IN_USE', `${where} is taken; choose another name, or close its listener.`)
  }
  listeners.set(address.host, onLink)
  let listening = true
  return {
    address,
    close: async () => {
      // A second close() must not take the name from whoever listens there by now.
      if (listening) listeners.delete(address.host)
      listening = false
    },
  }
}
