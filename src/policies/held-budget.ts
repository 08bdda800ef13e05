/**
 * How much received and unfinished a messenger holds: in all, of one proved name, and of one policy with a throttle.
 *
 * Windows bound each connection; their sum over many connections is more than a process has. What is held counts from the
 * first byte of a message until its handler has finished, with what a small message costs beside its bytes. Two reactions:
 * from `tight` on, peers are granted no more than they were; from `full` on, links are not read: all that are concerned are
 * stopped at once, or each of them would bring one read more. Both end for everybody concerned when half of `tight` is left,
 * so that a budget does not flutter.
 *
 * Control words count beside that, by name: nobody waits with them, so a peer that is above their number is at fault. They
 * count until they are finished, whatever has become of their session: new sessions bring no new place.
 */
import { HeldAccount, type PolicyAccounts } from './held-account.ts'

/** What a message costs in memory beside its segments, in bytes: its object, its places in queues, its memory's header. */
export const MESSAGE_OVERHEAD_BYTES = 256

/** Control words of one name that are not finished: as many as its connections may have at once. */
export const CONTROL_WORDS_PER_NAME_MAX = 8192

/** What one name holds, and on which connections, those included whose messages are not finished. */
interface NameAccount {
  readonly account: HeldAccount
  words: number
  readonly shares: Set<HeldShare>
}

/** Whose memory it is: the connection that must stop reading its link, or may go on. */
export interface Holder {
  throttle(): void
  easier(): void
}

/** Of these, all that have no memory left but the one that reads just now. */
function stopAll(shares: ReadonlySet<HeldShare>, by: HeldShare): void {
  for (const share of shares) if (share !== by && share.isFull) share.holder.throttle()
}

export class HeldBudget {
  readonly total: HeldAccount
  readonly #perName: number
  /** Of names that hold something, or have a connection. */
  readonly #names = new Map<string, NameAccount>()
  readonly #waiting = new Set<HeldShare>()

  constructor(bytes: number, bytesPerName: number) {
    this.total = new HeldAccount(bytes / 2, bytes)
    this.#perName = bytesPerName
  }

  /** How many connections wait for it to become easier. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** The part of one connection, whose peer may be known. Its holder is told to stop, and when it may go on. */
  share(policy: PolicyAccounts | null, name: string | null, holder: Holder): HeldShare {
    const share = new HeldShare(this, policy, holder)
    if (name !== null) share.belongTo(name)
    return share
  }

  /** A connection of this name begins to count. */
  open(name: string, share: HeldShare): NameAccount {
    const known = this.#names.get(name)
    const account = known ?? { account: new HeldAccount(this.#perName / 2, this.#perName), words: 0, shares: new Set() }
    this.#names.set(name, account)
    account.shares.add(share)
    return account
  }

  close(name: string, share: HeldShare): void {
    const known = this.#names.get(name)
    known?.shares.delete(share)
    if (known?.shares.size === 0) this.#names.delete(name)
  }

  /** Something has become full: everybody concerned but the one that reads just now stops reading. */
  stop(by: HeldShare): void {
    for (const { shares } of this.#names.values()) stopAll(shares, by)
  }

  wait(share: HeldShare): void {
    this.#waiting.add(share)
  }

  forget(share: HeldShare): void {
    this.#waiting.delete(share)
  }

  /** Something has become easier. Who wakes may wait again at once: each is called once. */
  wake(): void {
    for (const share of [...this.#waiting]) {
      if (share.wouldWait) continue
      this.#waiting.delete(share)
      share.holder.easier()
    }
  }
}

export class HeldShare {
  readonly holder: Holder
  readonly #budget: HeldBudget
  readonly #policy: PolicyAccounts | null
  #name: string | null = null
  #account: NameAccount | null = null
  #words = 0
  #messages = 0
  #bytes = 0
  #open = true

  constructor(budget: HeldBudget, policy: PolicyAccounts | null, holder: Holder) {
    this.#budget = budget
    this.#policy = policy
    this.holder = holder
  }

  /** Who has proved to be the peer: what is held counts for that name from now on. */
  belongTo(name: string): void {
    if (name === this.#name || !this.#open) return
    this.#leave()
    this.#name = name
    this.#account = this.#budget.open(name, this)
    this.#account.account.add(this.#bytes)
    this.#account.words += this.#words
  }

  /** A control word of the peer is here. */
  addWord(): void {
    this.#words++
    if (this.#account !== null) this.#account.words++
  }

  /** It is finished. */
  subWord(): void {
    this.#words--
    if (this.#account !== null) this.#account.words--
    if (this.#isEmpty() && !this.#open) this.#leave()
  }

  /** The name has as many unfinished control words as it may. */
  get hasManyWords(): boolean {
    return (this.#account?.words ?? this.#words) >= CONTROL_WORDS_PER_NAME_MAX
  }

  #isEmpty(): boolean {
    return this.#messages === 0 && this.#words === 0
  }

  add(bytes: number): void {
    const cost = bytes + MESSAGE_OVERHEAD_BYTES
    this.#messages++
    this.#bytes += cost
    let full = this.#budget.total.add(cost)
    if (this.#policy?.messages.add(1) === true) full = true
    if (this.#policy?.bytes.add(cost) === true) full = true
    if (this.#account?.account.add(cost) === true && !full) stopAll(this.#account.shares, this)
    if (full) this.#budget.stop(this)
  }

  sub(bytes: number): void {
    const cost = bytes + MESSAGE_OVERHEAD_BYTES
    this.#messages--
    this.#bytes -= cost
    let easier = this.#budget.total.sub(cost)
    if (this.#account?.account.sub(cost) === true) easier = true
    if (this.#policy?.messages.sub(1) === true) easier = true
    if (this.#policy?.bytes.sub(cost) === true) easier = true
    if (easier && this.#budget.waiting > 0) this.#budget.wake()
    if (this.#isEmpty() && !this.#open) this.#leave()
  }

  /** Grants do not grow. Whoever asks and hears so is woken when it is over. */
  get isTight(): boolean {
    if (!this.wouldWait) return false
    this.#budget.wait(this)
    return true
  }

  /** Links are not read. Whoever asks and hears so is woken when it is over. */
  get isFull(): boolean {
    const { total } = this.#budget
    const policy = this.#policy
    if (
      !total.isFull &&
      this.#account?.account.isFull !== true &&
      policy?.bytes.isFull !== true &&
      policy?.messages.isFull !== true
    )
      return false
    this.#budget.wait(this)
    return true
  }

  get wouldWait(): boolean {
    const policy = this.#policy
    if (this.#budget.total.isTight || this.#account?.account.isTight === true) return true
    return policy !== null && (policy.bytes.isTight || policy.messages.isTight)
  }

  /** The connection is over; what its handlers still hold counts until they have finished. */
  close(): void {
    this.#open = false
    this.#budget.forget(this)
    if (this.#isEmpty()) this.#leave()
  }

  #leave(): void {
    if (this.#name === null) return
    if (this.#account !== null) this.#account.words -= this.#words
    if (this.#account?.account.sub(this.#bytes) === true) this.#budget.wake()
    this.#budget.close(this.#name, this)
    this.#name = null
    this.#account = null
  }
}
