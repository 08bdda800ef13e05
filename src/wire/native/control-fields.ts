/**
 * The values inside control frames: from the session's vocabulary to protobuf, and back with every bound checked.
 *
 * What comes from a peer is parsed, not validated later: a function here returns a value that holds all that its type
 * promises, or throws MalformedFrame, which becomes a fault of the link. Nothing here outlives the received bytes:
 * identifiers become text, payloads are copied.
 */
import { asError, ERROR_CODES, invariant, type InkwireErrorCode } from '../../common/errors.ts'
import type { Budget, PolicyKind } from '../../policies/policy.ts'
import { CONTROL_LANE, LANES } from '../message.ts'
import { EPOCH_MAX } from '../wire.ts'
import type { Ballot, Grant, Marks, SessionOffer } from '../wire.ts'
import { fromHex, toHex } from '../../common/bytes.ts'
import { plain } from '../../common/plain.ts'
import type { Feature } from './features.ts'
import { BALLOT_BYTES_MAX, FEATURE_BYTES_MAX, ID_BYTES, REASON_CHARS_MAX } from './format.ts'
import { readerOf, words } from '../late/words.ts'
import type * as control from './gen/control.pb.js'

const WORD = 2 ** 32
const NOTHING = new Uint8Array(0)

/** A peer's frame breaks the protocol; the message says how. Never leaves src/wire. */
export class MalformedFrame extends Error {}

/** Refuses what a peer sent unless `condition` holds. */
export function expect(condition: boolean, what: string): asserts condition {
  if (!condition) throw new MalformedFrame(what)
}

/** How often a field stands in a payload: a list is counted before there is memory for it. */
export function count(payload: Uint8Array, field: number): number {
  return parse(() => {
    const reader = readerOf(payload)
    let found = 0
    while (reader.pos < reader.len) {
      const tag = reader.tag()
      if (tag >>> 3 === field) found++
      reader.skipType(tag & 7, 0, tag >>> 3)
    }
    return found
  })
}

/** protobufjs throws errors of several kinds on bytes that are no such message. */
export function parse<T>(decode: () => T): T {
  try {
    return decode()
  } catch (thrown) {
    throw new MalformedFrame(`the payload does not decode: ${asError(thrown).message}`)
  }
}

/** A payload, by its type. */
export function parseAs<T>(type: { decode(bytes: Uint8Array): T }, payload: Uint8Array): T {
  return parse(() => type.decode(payload))
}

export function toSequence(value: number): control.Sequence.$Properties {
  // Asked first: the words would be made for every number of every ack.
  if (!Number.isSafeInteger(value) || value < 0) invariant(false, `${value} cannot be put on the wire`)
  return { low: value >>> 0, high: Math.floor(value / WORD) }
}

/** An absent sequence is 0, as protobuf has it. */
export function fromSequence(sequence: control.Sequence.$Properties | null | undefined, what: string): number {
  const value = (sequence?.high ?? 0) * WORD + (sequence?.low ?? 0)
  if (value > Number.MAX_SAFE_INTEGER) throw new MalformedFrame(`${what} is above 2^53 - 1`)
  return value
}

/** A field without a bound is left out. */
export function toBudget(budget: Budget): control.Budget.$Properties {
  return { messages: toBound(budget.messages), bytes: toBound(budget.bytes) }
}

function toBound(value: number): control.Sequence.$Properties | null {
  return value === Infinity ? null : toSequence(value)
}

export function fromBudget(budget: control.Budget.$Properties | null | undefined, what: string): Budget {
  return { messages: fromBound(budget?.messages, what), bytes: fromBound(budget?.bytes, what) }
}

function fromBound(sequence: control.Sequence.$Properties | null | undefined, what: string): number {
  return sequence ? fromSequence(sequence, what) : Infinity
}

export function toGrant(grant: Grant): control.Grant.$Properties {
  return { window: toBudget(grant.window), free: toBudget(grant.free) }
}

export function fromGrant(grant: control.Grant.$Properties | null | undefined): Grant {
  const window = fromBudget(grant?.window, 'the window')
  const free = fromBudget(grant?.free, 'the free part of the window')
  expect(window.messages >= 1 && window.bytes >= 1, 'the window is empty')
  expect(free.messages <= window.messages && free.bytes <= window.bytes, 'more is free than the window holds')
  return { window, free }
}

/** The marks of all lanes; that of control words only when it says something. */
export function toMarks(lanes: readonly Marks[]): {
  marks: control.Marks.$Properties[]
  control?: control.Marks.$Properties
} {
  const marks = lanes.map((lane) => ({ received: toSequence(lane.received), processed: toSequence(lane.processed) }))
  const words = marks[CONTROL_LANE]
  if (words === undefined) return { marks }
  marks.length = LANES
  return { marks, control: words }
}

