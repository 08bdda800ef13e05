/** What clients ask of a replica, and replicas of each other. JSON, because it is an example; any codec does. */
import { defineCall } from 'inkwire'

/** A register per key; null: never written. */
export type Value = string | null

export type Command =
  | { readonly kind: 'get'; readonly key: string }
  | { readonly kind: 'put'; readonly key: string; readonly value: string }

/** A command on its way through the group, with a number by which its replica knows it again. */
export interface Entry {
  readonly id: number
  readonly command: Command
}

export function json<T>(): { encode(body: T): Uint8Array; decode(bytes: Uint8Array): T } {
  return {
    encode: (body) => new TextEncoder().encode(JSON.stringify(body)),
    decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as T,
  }
}

/** Answers the value of the key behind the command. */
export const Execute = defineCall({
  type: 1,
  name: 'Execute',
  request: json<Command>(),
  reply: json<{ value: Value }>(),
})
