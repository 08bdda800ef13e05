/**
 * The state of a group at one member: whether its application has it, whom it is given to, and where it comes from.
 *
 * All members compute the same heirs from a change of view. An heir takes snapshots for those that it provides; who is none shuts
 * the gate of its reader, asks, and opens it when `set()` has finished. Each view begins anew; a transfer of an older one is over.
 */
import { asError, InkwireError } from '../common/errors.ts'
import { heritageOf } from './machine/quorum.ts'
import { viewKey, type MemberId, type ViewChange } from './machine/terms.ts'
import type { Gate, GroupReader } from './reader.ts'
import { IncomingState, pour, type GroupState, type StateParts, type StateSink } from './state.ts'

export interface StateHost {
  readonly id: MemberId
  /** Asks another member for the state of this view. */
  ask(provider: MemberId, view: string): void
  /** `hasState` has changed. */
  changed(): void
  /** A transfer has ended. */
  rested(): void
  /** The state did not come: a new view, in which another gives it, is due. */
  again(): void
  /** The application could not take the state. */
  failed(error: InkwireError): void
}

interface Asked {
  readonly view: string
  readonly sink: StateSink
}

interface Transfer {
  readonly provider: MemberId
  readonly view: string
  readonly parts: IncomingState
}

export class StateDesk {
  hasState = true
  readonly #state: GroupState
  readonly #host: StateHost
  readonly #reader: GroupReader
  #view = ''
  /** Taken in this view, and not asked for yet. */
  readonly #offers = new Map<MemberId, StateParts>()
  readonly #asked = new Map<MemberId, Asked>()
  /** Given to others right now. */
  #pouring = 0
  #gate: Gate | null = null
  #transfer: Transfer | null = null
  /** The last `set()`, which the next one waits for. */
  #setting: Promise<void> = Promise.resolve()

  constructor(state: GroupState, host: StateHost, reader: GroupReader) {
    this.#state = state
    this.#host = host
    this.#reader = reader
  }

  /** A new view: its event is in the reader already. */
  entered(change: ViewChange): void {
    this.#over('the view changed')
    this.#view = viewKey(change.view.id)
    const { heirs, providerOf } = heritageOf(change)
    if (heirs.includes(this.#host.id)) {
      const joiners = change.view.members.filter(
        (member) => !heirs.includes(member) && providerOf(member) === this.#host.id,
      )
      if (joiners.length > 0) this.#reader.snapshot(() => this.#snapshot(joiners))
      return
    }
    this.hasState = false
    this.#host.changed()
    this.#gate = this.#reader.shut()
    const provider = providerOf(this.#host.id)
    if (provider !== null) this.#fetch(provider)
  }

  /** It has the state, and gives it to nobody. */
  get isAtRest(): boolean {
    return this.hasState && this.#transfer === null && this.#offers.size === 0 && this.#pouring === 0
  }

  /** The stay is over. */
  end(): void {
    this.#over('the member has left')
  }

  /** Another member wants the state of a view; perhaps of one that is not here yet. */
  asked(member: MemberId, view: string, sink: StateSink): void {
    this.#asked.set(member, { view, sink })
    this.#serve(member)
  }

  /** A part came. Resolves when it is taken. */
  part(provider: MemberId, view: string, part: Uint8Array): Promise<void> | void {
    const transfer = this.#of(provider, view)
    return transfer?.parts.push(part)
  }

  whole(provider: MemberId, view: string): void {
    this.#of(provider, view)?.parts.whole()
  }

  notComing(provider: MemberId, view: string, why: string): void {
    this.#of(provider, view)?.parts.fail(why)
  }

  #of(provider: MemberId, view: string): Transfer | null {
    const transfer = this.#transfer
    return transfer?.provider === provider && transfer.view === view ? transfer : null
  }

  async #snapshot(joiners: readonly MemberId[]): Promise<void> {
    const view = this.#view
    for (const member of joiners) {
      let parts: StateParts
      try {
        parts = await this.#state.get()
      } catch (thrown) {
        const error = asError(thrown)
        parts = failing(error)
      }
      // Nobody wants it any more.
      if (view !== this.#view) return
      this.#offers.set(member, parts)
      this.#serve(member)
    }
  }

  #serve(member: MemberId): void {
    const asked = this.#asked.get(member)
    const parts = this.#offers.get(member)
    if (asked === undefined || parts === undefined || asked.view !== this.#view) return
    this.#asked.delete(member)
    this.#offers.delete(member)
    this.#pouring++
    void pour(parts, asked.sink).finally(() => {
      this.#pouring--
      this.#host.rested()
    })
  }

  #fetch(provider: MemberId): void {
    const transfer: Transfer = { provider, view: this.#view, parts: new IncomingState() }
    this.#transfer = transfer
    this.#setting = this.#setting.then(() => this.#set(transfer))
    this.#host.ask(provider, transfer.view)
  }

  async #set(transfer: Transfer): Promise<void> {
    if (this.#transfer !== transfer) return
    const seen = { isCut: false }
    try {
      await this.#state.set(watched(transfer.parts, seen))
    } catch (thrown) {
      if (this.#transfer !== transfer) return
      this.#transfer = null
      const text = `the state could not be taken: ${asError(thrown).message}`
      if (seen.isCut) this.#host.again()
      else this.#host.failed(new InkwireError('INK_HANDLER_FAILED', text, { cause: thrown }))
      return
    }
    if (this.#transfer !== transfer) return
    this.#transfer = null
    this.hasState = true
    this.#host.changed()
    this.#gate?.open()
    this.#gate = null
  }

  #over(why: string): void {
    const transfer = this.#transfer
    this.#transfer = null
    transfer?.parts.fail(why)
    this.#gate?.drop()
    this.#gate = null
    this.#offers.clear()
    for (const [member, { view }] of this.#asked) if (view === this.#view) this.#asked.delete(member)
  }
}

/** Notes that the parts were cut off, whatever `set()` makes of it. */
async function* watched(parts: IncomingState, seen: { isCut: boolean }): AsyncGenerator<Uint8Array> {
  try {
    yield* parts
  } catch (thrown) {
    seen.isCut = true
    throw thrown
  }
}

// eslint-disable-next-line require-yield
async function* failing(error: Error): AsyncGenerator<Uint8Array> {
  throw error
}
