/**
 * The endpoints of one messenger: which peers its application follows, and the service by which both ends agree.
 *
 * A peer whose application follows nobody here answers that it is always ready. What a session costs without an endpoint at
 * either end is one line in a map. Limit: one endpoint per name and type; what it remembers ends with the last connection.
 */
import { InkwireError } from '../common/errors.ts'
import { isUnique } from '../session/endpoint/member.ts'
import type { PeerMemory } from '../session/life/peer-life.ts'
import { decodeWord, encodeWord, turned } from '../session/life/words.ts'
import type { EndpointWord } from '../session/life/words.ts'
import type { Connection } from './connection.ts'
import { EndpointLife } from './endpoint-life.ts'
import type { EndpointHandlers, EndpointWorld } from './endpoint-life.ts'
import { checkHandlers, checkTarget, overlaps } from './endpoint-target.ts'
import type { EndpointTarget } from './endpoint-target.ts'
import type { MessengerEvent } from './events.ts'
import type { Runtime } from './runtime.ts'
import { Scope } from './scope.ts'
import type { Service, ServiceSession } from './service.ts'
import type { MessengerLimits } from '../policies/limits.ts'
import type { InboundMessage } from '../wire/message.ts'
import type { Adoption, Verdict } from '../wire/service.ts'

const SERVICE_NUMBER = 2
/** Of peers that have disappeared; one that is forgotten is met as for the first time. */
const MEMORIES_MAX = 4096

/** An endpoint that is open. */
export interface Endpoint extends AsyncDisposable {
  /**
   * Follows nobody any more: `disconnect` and `disappear` are called for who is there. Resolves when the application has
   * finished with all of them. Their connections live on.
   */
  close(): Promise<void>
}

/** What endpoints need of their messenger. */
export interface EndpointHost {
  readonly instance: string
  readonly runtime: Pick<Runtime, 'clock'>
  /** How long a `disconnect` may take before an event tells of it. */
  readonly limits: Pick<MessengerLimits, 'drainTimeoutMs'>
  readonly report: (event: MessengerEvent) => void
}

interface Watch {
  readonly target: EndpointTarget
  readonly world: EndpointWorld
  readonly lives: Map<string, EndpointLife>
  /** Of peers that are there or were, least recently met first. */
  readonly memories: Map<string, PeerMemory>
  /** When it has closed, for who waits; null while it is open. */
  closed: Promise<void> | null
  onRest: () => void
}

export class Endpoints implements Service {
  readonly name = 'endpoints'
  readonly number = SERVICE_NUMBER
  readonly #host: EndpointHost
  readonly #watches = new Set<Watch>()
  readonly #sessions = new Map<Connection, ServiceSession>()
  /** Of peers whose life here is being closed: answered when that is done. */
  readonly #late = new Map<ServiceSession, EndpointWord>()
  readonly #attempts = { made: 0 }

  constructor(host: EndpointHost) {
    this.#host = host
  }

