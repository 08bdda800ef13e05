/**
 * What the shell takes from Node, for a page: the simulator brings clock, chance and network itself, so little is ever called.
 *
 * The pure rooms import none of it. What only real sockets and files need is there by name and throws when it is used.
 */
import protobuf from 'protobufjs/minimal.js'

export class AsyncResource {
  runInAsyncScope<Self, Rest extends unknown[], Answer>(
    call: (this: Self, ...rest: Rest) => Answer,
    self: Self,
    ...rest: Rest
  ): Answer {
    return call.apply(self, rest)
  }
}

/** A page has one context. */
export class AsyncLocalStorage {
  getStore(): undefined {
    return undefined
  }

  run<Answer>(_store: unknown, call: () => Answer): Answer {
    return call()
  }
}

export const performance = globalThis.performance

/** Only compares two runs of a page: FNV-1a, not SHA-256. */
export function createHash(): { update(text: string): unknown; copy(): unknown; digest(): string } {
  let hash = 0x811c9dc5
  const self = {
    update(text: string) {
      for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
      return self
    },
    copy: () => self,
    digest: () => (hash >>> 0).toString(16),
  }
  return self
}

export function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count))
}

export const isIPv4 = (text: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(text)
export const isIPv6 = (text: string): boolean => /^[0-9a-f:.]+$/i.test(text) && text.split(':').length > 2

const channel = new MessageChannel()
const waiting: (() => void)[] = []
channel.port1.onmessage = () => waiting.shift()?.()

/** A turn of the loop that is not held up, as a timer of a page would be. */
export function setImmediate(call: () => void): void {
  waiting.push(call)
  channel.port2.postMessage(null)
}

export const clearImmediate = (): void => undefined
export const setTimeout = globalThis.setTimeout.bind(globalThis)
export const clearTimeout = globalThis.clearTimeout.bind(globalThis)

export const process = {
  platform: 'browser',
  env: {},
  nextTick: (call: () => void): void => queueMicrotask(call),
  emitWarning: (text: string): void => console.warn(text),
  getBuiltinModule: (name: string): object => modules[name] ?? absent(name),
}
export default process

/** What the sources load late is in the page from the start. */
const modules: Readonly<Record<string, object>> = {
  'node:module': { createRequire: () => (name: string) => (name === 'protobufjs/minimal' ? protobuf : absent(name)) },
  'node:net': { isIPv4, isIPv6 },
  'node:crypto': { createHash, randomBytes },
  'node:worker_threads': { markAsUntransferable: () => undefined },
}

function absent(name: string): never {
  throw new Error(`a page has no ${name}`)
}

/** As much of it as the shell uses on its way to a wire. */
export const Buffer = {
  from: (value: string | Iterable<number>): Uint8Array => {
    const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : Uint8Array.from(value)
    const toHex = (): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    return Object.defineProperty(bytes, 'toString', { value: toHex })
  },
  allocUnsafeSlow: (count: number): Uint8Array => new Uint8Array(count),
}
