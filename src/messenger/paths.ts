/**
 * Which link carries the session of one connection, as its caller sees it, and the wish to have another one.
 *
 * A path is the link of now, with what went over it. A session goes to another one while messages flow (session/moving.ts); here
 * is who asked for that, where it is dialled, and who is told what came of it. Limit: one wish at a time; a later one takes
 * the place of an earlier one. Nothing is made before somebody asks.
 */
import type { BehaviorSubject, Observable } from 'rxjs'
import { InkwireError } from '../common/errors.ts'
import type { DropCause, MovePurpose } from '../session/machine.ts'
import { moveLink } from '../session/moving.ts'
import { linksOf } from '../session/holdings.ts'
import { rxjs } from '../streams/rxjs.ts'
import type { Link } from '../transports/transport.ts'
import { AutoPaths } from './auto-paths.ts'
import { Beside, type Aside } from './beside.ts'
import type { LinkPort } from './link-port.ts'
import { addressOf, knownPaths, pathInfoOf, type KnownPath, type PathInfo } from './path-info.ts'
import { wishFor, type PathWish } from './path-wish.ts'
import type { PathHolder, PathWorld } from './path-terms.ts'

/** Of most sessions. */
const NO_PATHS: readonly KnownPath[] = []

export class Paths {
  readonly #world: PathWorld
  readonly #holder: PathHolder
  #wish: PathWish | null = null
  #shown: BehaviorSubject<PathInfo | null> | null = null
  /** What carried the session at the last look. */
  #port: LinkPort | null = null
  /** Made for the first link beside: most sessions stay where they are. */
  #beside: Beside | null = null
  #isOver = false
  /** Where paths are looked after without being asked. */
  auto: AutoPaths | null = null

  constructor(world: PathWorld, holder: PathHolder, given: readonly string[] = []) {
    this.#world = world
    this.#holder = holder
    if (world.pathSchemes !== null || given.length > 0) this.auto = new AutoPaths(world, given)
  }

