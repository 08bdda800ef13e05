/** An attempt of a call that is to run once, as both ends of the model have it. */
import type { OnceNote } from '../../../transactions/machine/once.ts'
import type { OutReply } from '../../../transactions/machine/replies.ts'
import type { OnceCall } from '../../../transactions/machine/served-once.ts'
import type { CallFailure } from '../../../transactions/machine/words.ts'

const PEER = { peer: { name: 'client.a', instance: 'c' } }

/** What a server says of it. */
export interface Answer {
  readonly attempt: Attempt
  readonly reply: OutReply | null
  readonly failure: CallFailure | null
}

export class Attempt implements OnceCall {
  readonly calls = { connection: PEER, nowMs: 0 }
  /** Of the call. */
  readonly key: number
  readonly number: number
  /** Where it went on the link. */
  session: number
  readonly note: OnceNote
  /** `queued`: on no link. `over`: its caller has its end, or its session is lost. */
  place: 'queued' | 'link' | 'there' | 'over' = 'queued'
  /** As its server has it. */
  phase: 'none' | 'waiting' | 'running' | 'joined' | 'ended' = 'none'
  readonly #says: (answer: Answer) => void

  constructor(key: number, number: number, session: number, note: OnceNote, says: (answer: Answer) => void) {
    this.key = key
    this.number = number
    this.session = session
    this.note = note
    this.#says = says
  }

  join(): void {
    if (this.phase !== 'running') this.phase = 'joined'
  }

  leave(): void {
    this.phase = 'ended'
  }

  end(reply: OutReply | null, failure: CallFailure | null): void {
    this.phase = 'ended'
    this.#says({ attempt: this, reply, failure })
  }

  onAborted(): void {
    // Its handler goes on until it ends.
  }
}
