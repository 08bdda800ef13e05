/**
 * A peer that means harm: it proves a name of its own, and says about itself and about its session whatever a test wants.
 *
 * It dials over any transport with the real native wire, so what it proves is right and only what it claims is wrong.
 */
import { none } from '../../src/auth/none.ts'
import { native } from '../../src/wire/native/native.ts'
import type { AuthMethod } from '../../src/wire/auth-method.ts'
import { LIMITS } from '../../src/policies/limits.ts'
import type { Link } from '../../src/transports/transport.ts'
import type { Identity, SessionAnswer, SessionOffer, Wire } from '../../src/wire/wire.ts'
import { RecordingSink } from './recording-sink.ts'

let count = 0

/** Sixteen bytes that were never used before, as 32 hexadecimal digits. */
export function freshId(): string {
  return (++count).toString(16).padStart(32, 'e')
}

export interface Pretence {
  /** What it says about itself; the name it has to prove. */
  readonly self: Partial<Identity> & Pick<Identity, 'name'>
  readonly auth?: AuthMethod
  readonly offer?: Partial<SessionOffer>
  /** Whether it adopts what it is promised. Default: it does. */
  readonly confirms?: boolean
}

const GRANT = { window: { messages: 100, bytes: 1 << 20 }, free: { messages: 100, bytes: 1 << 20 } }
const OFFER: Omit<SessionOffer, 'fresh'> = {
  ...{ ballot: { epoch: 1000, dialler: '00' }, channel: 0, policy: 'peer', resume: [], grant: GRANT },
}

export class Impostor extends RecordingSink {
  readonly #link: Link
  readonly #wire: Wire
  readonly #confirms: boolean
  isClosed = false

  /** Dials; everything happens in the time of the link's transport. */
  constructor(link: Link, { self, auth, offer, confirms = true }: Pretence) {
    super()
    this.#link = link
    this.#confirms = confirms
    const identity = { instance: freshId(), addresses: [], ...self }
    const context = {
      ...{ self: identity, auth: auth ?? none(), limits: LIMITS },
      randomBytes: (bytes: number) => new Uint8Array(bytes).fill(++count),
      allocate: (bytes: number) => new Uint8Array(bytes),
    }
    this.#wire = native().dialler(context, this)
    link.handlers = {
      opened: () => undefined,
      data: (chunk) => {
        this.#wire.receive(chunk)
        this.#flush()
        return false
      },
      writable: () => undefined,
      closed: () => {
        this.isClosed = true
      },
    }
    this.#wire.open({ ...OFFER, fresh: freshId(), ...offer })
    this.#flush()
  }

  override opened(peer: Identity, answer: SessionAnswer): void {
    super.opened(peer, answer)
    if (this.#confirms) this.#wire.confirm()
  }

  /** What it was answered: `opened`, `yielded` or `rejected` and a code; null: nothing yet. */
  get answered(): string | null {
    const [name, code] = this.told.find(([what]) => ['opened', 'yielded', 'rejected', 'fault'].includes(what)) ?? []
    return name === undefined ? null : name === 'opened' ? name : `${name} ${String(code)}`
  }

  /** The tids of the messages that it was given. */
  get got(): number[] {
    return this.messages.map(({ tid }) => tid)
  }

  end(): void {
    this.#link.reset()
  }

  #flush(): void {
    const chunks = this.#wire.takeHandshake()
    if (chunks.length > 0) this.#link.write(chunks)
  }
}
