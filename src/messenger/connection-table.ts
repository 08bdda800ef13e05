/**
 * Which connection is meant: by address, by the peer's instance, by its name.
 *
 * Identity is the instance, not the address. A name belongs to one instance at a time (lossless policies): the newest
 * that was confirmed; the ones before are remembered and refused. Lossy connections are found by address and instance
 * only, because every link of theirs is a session of its own. Limits: `connectionsMax` and `goneInstancesMax`.
 */
import type { Identity } from '../wire/wire.ts'
import type { Driver } from './driver.ts'

/** Under which keys a connection is found. */
interface Keys {
  /** Most have none or one: a Set for each would weigh more than all else here. */
  addresses: readonly string[]
  instance: string | null
  name: string | null
}

const NONE: readonly string[] = []

export class ConnectionTable {
  readonly #all = new Map<Driver, Keys>()
  readonly #byAddress = new Map<string, Driver>()
  readonly #byInstance = new Map<string, Driver>()
  readonly #byName = new Map<string, Driver>()
  /** Instances that were replaced, oldest first. */
  readonly #gone = new Set<string>()
  /** Fresh ids of sessions that were offered, oldest first. */
  readonly #claimed = new Set<string>()
  readonly #goneMax: number

  constructor(goneMax: number) {
    this.#goneMax = goneMax
  }

  get size(): number {
    return this.#all.size
  }

  get goneCount(): number {
    return this.#gone.size
  }

  /** Every connection, oldest first. */
  drivers(): Driver[] {
    return [...this.#all.keys()]
  }

  add(driver: Driver): void {
    this.#all.set(driver, { addresses: NONE, instance: null, name: null })
  }

  /** The connection that `connect(address)` means. */
  atAddress(address: string, channel: number): Driver | undefined {
    return this.#byAddress.get(key(address, channel))
  }

  ofInstance(instance: string, channel: number): Driver | undefined {
    return this.#byInstance.get(key(instance, channel))
  }

  ofName(name: string, channel: number): Driver | undefined {
    return this.#byName.get(key(name, channel))
  }

  /** The connection that an arriving link of this peer belongs to. */
  find(peer: Identity, channel: number): Driver | undefined {
    const known = this.ofInstance(peer.instance, channel)
    if (known !== undefined) return known
    for (const address of peer.addresses) {
      const dialled = this.atAddress(address, channel)
      if (dialled !== undefined) return dialled
    }
    return this.ofName(peer.name, channel)
  }

  bindAddress(driver: Driver, address: string): void {
    const at = key(address, driver.channel)
    const before = this.#byAddress.get(at)
    if (before !== undefined && before.core.life === 'running') return
    this.#byAddress.set(at, driver)
    const keys = this.#all.get(driver)
    if (keys?.addresses.includes(at) === false) keys.addresses = [...keys.addresses, at]
  }

  /** The caller knows the peer's name before the peer has said it: it is found by it, also when it comes from elsewhere. */
  expect(driver: Driver, name: string): void {
    const keys = this.#all.get(driver)
    const at = key(name, driver.channel)
    if (keys === undefined || driver.policy.kind === 'lossy' || !isUnique(name) || this.#byName.has(at)) return
    keys.name = at
    this.#byName.set(at, driver)
  }

  /** The peer of this connection is this one; what it was before counts no more. */
  identify(driver: Driver, peer: Identity): void {
    const keys = this.#all.get(driver)
    if (keys === undefined) return
    if (keys.instance !== null) unset(this.#byInstance, keys.instance, driver)
    keys.instance = key(peer.instance, driver.channel)
    this.#byInstance.set(keys.instance, driver)
    if (driver.policy.kind === 'lossy') return
    if (keys.name !== null) unset(this.#byName, keys.name, driver)
    keys.name = isUnique(peer.name) ? key(peer.name, driver.channel) : null
    if (keys.name !== null) this.#byName.set(keys.name, driver)
    for (const address of peer.addresses) this.bindAddress(driver, address)
  }

  remove(driver: Driver): void {
    const keys = this.#all.get(driver)
    if (keys === undefined) return
    this.#all.delete(driver)
    for (const address of keys.addresses) unset(this.#byAddress, address, driver)
    if (keys.instance !== null) unset(this.#byInstance, keys.instance, driver)
    if (keys.name !== null) unset(this.#byName, keys.name, driver)
  }

  /** This instance was replaced: it is refused from now on. */
  bury(instance: string): void {
    remember(this.#gone, instance, this.#goneMax)
  }

  /**
   * This fresh session id is offered. False: it was offered before. A late copy of an OPEN would make a session that has
   * ended here seem half established, and its dialler resume it where nothing is known of it.
   */
  claim(session: string): boolean {
    if (this.#claimed.has(session)) return false
    remember(this.#claimed, session, this.#goneMax)
    return true
  }

  isGone(instance: string): boolean {
    return this.#gone.has(instance)
  }
}

function remember(set: Set<string>, what: string, max: number): void {
  set.add(what)
  if (set.size <= max) return
  for (const oldest of set) {
    set.delete(oldest)
    return
  }
}

/** `client.?` may be many. */
function isUnique(name: string): boolean {
  return !name.endsWith('.?')
}

function key(what: string, channel: number): string {
  return `${what}#${channel}`
}

function unset(index: Map<string, Driver>, at: string, driver: Driver): void {
  if (index.get(at) === driver) index.delete(at)
}