  /** A caller says that the peer can be reached there, too. */
  also(addresses: readonly string[]): void {
    if (addresses.length === 0) return
    this.auto ??= new AutoPaths(this.#world, [])
    for (const address of addresses) this.auto.also(address)
    this.look()
  }

  /** The link that carries the session; null: none does. */
  get current(): PathInfo | null {
    const { port } = this.#holder.flow
    const { path } = this.#holder.session
    return port === null || path === null ? null : pathInfoOf(port, path.liveness.rttMs)
  }

  /** All that are known, the one of now first. */
  get known(): readonly KnownPath[] {
    if (this.#isOver) return NO_PATHS
    return knownPaths(this.current, this.auto?.known ?? [], this.#readyAt())
  }

  /** Those beside the one of now. */
  get others(): readonly KnownPath[] {
    return this.auto === null ? NO_PATHS : this.known.filter(({ state }) => state !== 'carries')
  }

  /** The path of now, and every other one that carries the session. */
  get path$(): Observable<PathInfo | null> {
    if (this.#shown === null) {
      this.#shown = new (rxjs().BehaviorSubject)(this.current)
      this.#port = this.#holder.flow.port
      if (this.#isOver) this.#shown.complete()
    }
    return this.#shown
  }

  /** The session is to go to this address. `address` is one that a transport of ours serves. */
  switchTo(address: string, signal: AbortSignal | undefined): Promise<PathInfo> {
    const begin = (wish: PathWish): void => {
      this.#wish?.reject(
        new InkwireError('INK_PATH_FAILED', `another switchTo() took the place of ${this.#wish.address}`),
      )
      this.#wish = wish
      this.look()
    }
    return wishFor(address, signal, begin, this.#abandon.bind(this))
  }

  /** The link that was dialled for a wish is given up, unless it carries the session already. */
  #abandon(wish: PathWish): void {
    if (this.#wish !== wish) return
    this.#wish = null
    const { link } = wish
    if (link === null || this.#holder.session.openLink === link) return
    this.#holder.drop(link)
    this.#holder.post({ type: 'fault', link, reason: 'switchTo() was aborted' })
  }

  /** What the session wants dialled beside its link; or why nothing is. */
  dial(id: number): Link | string {
    const beside = this.#asides()
    const link = beside.dial(id, (address) => this.#world.dial(address))
    if (this.#wish !== null && beside.of(id)?.why === 'asked') this.#wish.link = id
    return link
  }

  /** Where a link beside was dialled; undefined: it is none. */
  addressOf(id: number): string | undefined {
    return this.#beside?.of(id)?.address
  }

  /** The peer has answered on a link, and said where it is. */
  told(port: LinkPort): void {
    this.auto?.answered(port, this.#holder.session.path?.liveness.rttMs ?? null)
  }

  /** A link was lost: the one that carried the session, or one beside it. */
  lost(id: number, reason: string): void {
    const { port } = this.#holder.flow
    if (port?.id === id && port.target !== null) this.auto?.failed(port.target)
    this.dropped(id, 'fault', reason)
  }

  /** A link is given up. One that has to make room for another has not failed, nor has one whose connection ends. */
  dropped(id: number, cause: DropCause, reason: string): void {
    const beside = this.#beside
    if (beside === null) return
    beside.lastReason = reason
    const dialled = beside.of(id)
    if (dialled === undefined) return
    beside.forget(id)
    const { connection, session } = this.#holder
    if (cause === 'race' || session.openLink === id || session.machine.life.name === 'closing') return
    if (session.machine.state.name === 'closed') return
    this.auto?.failed(dialled.address)
    this.#world.report({ type: 'pathFailed', connection, address: dialled.address, reason })
  }

  /** The session has gone to another link; `replayed`: so many messages are sent again there. */
  moved(id: number, replayed: number): void {
    const from = this.#port === null ? null : addressOf(this.#port)
    const path = this.current
    if (path === null) return
    const beside = this.#asides()
    const why = beside.whyMoved(id, this.#holder.session.machine.state)
    beside.forget(id)
    this.#world.report({ type: 'pathSwitched', connection: this.#holder.connection, from, path, why, replayed })
  }

  /** Something happened: is the wish fulfilled, and what is to be done for it? */
  look(): void {
    const { reactor, flow } = this.#holder
    if (this.#isOver || !reactor.isResting) return
    if (flow.port !== this.#port) {
      this.#port = flow.port
      this.#shown?.next(this.current)
    }
    if (this.#wish === null) this.#lookAround()
    else this.#lookAt(this.#wish)
  }

  /** Without a wish of its caller: is there a better path, and one in reserve? */
  #lookAround(): void {
    const { session, flow } = this.#holder
    const wish = this.auto?.wish(session, flow.port, (link) => this.addressOf(link)) ?? null
    if (wish === null) return
    if (wish.purpose === 'switch' && this.#readyAt() === wish.address) this.#holder.post({ type: 'take' })
    else this.ask(wish.address, 'better', wish.purpose)
  }

  /** Where a link is kept ready; null: nowhere. */
  #readyAt(): string | null {
    const { state } = this.#holder.session.machine
    if (state.name !== 'open' || state.move?.name !== 'ready') return null
    return this.addressOf(moveLink(state.move)) ?? null
  }

  /** When paths are to be looked at again, in ms. */
  get deadlineMs(): number {
    return this.auto === null || this.#wish !== null ? Infinity : this.auto.deadlineMs
  }

  #lookAt(wish: PathWish): void {
    const { session } = this.#holder
    const path = this.current
    const { link, address } = wish
    const isThere = link === null ? path?.dialled === true && path.address === address : link === session.openLink
    if (isThere && path !== null) {
      this.#wish = null
      wish.resolve(path)
    } else if (link === null) this.#begin(wish)
    else if (!linksOf(session.machine.state).includes(link)) {
      this.#wish = null
      const where = path === null ? 'the session has no path' : `the session stays on ${path.address}`
      wish.reject(new InkwireError('INK_PATH_FAILED', `${address}: ${this.#asides().lastReason}; ${where}`))
    }
  }

  /** As soon as the session is open, and not on its way somewhere already. */
  #begin(wish: PathWish): void {
    const { session } = this.#holder
    const { state, life } = session.machine
    if (state.name !== 'open' || life.name !== 'running') return
    if (session.capabilities.moves !== true) {
      this.#wish = null
      wish.reject(new InkwireError('INK_INCOMPATIBLE', 'the peer does not know how a session goes to another path'))
      return
    }
    const { move, rival } = state
    if (move?.name === 'parting' || (rival !== null && rival.moves !== true)) return
    if (move?.name === 'ready' && this.addressOf(moveLink(move)) === wish.address) {
      wish.link = moveLink(move)
      this.#asides().claim(wish.link, wish.address)
      this.#holder.post({ type: 'take' })
    } else this.ask(wish.address, 'asked', 'switch')
  }

  /** A link is dialled beside the one that carries the session. */
  ask(address: string, why: Aside['why'], purpose: MovePurpose): void {
    this.#asides().plan({ address, why })
    this.#holder.post({ type: 'move', purpose })
  }

  #asides(): Beside {
    return (this.#beside ??= new Beside())
  }

  /** Somebody waits for another path. */
  get isAwaited(): boolean {
    return this.#wish !== null
  }

  /** The connection is over: whoever waits is told why. */
  end(error: InkwireError): void {
    this.#wish?.reject(error)
    this.#wish = null
  }

  /** There are no more paths. */
  complete(): void {
    this.#isOver = true
    this.#beside?.clear()
    if (this.#port !== null) this.#shown?.next(null)
    this.#shown?.complete()
  }
}
