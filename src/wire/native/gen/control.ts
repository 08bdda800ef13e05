/** Made from proto/control.proto by scripts/generate-proto.mjs. Do not edit. */
import { message } from '../protobuf.ts'

export interface Sequence {
  readonly low?: number | null | undefined
  readonly high?: number | null | undefined
}
export const Sequence = message<Sequence>({
  low: [1, 'fixed32'],
  high: [2, 'fixed32'],
})

export interface Budget {
  readonly messages?: Sequence | null | undefined
  readonly bytes?: Sequence | null | undefined
}
export const Budget = message<Budget>({
  messages: [1, Sequence],
  bytes: [2, Sequence],
})

export interface Grant {
  readonly window?: Budget | null | undefined
  readonly free?: Budget | null | undefined
}
export const Grant = message<Grant>({
  window: [1, Budget],
  free: [2, Budget],
})

export interface Marks {
  readonly received?: Sequence | null | undefined
  readonly processed?: Sequence | null | undefined
}
export const Marks = message<Marks>({
  received: [1, Sequence],
  processed: [2, Sequence],
})

export interface Ballot {
  readonly epoch?: number | null | undefined
  readonly dialler?: Uint8Array | null | undefined
}
export const Ballot = message<Ballot>({
  epoch: [1, 'uint32'],
  dialler: [2, 'bytes'],
})

export const Policy = {
  POLICY_UNSPECIFIED: 0,
  POLICY_LOSSY: 1,
  POLICY_LOSSLESS_CLIENT: 2,
  POLICY_LOSSLESS_SERVER: 3,
  POLICY_PEER: 4,
} as const
export type Policy = number

export const Side = {
  SIDE_UNSPECIFIED: 0,
  SIDE_DIALLER: 1,
  SIDE_ACCEPTOR: 2,
} as const
export type Side = number

export interface Feature {
  readonly number?: number | null | undefined
  readonly value?: Uint8Array | null | undefined
}
export const Feature = message<Feature>({
  number: [1, 'uint32'],
  value: [2, 'bytes'],
})

export interface Hello {
  readonly version?: number | null | undefined
  readonly name?: string | null | undefined
  readonly instance?: Uint8Array | null | undefined
  readonly addresses?: readonly string[] | null | undefined
  readonly frameBytesMax?: number | null | undefined
  readonly features?: readonly Feature[] | null | undefined
}
export const Hello = message<Hello>({
  version: [1, 'uint32'],
  name: [2, 'string'],
  instance: [3, 'bytes'],
  addresses: [4, 'string', 'many'],
  frameBytesMax: [5, 'uint32'],
  features: [6, Feature, 'many'],
})

export interface AuthRequest {
  readonly method?: string | null | undefined
  readonly payload?: Uint8Array | null | undefined
}
export const AuthRequest = message<AuthRequest>({
  method: [1, 'string'],
  payload: [2, 'bytes'],
})

export interface AuthChallenge {
  readonly payload?: Uint8Array | null | undefined
}
export const AuthChallenge = message<AuthChallenge>({
  payload: [1, 'bytes'],
})

export interface AuthResponse {
  readonly payload?: Uint8Array | null | undefined
}
export const AuthResponse = message<AuthResponse>({
  payload: [1, 'bytes'],
})

export interface AuthDone {
  readonly payload?: Uint8Array | null | undefined
}
export const AuthDone = message<AuthDone>({
  payload: [1, 'bytes'],
})

export interface AuthRejected {
  readonly reason?: string | null | undefined
}
export const AuthRejected = message<AuthRejected>({
  reason: [1, 'string'],
})

export interface Resume {
  readonly id?: Uint8Array | null | undefined
  readonly marks?: readonly Marks[] | null | undefined
  readonly control?: Marks | null | undefined
}
export const Resume = message<Resume>({
  id: [1, 'bytes'],
  marks: [2, Marks, 'many'],
  control: [3, Marks],
})

