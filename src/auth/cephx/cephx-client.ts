/**
 * cephx as a client: of a monitor, which knows our key and gives tickets, and of daemons, which are shown tickets.
 *
 *   monitor  request: our name → a challenge → proof that we know our key → session key, tickets, connection secret
 *   daemon   request: an authorizer (ticket, sealed nonce) → a sealed challenge → the authorizer again with the
 *            challenge + 1 → nonce + 1 and the connection secret, sealed: only the daemon could open the ticket
 *
 * Keys stay in here: no error shows one.
 */
import { AuthRefused } from '../../wire/auth-method.ts'
import { AuthPostponed, type CephAuthClient } from '../../wire/msgr2/auth.ts'
import { Reader, Writer } from '../../wire/msgr2/codec.ts'
import { CONNECTION_SECRET_BYTES_MIN, type LinkSecrets } from '../../wire/msgr2/crypto.ts'
import { AUTH_METHOD, CON_MODE, ENTITY_MON, entityBit, entityType, type ConMode } from '../../wire/msgr2/format.ts'
import { decrypt, encrypt } from './node-crypto.ts'
import { SERVICE_AUTH, writeTicketBlob, type Ticket, type Tickets } from './tickets.ts'

export const MODE_AUTHORIZER = 1
export const MODE_MON = 10
const GET_AUTH_SESSION_KEY = 0x0100
/** Tickets that are asked for beside the monitors' own: mon, mds, osd, mgr. */
const WANTED_SERVICES = 1 | 2 | 4 | 16 | SERVICE_AUTH

export type RandomBytes = (count: number) => Uint8Array

/** What the clients of one messenger share. */
export interface CephxIdentity {
  /** Entity name, such as `client.admin`. */
  readonly name: string
  readonly secret: Uint8Array
  readonly tickets: Tickets
  /** Modes to offer to a peer of this type, the preferred one first. */
  modes(peerBit: number): readonly ConMode[]
}

/** One handshake's half. */
export function cephxClient(identity: CephxIdentity, randomBytes: RandomBytes): CephAuthClient {
  let steps: Pick<CephAuthClient, 'more' | 'done'> | null = null
  let asked = 0
  const begun = (): Pick<CephAuthClient, 'more' | 'done'> => {
    if (steps === null) throw new AuthRefused('the peer answers what was not asked')
    return steps
  }
  return {
    request(peerBit, canSeal) {
      const modes = identity.modes(peerBit).filter((mode) => canSeal || mode !== CON_MODE.SECURE)
      if (modes.length === 0) throw new AuthRefused('only secure mode is allowed here, and the peer speaks msgr2.0')
      const [payload, next] =
        peerBit === ENTITY_MON ? toMonitor(identity, randomBytes) : toDaemon(identity, peerBit, randomBytes)
      steps = next
      asked = peerBit
      return { method: AUTH_METHOD.CEPHX, modes, payload }
    },
    more: (payload) => begun().more(payload),
    done: (globalId, mode, payload) => begun().done(globalId, mode, payload),
    refused() {
      if (asked === ENTITY_MON) return 'final'
      // Its key may have been changed since the monitor made our ticket.
      identity.tickets.drop(asked)
      return 'later'
    },
  }
}

/** Type and id of an entity name, as the protocol wants them. */
export function writeEntityName(writer: Writer, name: string): void {
  const dot = name.indexOf('.')
  writer.u32(entityBit(name.slice(0, dot))).text(name.slice(dot + 1))
}

type Steps = Pick<CephAuthClient, 'more' | 'done'>

