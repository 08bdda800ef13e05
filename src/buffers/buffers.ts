/**
 * Remote buffers of one messenger: those that it lends to others, and those of others that it uses.
 *
 * It is made beside the messenger, over the public surface: whoever uses none pays nothing, neither a handler nor a key. A
 * reference is all that a holder needs; where it came from does not matter.
 */
import { asError, InkwireError } from '../common/errors.ts'
import { describe } from '../common/options.ts'
import { unlessAborted } from '../common/abort.ts'
import { Messenger, type ServerCall } from '../index.ts'
import { BufferError } from './buffer-error.ts'
import { firstOf, receiveOver, sendOver, type Holding } from './holder.ts'
import { local } from './local.ts'
import { contains, READ, WRITE } from './machine/claims.ts'
import { REFERENCE } from './machine/limits.ts'
import { decodeToken, encodeToken } from './machine/token.ts'
import type { TransferRequest } from './machine/words.ts'
import type { Direction } from './machine/registry.ts'
import {
  checkBuffersOptions,
  checkReceive,
  checkRegister,
  checkSend,
  type BuffersOptions,
  type CheckedTransfer,
  type ReceiveOptions,
  type RegisterOptions,
  type SendOptions,
} from './options.ts'
import { Owner } from './owner.ts'
import { Reach } from './reach.ts'
import { claimsOfRef, narrowed, tokenOf, type BufferRef } from './ref.ts'
import type { BufferDevice, BufferSink } from './region.ts'
import { Relay } from './relay.ts'
import { failure, reasonOf, refusal, TransferCall } from './transfer-call.ts'

/** For people. */
export interface BuffersDump {
  /** References that are registered. */
  readonly registrations: number
  /** Bytes of registered memory. */
  readonly registeredBytes: number
  /** Transfers that are open now. */
  readonly transfers: number
  /** References of others whose transfers may pass through here. */
  readonly forwards: number
}

const all = new WeakMap<Messenger, Buffers>()

/**
 * The remote buffers of a messenger; the same object each time. It serves references from the first time on, until the messenger is closed.
 *
 * @throws InkwireError `INK_BAD_ARGUMENT` for what is no messenger, and for options the second time; `INK_BAD_OPTION`.
 */
export function buffers(messenger: Messenger, options?: BuffersOptions): Buffers {
  if (!(messenger instanceof Messenger)) {
    throw new InkwireError('INK_BAD_ARGUMENT', `buffers() takes a Messenger, not ${describe(messenger)}`)
  }
  const made = all.get(messenger)
  if (made === undefined) {
    const fresh = new Buffers(messenger, options ?? {})
    all.set(messenger, fresh)
    return fresh
  }
  if (options === undefined) return made
  throw new InkwireError('INK_BAD_ARGUMENT', `${messenger.name} has its buffers already: give options the first time`)
}

/**
 * The remote buffers of one messenger: those that it lends, and those of others that it reads and writes. Made by
 * `buffers(messenger)`.
 */
export class Buffers {
  readonly #messenger: Messenger
  readonly #owner: Owner
  readonly #reach: Reach
  readonly #relay: Relay
  #isClosed = false