export function fromMarks({ marks, control: words }: MarksFields): Marks[] {
  expect((marks?.length ?? 0) <= LANES, `there are marks for more than ${LANES} lanes`)
  const lanes = (marks ?? []).map(fromMark)
  if (!words) return lanes
  while (lanes.length < CONTROL_LANE) lanes.push({ received: 0, processed: 0 })
  return [...lanes, fromMark(words)]
}

interface MarksFields {
  readonly marks?: readonly control.Marks.$Properties[] | null
  readonly control?: control.Marks.$Properties | null
}

function fromMark(lane: control.Marks.$Properties): Marks {
  const received = fromSequence(lane.received, 'a received mark')
  const processed = fromSequence(lane.processed, 'a processed mark')
  expect(processed <= received, 'a processed mark is above the received mark')
  return { received, processed }
}

export function toBallot(ballot: Ballot): control.Ballot.$Properties {
  return { epoch: ballot.epoch, dialler: fromHex(ballot.dialler) }
}

export function fromBallot(ballot: control.Ballot.$Properties | null | undefined): Ballot {
  const dialler = ballot?.dialler ?? new Uint8Array(0)
  expect(dialler.length >= 1 && dialler.length <= BALLOT_BYTES_MAX, `the ballot's dialler has ${dialler.length} bytes`)
  return { epoch: fromEpoch(ballot?.epoch), dialler: toHex(dialler) }
}

/** Of a link that was dialled. */
export function fromEpoch(epoch: number | null | undefined): number {
  const value = epoch ?? 0
  expect(value >= 1 && value <= EPOCH_MAX, `epoch ${value} is out of range`)
  return value
}

/** An instance or session id. */
export function fromId(bytes: Uint8Array | null | undefined, what: string): string {
  const length = bytes?.length ?? 0
  expect(bytes?.length === ID_BYTES, `${what} has ${length} bytes instead of ${ID_BYTES}`)
  return toHex(bytes)
}

const POLICIES = {
  lossy: 'POLICY_LOSSY',
  losslessClient: 'POLICY_LOSSLESS_CLIENT',
  losslessServer: 'POLICY_LOSSLESS_SERVER',
  peer: 'POLICY_PEER',
} as const satisfies Record<PolicyKind, keyof typeof control.Policy>

export function toPolicy(kind: PolicyKind): control.Policy {
  return words().Policy[POLICIES[kind]]
}

export function fromPolicy(value: control.Policy | null | undefined): PolicyKind {
  const kinds = Object.keys(POLICIES) as PolicyKind[]
  const kind = kinds.find((candidate) => toPolicy(candidate) === value)
  expect(kind !== undefined, `there is no policy ${value ?? 0}`)
  return kind
}

export function toSide(side: SessionOffer['counted']): control.Side {
  if (side === undefined) return words().Side.SIDE_UNSPECIFIED
  return side === 'dialler' ? words().Side.SIDE_DIALLER : words().Side.SIDE_ACCEPTOR
}

export function fromSide(side: control.Side | null | undefined): Partial<Pick<SessionOffer, 'counted'>> {
  if (!side) return {}
  expect(side === words().Side.SIDE_DIALLER || side === words().Side.SIDE_ACCEPTOR, `there is no side ${side}`)
  return { counted: side === words().Side.SIDE_DIALLER ? 'dialler' : 'acceptor' }
}

/** A sentence of either side: for people and logs. */
export function toReason(reason: string | null | undefined): string {
  return plain(reason ?? '', REASON_CHARS_MAX)
}

/** A code that this version does not know is a refusal like any other. */
export function fromCode(code: string | null | undefined): InkwireErrorCode {
  return code && Object.hasOwn(ERROR_CODES, code) ? (code as InkwireErrorCode) : 'INK_REFUSED'
}

/** The value of one that is not known here is checked, too: a bound holds for all. */
export function fromFeature(feature: control.Feature.$Properties): Feature {
  const value = fromPayload(feature.value)
  expect(value.length <= FEATURE_BYTES_MAX, `a feature says more than ${FEATURE_BYTES_MAX} bytes`)
  return { number: feature.number ?? 0, value }
}

/** Bytes that may be kept: what protobuf decodes are views of the received chunk. */
export function fromPayload(bytes: Uint8Array | null | undefined): Uint8Array {
  return bytes === null || bytes === undefined || bytes.length === 0 ? NOTHING : new Uint8Array(bytes)
}
