/** Answers the MAuth messages of clients that are logged in here: an authority's work after the handshake. */
import { AuthRefused } from '../../wire/auth-method.ts'
import type { Adoption, ServedSession, ServiceWorld, SessionService, Verdict } from '../../wire/service.ts'
import type { InboundMessage } from '../../wire/message.ts'
import { Malformed, Reader } from '../msgr2/codec.ts'
import { AUTH_METHOD } from '../msgr2/format.ts'
import { ERRNO } from '../msgr2/refusals.ts'
import { MESSAGE_AUTH, MESSAGE_AUTH_REPLY, readAuth, writeAuthReply } from './auth-messages.ts'
import type { Authority, Login } from './authority.ts'
import type { ClientNote } from './cephx-server.ts'

const NOTHING = new Uint8Array(0)

export class MonitorAuthService implements SessionService {
  readonly name = 'logins at a monitor'
  readonly types = [MESSAGE_AUTH]
  readonly #world: ServiceWorld
  readonly #authority: Authority
  readonly #logins = new Map<ServedSession, Login>()

  constructor(world: ServiceWorld, authority: Authority) {
    this.#world = world
    this.#authority = authority
  }

  adopted(session: ServedSession, how: Pick<Adoption, 'note'>): void {
    const client = how.note as ClientNote | null
    if (client?.kind === 'client') this.#logins.set(session, client.login)
    else this.#logins.delete(session)
  }

  ended(session: ServedSession): void {
    this.#logins.delete(session)
  }

  message(session: ServedSession, message: InboundMessage): Verdict {
    const login = this.#logins.get(session)
    if (message.type !== MESSAGE_AUTH || login === undefined) return 'pass'
    const { tid, priority } = message
    session.control(NOTHING, {
      type: MESSAGE_AUTH_REPLY,
      version: 1,
      tid,
      priority,
      front: this.#answer(session, login, message.front),
    })
    return 'taken'
  }

  stop(): void {
    this.#logins.clear()
  }

  #answer(session: ServedSession, login: Login, front: Uint8Array): Uint8Array {
    const { globalId } = login
    try {
      const { method, payload } = readAuth(front)
      if (method !== AUTH_METHOD.CEPHX) throw new Malformed(`authentication by method ${method}`)
      return writeAuthReply({
        result: 0,
        globalId,
        payload: this.#authority.answer(new Reader(payload), login),
        text: '',
      })
    } catch (thrown) {
      if (!(thrown instanceof AuthRefused) && !(thrown instanceof Malformed)) throw thrown
      this.#world.failed(session, `${login.name} was refused: ${thrown.message}`)
      const result = thrown instanceof AuthRefused ? ERRNO.EACCES : ERRNO.EINVAL
      return writeAuthReply({ result, globalId, payload: NOTHING, text: '' })
    }
  }
}
