/** Both halves of cephx in one room, without a wire: handshakes, and the notes that they leave to services. */
import { CephxAuth, type CephxOptions } from '../../../../src/ceph/cephx/cephx-auth.ts'
import { parseKeyring, type Keys } from '../../../../src/ceph/cephx/keyring.ts'
import { seededRandom } from '../../../../src/testing/index.ts'
import type { ServedSession, ServiceMessage, ServiceWorld } from '../../../../src/wire/service.ts'
import type { CephAuthClient, CephAuthServer, ServerStep } from '../../../../src/ceph/msgr2/auth.ts'
import type { LinkSecrets } from '../../../../src/ceph/msgr2/crypto.ts'
import { entityBit } from '../../../../src/ceph/msgr2/format.ts'
import { KEYS } from '../../../support/ceph/simulated-cluster.ts'

const random = seededRandom('handshakes')
export const randomBytes = (count: number): Uint8Array => random.bytes(count)

export function keysOf(...names: readonly string[]): Keys {
  const chosen = names.length === 0 ? Object.keys(KEYS) : names
  return parseKeyring(chosen.map((name) => `[${name}]\nkey = ${KEYS[name] ?? ''}\n`).join(''), 'a test')
}

export function auth(options: Partial<CephxOptions> = {}): CephxAuth {
  const defaults = {
    keys: keysOf(),
    ownKey: null,
    modes: null,
    authTicketMs: 72 * 3_600_000,
    serviceTicketMs: 3_600_000,
  }
  return new CephxAuth({ ...defaults, ...options })
}

/** The world of a service that stands still. */
export function still(name: string, change: Partial<ServiceWorld> = {}): ServiceWorld {
  return {
    name,
    nowMs: () => 1000,
    wallMs: () => 1_767_225_600_000,
    setTimer: () => null,
    clearTimer: () => undefined,
    randomBytes,
    failed: () => undefined,
    ...change,
  }
}

export interface Ends {
  readonly client: { readonly half: CephAuthClient; readonly secrets: LinkSecrets }
  readonly server: Extract<ServerStep, { kind: 'done' }>
}

/** A whole handshake; the step that refuses, when one does. Throws what the client throws. */
export function shake(
  [clientName, client]: readonly [string, CephxAuth],
  [serverName, server]: readonly [string, CephxAuth],
): Ends | Extract<ServerStep, { kind: 'bad' }> {
  const [self, peer] = [clientName, serverName].map((name) => entityBit(name.split('.')[0] ?? '')) as [number, number]
  const half = client.client(clientName, randomBytes)
  const other: CephAuthServer = server.server(serverName, randomBytes)
  let step = other.request(half.request(peer, true), self, true)
  while (step.kind === 'more') step = other.more(half.more(step.payload))
  if (step.kind === 'bad') return step
  const secrets = half.done(step.globalId, step.secrets.mode, step.payload)
  half.proved()
  return { client: { half, secrets }, server: step }
}

/** A message that a service says. */
export type Said = ServiceMessage & { readonly front: Uint8Array }

/** A session of a protocol without marks: `say` gets what a service says on it. */
export function served(say: (message: Said) => void): ServedSession {
  const all = (_words: Uint8Array, message?: ServiceMessage): true => {
    say(message as Said)
    return true
  }
  return { marks: false, control: all, send: all }
}
