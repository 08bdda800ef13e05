/**
 * cephx as a client: of a monitor, which knows our key and gives tickets, and of daemons, which are shown tickets.
 *
 *   monitor  request: our name → a challenge → proof that we know our key → session key, tickets, connection secret
 *   daemon   an authorizer; see authorizer.ts
 *
 * A monitor shows other monitors and daemons tickets of its own making. Keys stay in here: no error shows one.
 */
import { AuthRefused } from '../../wire/auth-method.ts'
import type { CephAuthClient } from '../msgr2/auth.ts'
import { Reader, Writer } from '../msgr2/codec.ts'
import { CONNECTION_SECRET_BYTES_MIN, type LinkSecrets } from '../msgr2/crypto.ts'
import { AUTH_METHOD, CON_MODE, ENTITY_MON, entityType, type ConMode } from '../msgr2/format.ts'
import { REQUEST, SERVICES, type Authority } from './authority.ts'
import { Authorizer, type Showable } from './authorizer.ts'
import { writeEntityName } from './entity-name.ts'
import { decrypt, USAGE, type Key } from './key.ts'
import { proofOf, type RandomBytes } from './proof.ts'
import { SERVICE_AUTH, writeTicketBlob, type Ticket, type Tickets } from './tickets.ts'

export const MODE_MON = 10

/** What the clients of one messenger share. */
export interface CephxIdentity {
  /** Entity name, such as `client.admin`. */
  readonly name: string
  readonly secret: Key
  readonly tickets: Tickets
  /** Of a monitor, which needs nobody's tickets. */
  readonly authority: Authority | null
  /** Modes to offer to a peer of this type, the preferred one first. */
  modes(peerBit: number): readonly ConMode[]
  /** A daemon refused our ticket: another one is due. */
  refused(): void
}

/** What a renewal over the session must know: the monitor's challenge stays that of the handshake. */
export interface MonitorNote {
  readonly kind: 'monitor'
  readonly challenge: bigint
}

/** One handshake's half. */
export function cephxClient(identity: CephxIdentity, randomBytes: RandomBytes): CephAuthClient {
  let steps: Steps | null = null
  let asked = 0
  const begun = (): Steps => {
    if (steps === null) throw new AuthRefused('the peer answers what was not asked')
    return steps
  }
  return {
    request(peerBit, canSeal) {
      const modes = identity.modes(peerBit).filter((mode) => canSeal || mode !== CON_MODE.SECURE)
      if (modes.length === 0) throw new AuthRefused('only secure mode is allowed here, and the peer speaks msgr2.0')
      const logsIn = peerBit === ENTITY_MON && identity.authority === null
      const [payload, next] = logsIn ? toMonitor(identity, randomBytes) : toDaemon(identity, peerBit, randomBytes)
      steps = next
      asked = peerBit
      return { method: AUTH_METHOD.CEPHX, modes, payload }
    },
    more: (payload) => begun().more(payload),
    done: (globalId, mode, payload) => begun().done(globalId, mode, payload),
    proved: () => begun().proved?.(),
    refused() {
      if (asked === ENTITY_MON || identity.authority !== null) return
      // The daemon's key may have been changed since the monitor made our ticket.
      identity.tickets.doubt(asked)
      identity.refused()
    },
    get note() {
      return steps?.note?.() ?? null
    },
  }
}

interface Steps extends Pick<CephAuthClient, 'more' | 'done'> {
  proved?(): void
  note?(): MonitorNote
}

function toMonitor({ name, secret, tickets }: CephxIdentity, randomBytes: RandomBytes): [Uint8Array, Steps] {
  const writer = new Writer().u8(MODE_MON)
  writeEntityName(writer, name)
  const old = tickets.get(SERVICE_AUTH)
  writer.u64(old === null ? 0n : (tickets.globalId ?? 0n))
  let challenge = 0n
  let keep: (() => void) | null = null
  const steps: Steps = {
    more(payload) {
      const reader = new Reader(payload)
      reader.u8()
      challenge = reader.u64()
      return logIn({ secret, tickets }, challenge, SERVICES, randomBytes)
    },
    done(globalId, mode, payload) {
      const { given, sessionKey, connectionSecret } = loggedIn({ name, secret, tickets }, new Reader(payload))
      keep = () => {
        tickets.keep(given)
        tickets.globalId = globalId
      }
      return secretsOf(mode, sessionKey, connectionSecret)
    },
    proved: () => keep?.(),
    note: () => ({ kind: 'monitor', challenge }),
  }
  return [writer.done(), steps]
}