function toMonitor({ name, secret, tickets }: CephxIdentity, randomBytes: RandomBytes): [Uint8Array, Steps] {
  const writer = new Writer().u8(MODE_MON)
  writeEntityName(writer, name)
  const old = tickets.get(SERVICE_AUTH)
  writer.u64(old === null ? 0n : (tickets.globalId ?? 0n))
  const steps: Steps = {
    more(payload) {
      const reader = new Reader(payload)
      reader.u8()
      const serverChallenge = reader.u64()
      const clientChallenge = new Reader(randomBytes(8)).u64()
      const proof = proofOf(secret, serverChallenge, clientChallenge)
      const answer = new Writer().u16(GET_AUTH_SESSION_KEY).u8(3).u64(clientChallenge).u64(proof)
      // With the old ticket a monitor lets us keep our number.
      writeTicketBlob(answer, old)
      return answer.u32(WANTED_SERVICES).done()
    },
    done(globalId, mode, payload) {
      const reader = new Reader(payload)
      reader.u16()
      const status = reader.u32() | 0
      if (status !== 0) throw new AuthRefused(`the monitor refuses ${name}: error ${status}`)
      tickets.take(reader, secret)
      tickets.globalId = globalId
      const ticket = tickets.get(SERVICE_AUTH)
      if (ticket === null) throw new AuthRefused('the monitor gave no session key')
      const { sessionKey } = ticket
      const connectionSecret = readSecret(new Reader(reader.blob()), sessionKey)
      const extra = new Reader(reader.blob())
      if (extra.left > 0) tickets.take(extra, sessionKey)
      return secretsOf(mode, sessionKey, connectionSecret)
    },
  }
  return [writer.done(), steps]
}

/** What only somebody with the key can compute from both challenges. */
export function proofOf(secret: Uint8Array, serverChallenge: bigint, clientChallenge: bigint): bigint {
  const sealed = encrypt(secret, new Writer().u64(serverChallenge).u64(clientChallenge).done())
  const reader = new Reader(new Writer().blob(sealed).done())
  let proof = 0n
  while (reader.left >= 8) proof ^= reader.u64()
  return proof
}

function readSecret(reader: Reader, key: Uint8Array): Uint8Array | null {
  if (reader.left === 0) return null
  const secret = new Uint8Array(decrypt(key, reader.blob(), 'the connection secret').blob())
  return secret.length === 0 ? null : secret
}

function toDaemon({ tickets }: CephxIdentity, peerBit: number, randomBytes: RandomBytes): [Uint8Array, Steps] {
  const ticket = tickets.get(peerBit)
  if (ticket === null) {
    const type = entityType(peerBit) ?? 'this service'
    throw new AuthPostponed(`there is no ticket for ${type} yet: connect to a monitor, which gives one`)
  }
  const nonce = new Reader(randomBytes(8)).u64()
  const base = authorizer(tickets.globalId ?? 0n, peerBit, ticket)
  const steps: Steps = {
    more(payload) {
      const challenge = decrypt(ticket.sessionKey, payload, "the daemon's challenge")
      challenge.u8()
      const next = BigInt.asUintN(64, challenge.u64() + 1n)
      return authorize(base, ticket, nonce, next)
    },
    done(_globalId, mode, payload) {
      const reply = decrypt(ticket.sessionKey, new Reader(payload).blob(), "the daemon's reply")
      const version = reply.u8()
      if (reply.u64() !== BigInt.asUintN(64, nonce + 1n)) throw new AuthRefused('the daemon did not open our ticket')
      const secret = version >= 2 ? new Uint8Array(reply.blob()) : null
      return secretsOf(mode, ticket.sessionKey, secret !== null && secret.length > 0 ? secret : null)
    },
  }
  return [authorize(base, ticket, nonce, null), steps]
}

function authorizer(globalId: bigint, service: number, ticket: Ticket): Uint8Array {
  const writer = new Writer().u8(MODE_AUTHORIZER).u64(globalId).u32(service)
  writeTicketBlob(writer, ticket)
  return writer.done()
}

function authorize(base: Uint8Array, ticket: Ticket, nonce: bigint, challenge: bigint | null): Uint8Array {
  const plain = new Writer()
    .u8(2)
    .u64(nonce)
    .bool(challenge !== null)
    .u64(challenge ?? 0n)
    .done()
  return new Writer().raw(base).blob(encrypt(ticket.sessionKey, plain)).done()
}

export function secretsOf(mode: number, sessionKey: Uint8Array, connectionSecret: Uint8Array | null): LinkSecrets {
  if (mode !== CON_MODE.CRC && mode !== CON_MODE.SECURE) throw new AuthRefused(`a mode that is not known: ${mode}`)
  if (mode === CON_MODE.SECURE && (connectionSecret?.length ?? 0) < CONNECTION_SECRET_BYTES_MIN) {
    throw new AuthRefused('secure mode without a connection secret')
  }
  return { mode, sessionKey, connectionSecret }
}
