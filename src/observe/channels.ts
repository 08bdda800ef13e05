/**
 * Everything that happens, on channels of `node:diagnostics_channel`: for tools that attach without knowing the messenger.
 *
 * One channel for each event of a messenger, named after its type, and two more. Publishing to a channel that nobody subscribed to
 * costs a comparison.
 */
import { channel, type Channel } from 'node:diagnostics_channel'
import type { Connection, Messenger, MessengerEvent } from '../index.ts'
import type { EndedCall } from './calls.ts'

const EVENTS = {
  connect: true,
  accept: true,
  resume: true,
  fault: true,
  inlineBlocked: true,
  waitCycle: true,
  reset: true,
  remoteReset: true,
  refused: true,
  closed: true,
  linkRefused: true,
  pathSwitched: true,
  pathFailed: true,
  undeliverable: true,
  failed: true,
  dispatchError: true,
  subscriberError: true,
  unhandled: true,
  expired: true,
  authFailed: true,
  stampsUnsaved: true,
  slowDisconnect: true,
  clockSkew: true,
} as const satisfies Record<MessengerEvent['type'], true>

/** Every channel; docs/OBSERVE.md has what each carries. */
export const CHANNELS: readonly string[] = [...Object.keys(EVENTS), 'state', 'call'].map((name) => `inkwire:${name}`)

/** What `inkwire:state` carries. */
export interface StateChange {
  readonly messenger: Messenger
  readonly connection: Connection
  readonly state: string
}

const channels = new Map<string, Channel>(CHANNELS.map((name) => [name, channel(name)]))

export function publishEvent(messenger: Messenger, event: MessengerEvent): void {
  publish(event.type, () => ({ messenger, ...event }))
}

export function publishState(change: StateChange): void {
  publish('state', () => change)
}

export function publishCall(messenger: Messenger, ended: EndedCall): void {
  publish('call', () => ({ messenger, ...ended }))
}

function publish(name: string, message: () => object): void {
  const found = channels.get(`inkwire:${name}`)
  if (found?.hasSubscribers === true) found.publish(message())
}