  /** @internal */
  constructor(messenger: Messenger, options: BuffersOptions) {
    const { limits, mayDial } = checkBuffersOptions(options)
    const seam = Messenger.seamOf(messenger)
    seam.shows('buffers', () => this.dump())
    this.#messenger = messenger
    this.#owner = new Owner(messenger, seam, limits)
    this.#reach = new Reach(messenger, seam.clock, limits, mayDial)
    this.#relay = new Relay(this.#owner, this.#reach, limits)
    // Refused at once, with a reason, rather than kept waiting: the registry counts.
    messenger.serve(TransferCall, (request, call) => this.#serve(request, call), { concurrency: Infinity })
    messenger.events$.subscribe({
      complete: () => {
        this.#isClosed = true
        this.#owner.close()
        this.#relay.clear()
      },
    })
  }

  /**
   * Lends a buffer to whoever gets the reference. It stays the caller's: memory may be read and changed meanwhile, and readers see
   * whatever is there when their chunk is read.
   *
   * @param buffer memory, or what reads and writes, as `fileBuffer()` makes.
   * @throws InkwireError `INK_BAD_OPTION`, `INK_BAD_ARGUMENT`; `INK_REFUSED` when a limit is reached; `INK_CLOSED`.
   */
  register(buffer: Uint8Array | BufferDevice, options: RegisterOptions = {}): BufferRef {
    if (this.#isClosed) throw new InkwireError('INK_CLOSED', `register(): ${this.#messenger.name} is closed`)
    return this.#owner.register(checkRegister(buffer, options), this.#addresses())
  }

  /**
   * Takes a buffer back. No chunk begins after this call, and transfers end with `stale`. Resolves when none is under way either: from
   * then on nobody but the caller reads or writes it. Doing it again waits for the same.
   *
   * @param ref any reference to the buffer, also a weaker one.
   * @throws InkwireError `INK_BAD_ARGUMENT` when it is of another messenger; `INK_ABORTED` when the signal fires first: it is being taken
   *   back all the same.
   */
  async unregister(ref: BufferRef, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    await unlessAborted(this.#owner.unregister(ref), options.signal, (cause) => {
      return new InkwireError('INK_ABORTED', 'unregister() was aborted by its signal', { cause })
    })
  }

  /**
   * Reads bytes of a buffer. Without `into`, or with memory, gives the bytes.
   *
   * @throws BufferError with `placed`; when it rejects, nothing is written to `into` any more. InkwireError `INK_BAD_OPTION`,
   *   `INK_BAD_ARGUMENT`.
   */
  receive(ref: BufferRef, options: ReceiveOptions & { readonly into: BufferSink }): Promise<void>
  receive(ref: BufferRef, options?: ReceiveOptions & { readonly into?: Uint8Array | undefined }): Promise<Uint8Array>
  async receive(ref: BufferRef, options: ReceiveOptions = {}): Promise<Uint8Array | void> {
    const checked = checkReceive(ref, options)
    await this.#transfer('receive()', ref, 'read', checked)
    return checked.memory ?? undefined
  }

  /**
   * Writes bytes into a buffer. Resolves when the owner has placed all of them.
   *
   * @throws BufferError with `placed` and `uncertain`. InkwireError `INK_BAD_OPTION`, `INK_BAD_ARGUMENT`.
   */
  async send(ref: BufferRef, options: SendOptions): Promise<void> {
    await this.#transfer('send()', ref, 'write', checkSend(ref, options))
  }

  /**
   * The same reference, for peers that may not reach its owner: it says that this messenger passes bytes on. It does so for this
   * buffer, within its limits, until `unforward()`. The owner sees this messenger as who uses it then.
   *
   * @throws InkwireError `INK_BAD_OPTION` when it is attenuated or forwarded for the 17th time, or this messenger has no address;
   *   `INK_REFUSED` when too many are forwarded.
   */
  forward(ref: BufferRef): BufferRef {
    const [address] = this.#addresses()
    if (address === undefined) {
      throw new InkwireError('INK_BAD_OPTION', `forward(): ${this.#messenger.name} cannot be dialled: bind() it first`)
    }
    const forwarded = narrowed(ref, { kind: 'via', name: this.#messenger.name, address })
    if (!this.#owner.owns(tokenOf(ref))) this.#relay.forward(ref)
    return forwarded
  }

  /** Passes no more bytes on for this buffer; transfers that are under way go on. */
  unforward(ref: BufferRef): void {
    this.#relay.unforward(ref)
  }

  /** What there is, as plain data for people. */
  dump(): BuffersDump {
    const { registrations, memoryBytes, transfers } = this.#owner.registry
    return { registrations, registeredBytes: memoryBytes, transfers, forwards: this.#relay.size }
  }

  async #serve({ direction, range, token: bytes }: TransferRequest, call: ServerCall): Promise<undefined> {
    const token = decodeToken(bytes)
    if (token === null) throw refusal('denied')
    if (this.#owner.owns(token)) await this.#owner.serve(token, direction, range, call)
    else if (this.#relay.forwards(token)) await this.#relay.serve(token, { direction, range, token: bytes }, call)
    else throw refusal(token.header.value.owner === this.#messenger.name ? 'gone' : 'denied')
  }

  async #transfer(what: string, ref: BufferRef, direction: Direction, checked: CheckedTransfer): Promise<void> {
    const { range, region, signal, timeoutMs, progress } = checked
    const claims = claimsOfRef(ref)
    if ((claims.rights & (direction === 'read' ? READ : WRITE)) === 0) throw failure(what, 'denied')
    if (!contains(claims.range, range)) throw failure(what, 'out-of-range')
    const token = { ...tokenOf(ref), contents: null }
    const request: TransferRequest = { direction, range, token: encodeToken(token) }
    const holding: Holding = { request, region, signal, timeoutMs, progress, placed: 0, sent: 0 }
    try {
      if (signal?.aborted === true) throw failure(what, 'cancelled', signal.reason)
      if (this.#owner.owns(token) || (direction === 'read' && tokenOf(ref).contents !== null)) {
        await local(this.#owner, this.#messenger.name, ref, holding)
        return
      }
      await this.#over(ref, holding)
    } catch (thrown) {
      throw withPlaces(what, thrown, holding)
    }
  }

  /** By the first way that leads there. */
  async #over(ref: BufferRef, holding: Holding): Promise<void> {
    const move = holding.request.direction === 'read' ? receiveOver : sendOver
    let lost: Error = refusal('disconnected')
    for await (const connection of this.#reach.ways(ref, holding.signal)) {
      try {
        await move(connection, holding)
        return
      } catch (thrown) {
        // Another way may do where nothing has moved yet.
        if (reasonOf(thrown) !== 'disconnected' || holding.sent > 0 || holding.placed > 0) throw thrown
        lost = asError(thrown)
      }
    }
    if (holding.signal?.aborted === true) throw failure('transfer', 'cancelled', holding.signal.reason)
    throw lost
  }

  #addresses(): string[] {
    const fits = this.#messenger.addresses.filter((address) => address.length <= REFERENCE.addressBytesMax)
    return fits.slice(0, REFERENCE.addressesMax)
  }
}

/** What failed, and how far it had come. */
function withPlaces(what: string, thrown: unknown, { request, placed, sent }: Holding): BufferError {
  const { range } = request
  const places = {
    placed: firstOf(range, placed),
    uncertain: sent > placed ? { offset: range.offset + placed, length: sent - placed } : null,
  }
  if (thrown instanceof BufferError)
    return new BufferError(thrown.reason, thrown.message, { ...places, cause: thrown.cause })
  return failure(what, reasonOf(thrown), thrown, places)
}
