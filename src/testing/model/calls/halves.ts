/** Both halves of a call as the ends of a model have them, with all that each was told. */
import { Asked, Served, type AskedOwner, type CallKind, type ServedOwner } from '../../../transactions/machine/half.ts'
import type { AnyHalf } from '../../../transactions/machine/pump.ts'
import type { CallFailure, CallReason, CallVerdict } from '../../../transactions/machine/words.ts'
import { laneOf } from '../../../wire/message.ts'

/** Where parts are read. */
export interface Reader {
  /** A part waits, or nothing more comes. */
  readable(half: AnyHalf): void
  /** Who tells what is told now. */
  readonly teller: 'peer' | 'self'
}

/** What its caller was told last, and by whom. */
export interface Told {
  readonly outcome: CallFailure | 'reply'
  readonly by: Reader['teller']
  /** A message of it was on a link by then. */
  readonly wasOnLink: boolean
}

/** A call as its caller has it. */
export class ModelAsked extends Asked implements AskedOwner {
  readonly owner = this
  readonly key: number
  /** Of the session in which it was opened; see End. */
  session = 0
  readonly told: Told[] = []
  readonly verdicts: CallVerdict[] = []
  /** Lengths of parts, as they were sent and read. */
  readonly sent: number[] = []
  readonly parts: number[] = []
  /** What its caller has done to it. */
  readonly did: string[] = []
  isOnLink = false
  isDiscarded = false
  /** The handler has given up its parts. */
  isBroken = false
  readonly #reader: Reader

  constructor(reader: Reader, key: number, kind: CallKind) {
    super(kind, laneOf(kind.priority))
    this.#reader = reader
    this.key = key
  }

  get outcomes(): (CallFailure | 'reply')[] {
    return this.told.map(({ outcome }) => outcome)
  }

  onReply(): void {
    this.#tell('reply')
  }

  onFailure(failure: CallFailure): void {
    this.#tell(failure)
  }

  onVerdict(verdict: CallVerdict): void {
    this.verdicts.push(verdict)
  }

  onReadable(): void {
    this.#reader.readable(this)
  }

  onBroken(): void {
    this.isBroken = this.told.length === 0
  }

  onUnwanted(): void {
    // It asks before it sends.
  }

  onWritable(): void {
    // It asks before it sends.
  }

  #tell(outcome: Told['outcome']): void {
    this.told.push({ outcome, by: this.#reader.teller, wasOnLink: this.isOnLink })
  }
}

/** A call as its handler has it. */
export class ModelServed extends Served implements ServedOwner {
  readonly owner = this
  /** Of its caller; -1 until its request is whole. */
  key = -1
  session = 0
  /** Whether its handler runs or has ended, and how. */
  run: 'never' | 'running' | 'replied' | 'threw' | 'passed' = 'never'
  readonly aborts: CallReason[] = []
  readonly sent: number[] = []
  readonly parts: number[] = []
  readonly did: string[] = []
  readonly #reader: Reader

  constructor(reader: Reader, kind: CallKind, lane: number, id: number, note: Uint8Array) {
    super(kind, lane, id, note)
    this.#reader = reader
  }

  onAborted(reason: CallReason): void {
    this.aborts.push(reason)
  }

  onReadable(): void {
    this.#reader.readable(this)
  }

  onBroken(): void {
    // It is told by its parts.
  }

  onUnwanted(): void {
    // It asks before it sends.
  }

  onWritable(): void {
    // It asks before it sends.
  }
}