export interface Move {
  readonly holdMs?: number | null | undefined
}
export const Move = message<Move>({
  holdMs: [1, 'uint32'],
})

export interface Open {
  readonly ballot?: Ballot | null | undefined
  readonly channel?: number | null | undefined
  readonly policy?: Policy | null | undefined
  readonly fresh?: Uint8Array | null | undefined
  readonly resume?: readonly Resume[] | null | undefined
  readonly grant?: Grant | null | undefined
  readonly counted?: Side | null | undefined
  readonly move?: Move | null | undefined
}
export const Open = message<Open>({
  ballot: [1, Ballot],
  channel: [2, 'uint32'],
  policy: [3, 'enum'],
  fresh: [4, 'bytes'],
  resume: [5, Resume, 'many'],
  grant: [6, Grant],
  counted: [7, 'enum'],
  move: [8, Move],
})

export interface Opened {
  readonly id?: Uint8Array | null | undefined
  readonly resumed?: boolean | null | undefined
  readonly marks?: readonly Marks[] | null | undefined
  readonly policy?: Policy | null | undefined
  readonly grant?: Grant | null | undefined
  readonly checksum?: number | null | undefined
  readonly control?: Marks | null | undefined
}
export const Opened = message<Opened>({
  id: [1, 'bytes'],
  resumed: [2, 'bool'],
  marks: [3, Marks, 'many'],
  policy: [4, 'enum'],
  grant: [5, Grant],
  checksum: [6, 'uint32'],
  control: [7, Marks],
})

export interface Confirm {
  readonly marks?: readonly Marks[] | null | undefined
  readonly control?: Marks | null | undefined
}
export const Confirm = message<Confirm>({
  marks: [1, Marks, 'many'],
  control: [2, Marks],
})

export interface Yield {
  readonly epoch?: number | null | undefined
}
export const Yield = message<Yield>({
  epoch: [1, 'uint32'],
})

export interface Reject {
  readonly code?: string | null | undefined
  readonly reason?: string | null | undefined
}
export const Reject = message<Reject>({
  code: [1, 'string'],
  reason: [2, 'string'],
})

export interface Ack {
  readonly marks?: readonly Marks[] | null | undefined
  readonly credit?: Budget | null | undefined
  readonly control?: Marks | null | undefined
}
export const Ack = message<Ack>({
  marks: [1, Marks, 'many'],
  credit: [2, Budget],
  control: [3, Marks],
})

export interface Keepalive {
  readonly token?: Sequence | null | undefined
}
export const Keepalive = message<Keepalive>({
  token: [1, Sequence],
})

export interface KeepaliveAck {
  readonly token?: Sequence | null | undefined
}
export const KeepaliveAck = message<KeepaliveAck>({
  token: [1, Sequence],
})

export interface Goodbye {
  readonly reason?: string | null | undefined
}
export const Goodbye = message<Goodbye>({
  reason: [1, 'string'],
})

export interface Failure {
  readonly lane?: number | null | undefined
  readonly seq?: Sequence | null | undefined
  readonly code?: string | null | undefined
  readonly errorCode?: string | null | undefined
  readonly reason?: string | null | undefined
}
export const Failure = message<Failure>({
  lane: [1, 'uint32'],
  seq: [2, Sequence],
  code: [3, 'string'],
  errorCode: [4, 'string'],
  reason: [5, 'string'],
})

export interface Failed {
  readonly first?: Sequence | null | undefined
  readonly failures?: readonly Failure[] | null | undefined
  readonly taken?: Sequence | null | undefined
}
export const Failed = message<Failed>({
  first: [1, Sequence],
  failures: [2, Failure, 'many'],
  taken: [3, Sequence],
})

export interface End {
  readonly epoch?: number | null | undefined
  readonly stays?: boolean | null | undefined
}
export const End = message<End>({
  epoch: [1, 'uint32'],
  stays: [2, 'bool'],
})
