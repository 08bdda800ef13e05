/**
 * A WireSink that writes down everything it is told, as plain data that two runs can be compared by.
 */
import type { InkwireErrorCode } from '../../src/common/errors.ts'
import type { InboundMessage, Standing } from '../../src/wire/message.ts'
import type { Verdict } from '../../src/wire/verdict.ts'
import type { BatchHeader, Identity, SessionAnswer, SessionOffer, WireSink } from '../../src/wire/wire.ts'
import { toHex } from '../../src/common/bytes.ts'

export type Told = readonly [name: string, ...values: unknown[]]

export class RecordingSink implements WireSink {
  reusesBodies = false
  readonly told: Told[] = []
  /** Of chunks put together and of chunks that are not used again, what a test may look into later. */
  readonly messages: InboundMessage[] = []
  /** The time of this side. */
  nowMs = 0
  /** Which of the leading messages of a run are skipped; -1 refuses it. */
  skip: (header: BatchHeader) => number = () => 0
  admits: (bytes: number, skipped: boolean) => boolean = () => true
  /** Called after an offer or an answer was written down. */
  decide: () => void = () => {}

  /** What was told under a name. */
  all(name: string): Told[] {
    return this.told.filter((told) => told[0] === name)
  }

  /** The one fault, as text; undefined when there is none. */
  get faulted(): string | undefined {
    const faults = this.all('fault')
    if (faults.length > 1) throw new Error(`${faults.length} faults`)
    return faults[0]?.slice(1).join(': ')
  }

  offer(peer: Identity, offer: SessionOffer): void {
    this.told.push(['offer', peer, offer])
    this.decide()
  }

  opened(peer: Identity, answer: SessionAnswer): void {
    this.told.push(['opened', peer, answer])
    this.decide()
  }

  yielded(_peer: Identity | null, epoch: number): void {
    this.told.push(['yielded', epoch])
  }

  rejected(_peer: Identity | null, code: InkwireErrorCode, reason: string): void {
    this.told.push(['rejected', code, reason])
  }

  confirmed(): void {
    this.told.push(['confirmed'])
  }

  dueMs(remainingMs: number): number {
    return this.nowMs + remainingMs
  }

  batch(header: BatchHeader): number {
    this.told.push(['batch', { ...header }])
    return this.skip(header)
  }

  admit(bytes: number, skipped: boolean): boolean {
    this.told.push(['admit', bytes, skipped])
    return this.admits(bytes, skipped)
  }

  message(message: InboundMessage, _standing: Standing): void {
    this.messages.push(message)
    const { type, version, priority, tid, seq, lane, stampMs, stampCounter, bytes } = message
    const segments = [message.front, message.middle, message.data].map(toHex)
    this.told.push(['message', { type, version, priority, tid, seq, lane, stampMs, stampCounter, bytes, segments }])
  }

  marks(lane: number, received: number, processed: number): void {
    this.told.push(['marks', lane, received, processed])
  }

  credit(messages: number, bytes: number): void {
    this.told.push(['credit', messages, bytes])
  }

  keepalive(token: number): void {
    this.told.push(['keepalive', token])
  }

  verdicts(first: number, verdicts: readonly Verdict[], taken: number): void {
    this.told.push(['verdicts', first, taken, ...verdicts])
  }

  keepaliveAck(token: number): void {
    this.told.push(['keepaliveAck', token])
  }

  goodbye(reason: string): void {
    this.told.push(['goodbye', reason])
  }

  fault(code: InkwireErrorCode, reason: string): void {
    this.told.push(['fault', code, reason])
  }
}