/** GET_AUTH_SESSION_KEY: the proof, the ticket that is renewed, and what else is wanted. */
export function logIn(
  { secret, tickets }: Pick<CephxIdentity, 'secret' | 'tickets'>,
  challenge: bigint,
  services: readonly number[],
  randomBytes: RandomBytes,
): Uint8Array {
  const own = new Reader(randomBytes(8)).u64()
  const writer = new Writer()
    .u16(REQUEST.AUTH_SESSION_KEY)
    .u8(3)
    .u64(own)
    .u64(proofOf(secret, challenge, own))
  // With the old ticket a monitor lets us keep our number.
  writeTicketBlob(writer, tickets.get(SERVICE_AUTH))
  return writer.u32(bitsOf(services)).done()
}

/** Services as a set of bits. */
export function bitsOf(services: readonly number[]): number {
  return services.reduce((bits, service) => bits | service, 0)
}

/** What a monitor answered to it. */
export interface LoggedIn {
  readonly given: ReadonlyMap<number, Ticket>
  readonly sessionKey: Key
  /** Of a handshake. */
  readonly connectionSecret: Uint8Array | null
}

/** Reads the answer to it. */
export function loggedIn(
  { name, secret, tickets }: Pick<CephxIdentity, 'name' | 'secret' | 'tickets'>,
  reader: Reader,
): LoggedIn {
  readHead(reader, REQUEST.AUTH_SESSION_KEY, name)
  const own = tickets.read(reader, secret)
  const sessionKey = own.get(SERVICE_AUTH)?.sessionKey
  if (sessionKey === undefined) throw new AuthRefused('the monitor gave no session key')
  const connectionSecret = readSecret(new Reader(reader.blob()), sessionKey)
  const extra = new Reader(reader.blob())
  const others = extra.left > 0 ? tickets.read(extra, sessionKey) : []
  return { given: new Map([...own, ...others]), sessionKey, connectionSecret }
}

/** The head of every answer. */
export function readHead(reader: Reader, expected: number, name: string): void {
  const type = reader.u16()
  const status = reader.i32()
  if (status !== 0) throw new AuthRefused(`the monitor refuses ${name}: error ${status}`)
  if (type !== expected) throw new AuthRefused(`the monitor answers request ${expected} with ${type}`)
}

export function sessionKeyOf(tickets: Tickets): Key {
  const ticket = tickets.get(SERVICE_AUTH)
  if (ticket === null) throw new AuthRefused('the monitor gave no session key, or one that has ended already')
  return ticket.sessionKey
}

function readSecret(reader: Reader, key: Key): Uint8Array | null {
  if (reader.left === 0) return null
  const secret = new Uint8Array(decrypt(key, USAGE.CONNECTION_SECRET, reader.blob(), 'the connection secret').blob())
  return secret.length === 0 ? null : secret
}

function toDaemon(identity: CephxIdentity, peerBit: number, randomBytes: RandomBytes): [Uint8Array, Steps] {
  const { authority, tickets } = identity
  const ticket: Showable | null = authority === null ? tickets.get(peerBit) : authority.ownTicket(peerBit)
  if (ticket === null) {
    const type = entityType(peerBit) ?? 'this service'
    throw new AuthRefused(`there is no ticket for ${type} yet: connect to a monitor, which gives one`)
  }
  const globalId = authority === null ? (tickets.globalId ?? 0n) : 0n
  const authorizer = new Authorizer(globalId, peerBit, ticket, new Reader(randomBytes(8)).u64())
  const steps: Steps = {
    more: (challenge) => authorizer.answer(challenge),
    done: (_globalId, mode, payload) => secretsOf(mode, ticket.sessionKey, authorizer.done(payload)),
  }
  return [authorizer.request(), steps]
}

export function secretsOf(mode: number, sessionKey: Key, connectionSecret: Uint8Array | null): LinkSecrets {
  if (mode !== CON_MODE.CRC && mode !== CON_MODE.SECURE) throw new AuthRefused(`a mode that is not known: ${mode}`)
  if (mode === CON_MODE.SECURE && (connectionSecret?.length ?? 0) < CONNECTION_SECRET_BYTES_MIN) {
    throw new AuthRefused('secure mode without a connection secret')
  }
  return { mode, sessionKey: sessionKey.secret, connectionSecret }
}
