/**
 * cephx as a server: of a monitor, which lets names log in, and of every service, which looks at authorizers.
 *
 * The first byte of a request says which. Every refusal tells the peer a number and what is taken here, and the operator
 * why. One try per link; nothing is kept between links.
 */
import { AuthRefused } from '../../wire/auth-method.ts'
import type { CephAuthServer, ServerStep } from '../msgr2/auth.ts'
import { Malformed, Reader, Writer } from '../msgr2/codec.ts'
import type { AuthRequest } from '../msgr2/control-frames.ts'
import { bitOf, AUTH_METHOD, CON_MODE, entityType, type ConMode } from '../msgr2/format.ts'
import { ERRNO } from '../msgr2/refusals.ts'
import { REQUEST, type Authority, type Login } from './authority.ts'
import { MODE_AUTHORIZER, openAuthorizer, plusOne, sealChallenge, sealReply, type TicketReader } from './authorizer.ts'
import { MODE_MON, secretsOf } from './cephx-client.ts'
import { readEntityName } from './entity-name.ts'
import type { RandomBytes } from './proof.ts'

/** Each mode of a request has ten numbers, for versions. */
const MODE_RANGE = 10
/** As much as Ceph gives; 40 bytes of it are used. */
const CONNECTION_SECRET_BYTES = 64

export interface CephxService {
  /** The type of this service, as its bit. */
  readonly service: number
  readonly reader: TicketReader
  /** Of a monitor. */
  readonly authority: Authority | null
  /** Modes that a peer of this type may have. */
  modes(peerBit: number): readonly ConMode[]
  readonly nextGlobalId: () => bigint
}

/** What answers to MAuth must know of a link: whom it is with. */
export interface ClientNote {
  readonly kind: 'client'
  readonly login: Login
}

/** What follows the first step. */
type More = (payload: Uint8Array) => ServerStep

/** One handshake's half. */
export function cephxServer(service: CephxService, randomBytes: RandomBytes): CephAuthServer {
  let more: More | null = null
  let allowed: readonly ConMode[] = []
  const attempt = (step: () => ServerStep): ServerStep => {
    try {
      return step()
    } catch (thrown) {
      if (thrown instanceof AuthRefused) return bad(ERRNO.EACCES, allowed, thrown.message)
      if (thrown instanceof Malformed)
        return bad(ERRNO.EINVAL, allowed, `what the peer said does not decode: ${thrown.message}`)
      throw thrown
    }
  }
  return {
    request: (request, peerBit, canSeal) =>
      attempt(() => {
        allowed = service.modes(peerBit).filter((mode) => canSeal || mode !== CON_MODE.SECURE)
        const mode = pick(request, allowed)
        if (typeof mode !== 'number') return mode
        const secret = mode === CON_MODE.SECURE ? randomBytes(CONNECTION_SECRET_BYTES) : new Uint8Array(0)
        const link = { service, peerBit, mode, secret, randomBytes }
        const [step, next] = isLogin(request.payload) ? logIn(link, request.payload) : show(link, request.payload)
        more = next
        return step
      }),
    more(payload) {
      const step = more
      more = null
      if (step === null) throw new AuthRefused('nothing was asked')
      return attempt(() => step(payload))
    },
  }
}

interface Link {
  readonly service: CephxService
  readonly peerBit: number
  readonly mode: ConMode
  readonly secret: Uint8Array
  readonly randomBytes: RandomBytes
}

function bad(result: number, modes: readonly ConMode[], reason: string): ServerStep {
  return { kind: 'bad', result, methods: [AUTH_METHOD.CEPHX], modes, reason }
}

function pick({ method, modes }: AuthRequest, allowed: readonly ConMode[]): ConMode | ServerStep {
  if (method !== AUTH_METHOD.CEPHX) {
    return bad(ERRNO.EOPNOTSUPP, allowed, 'the peer does not prove its name with cephx, and must: there are keys here')
  }
  const mode = modes.map((wanted) => allowed.find((one) => one === wanted)).find((one) => one !== undefined)
  return mode ?? bad(ERRNO.EOPNOTSUPP, allowed, 'none of the modes that the peer wants is allowed here')
}

function isLogin(payload: Uint8Array): boolean {
  const [mode = 0] = payload
  if (mode >= MODE_MON && mode < MODE_MON + MODE_RANGE) return true
  if (mode >= MODE_AUTHORIZER && mode < MODE_MON) return false
  throw new AuthRefused(`a request of mode ${mode}, which does not exist`)
}

/** A name wants to prove that it has its key. */
function logIn(link: Link, payload: Uint8Array): [ServerStep, More] {
  const { authority, nextGlobalId } = link.service
  if (authority === null) throw new AuthRefused('the peer takes this messenger for a monitor, which it is not')
  const reader = new Reader(payload)
  reader.u8()
  const name = readEntityName(reader)
  const globalId = reader.u64()
  checkClaim(link.peerBit, name)
  const challenge = new Reader(link.randomBytes(8)).u64()
  const login: Login = { name, globalId, challenge }
  const next: More = (answer) => {
    const step = new Reader(answer)
    const type = step.u16()
    if (type !== REQUEST.AUTH_SESSION_KEY) throw new Malformed(`a login with request ${type}`)
    if (step.left === 0) throw new AuthRefused(`${name} gives no proof: it has no key, or finds none in its keyring`)
    const reply = authority.logIn(step, login, link.secret, nextGlobalId)
    const secrets = secretsOf(link.mode, reply.sessionKey, link.secret.length === 0 ? null : link.secret)
    const note: ClientNote = { kind: 'client', login: { name, globalId: reply.globalId, challenge } }
    return { kind: 'done', globalId: reply.globalId, payload: reply.payload, secrets, proven: name, note }
  }
  return [{ kind: 'more', payload: new Writer().u8(1).u64(challenge).done() }, next]
}

/** A bearer shows a ticket. */
function show(link: Link, payload: Uint8Array): [ServerStep, More] {
  const { service, reader } = link.service
  const first = openAuthorizer(new Reader(payload), service, reader)
  checkClaim(link.peerBit, first.ticket.name)
  const challenge = new Reader(link.randomBytes(8)).u64()
  const next: More = (answer) => {
    const shown = openAuthorizer(new Reader(answer), service, reader)
    checkClaim(link.peerBit, shown.ticket.name)
    if (shown.answer !== plusOne(challenge)) throw new AuthRefused('the challenge was not answered: a recorded ticket?')
    const { sessionKey, globalId, name } = shown.ticket
    const secrets = secretsOf(link.mode, sessionKey, link.secret.length === 0 ? null : link.secret)
    return { kind: 'done', globalId, payload: sealReply(shown, link.secret), secrets, proven: name }
  }
  return [{ kind: 'more', payload: sealChallenge(first.ticket.sessionKey, challenge) }, next]
}

/** Daemons use clients too, so any name may be a client; nobody may be a daemon of another type than its name's. */
function checkClaim(peerBit: number, name: string): void {
  const type = entityType(peerBit) ?? 'client'
  if (type !== 'client' && bitOf(name) !== peerBit) {
    throw new AuthRefused(`${name} says that it is a daemon of type ${type}`)
  }
}