  open(target: EndpointTarget, handlers: EndpointHandlers): Endpoint {
    checkTarget(target)
    checkHandlers(handlers)
    for (const { target: other } of this.#watches) {
      if (!overlaps(target, other)) continue
      const text = `endpoint(): ${Object.values(target).join()} has an endpoint already: close that first`
      throw new InkwireError('INK_BAD_ARGUMENT', text)
    }
    const watch: Watch = {
      target,
      world: this.#world(handlers),
      lives: new Map(),
      memories: new Map(),
      closed: null,
      onRest: () => undefined,
    }
    this.#watches.add(watch)
    for (const session of this.#sessions.values()) this.#lifeOf(session, watch)?.adopted(session)
    const close = (): Promise<void> => this.#close(watch)
    return { close, [Symbol.asyncDispose]: close }
  }

  /** The messenger ends: closes all, and waits until their applications have finished, or for as long as it has patience. */
  closeAll(): Promise<void> {
    if (this.#watches.size === 0) return Promise.resolve()
    const { runtime, limits } = this.#host
    return new Promise((resolve) => {
      const timer = runtime.clock.setTimer(resolve, limits.drainTimeoutMs)
      void Promise.all([...this.#watches].map((watch) => this.#close(watch))).then(() => {
        runtime.clock.clearTimer(timer)
        resolve()
      })
    })
  }

  // What the sessions tell.

  adopted(session: ServiceSession, { resumed }: Adoption): void {
    if (resumed) return
    this.#sessions.set(session.connection, session)
    this.#lifeOf(session, this.#watchOf(session))?.adopted(session)
  }

  reset(session: ServiceSession): void {
    this.#late.delete(session)
    const watch = this.#watchOf(session)
    watch?.lives.get(lifeName(session))?.lost(session, 'the peer has lost the session')
    if (watch !== null) this.#sweep(watch)
  }

  ended(session: ServiceSession): void {
    this.#sessions.delete(session.connection)
    this.#late.delete(session)
    const watch = this.#watchOf(session)
    watch?.lives.get(lifeName(session))?.ended(session, 'the connection is over')
    if (watch !== null) this.#sweep(watch)
  }

  message(session: ServiceSession, _message: InboundMessage, words: Uint8Array): Verdict {
    const word = decodeWord(words)
    const watch = this.#watchOf(session)
    const life = watch?.lives.get(lifeName(session))
    if (watch !== null && life !== undefined) {
      if (watch.closed === null) life.heard(session, word)
      else this.#late.set(session, word)
      this.#sweep(watch)
    } else answer(session, word)
    return 'taken'
  }

  #watchOf({ connection: { peer } }: ServiceSession): Watch | null {
    for (const watch of this.#watches) {
      const { target } = watch
      if ('name' in target ? target.name === peer.name : target.type === peer.type) return watch
    }
    return null
  }

  #lifeOf(session: ServiceSession, watch: Watch | null): EndpointLife | null {
    if (watch === null || watch.closed !== null || this.#watchOf(session) !== watch) return null
    const name = lifeName(session)
    let life = watch.lives.get(name)
    if (life === undefined) {
      life = new EndpointLife(watch.world, this.#remember(watch, name))
      watch.lives.set(name, life)
    }
    return life
  }

  #remember({ memories, lives }: Watch, name: string): PeerMemory {
    const memory = memories.get(name) ?? { instance: null, last: null, since: this.#attempts.made }
    memories.delete(name)
    memories.set(name, memory)
    for (const other of memories.keys()) {
      if (memories.size <= MEMORIES_MAX) break
      if (other !== name && !lives.has(other)) memories.delete(other)
    }
    return memory
  }

  #close(watch: Watch): Promise<void> {
    watch.closed ??= new Promise((resolve) => {
      watch.onRest = resolve
      for (const life of watch.lives.values()) life.close()
      // When it is closing for whoever is called.
      this.#host.runtime.clock.later(() => {
        this.#sweep(watch)
      })
    })
    return watch.closed
  }

  /** Lets go of lives that are over. */
  #sweep(watch: Watch): void {
    for (const [name, life] of watch.lives) if (life.isOver) watch.lives.delete(name)
    if (watch.closed === null || watch.lives.size > 0) return
    this.#watches.delete(watch)
    const late = [...this.#late]
    for (const [session, word] of late) {
      if (this.#watchOf(session) !== null) continue
      this.#late.delete(session)
      answer(session, word)
    }
    watch.onRest()
  }

  #world(handlers: EndpointHandlers): EndpointWorld {
    const { runtime, limits, instance, report } = this.#host
    const { clock } = runtime
    const scope = new Scope()
    return {
      instance,
      handlers,
      later: (run) => {
        clock.later(run)
      },
      call: (run) => scope.call(run),
      failed: (connection, error) => {
        report({ type: 'dispatchError', connection, message: null, error })
      },
      attempts: this.#attempts,
      leaving: (connection) => {
        const slow = (): void => {
          report({ type: 'slowDisconnect', connection, afterMs: limits.drainTimeoutMs })
        }
        const timer = clock.setTimer(slow, limits.drainTimeoutMs)
        return () => {
          clock.clearTimer(timer)
          for (const watch of [...this.#watches]) this.#sweep(watch)
        }
      },
    }
  }
}

/** Nobody follows this peer here: whatever it does, this end is ready. */
function answer(session: ServiceSession, word: EndpointWord): void {
  if (word.kind !== 'ready' || session.connection.state === 'closed') return
  session.control(encodeWord({ kind: 'ready', attempt: 0, last: turned(word.last) }))
}

/** Peers without a name of their own are told apart by their instance. */
function lifeName({ connection: { peer } }: ServiceSession): string {
  const name = peer.name ?? ''
  return isUnique(name) ? name : `${name} ${peer.instance}`
}
