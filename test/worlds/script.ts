/**
 * A plot as plain data: who plays, what breaks, and what happens in which order. stage.ts plays it.
 *
 * There are two messengers, *test* and *peer*; *twin*, on a third host, has the name of *peer*, and appears when it does
 * something. Injections are at test's links; the n-th occurrence is counted over all of them.
 */
import type { MessengerOptions, PolicyKind, PolicyOptions } from '../../src/index.ts'
import type { Breakpoint, FaultAction } from '../../src/testing/index.ts'

export type SideName = 'test' | 'peer'

/** Where, what, and at which occurrence. */
export type Injection = readonly [point: Breakpoint, action: FaultAction, nth?: number]

/**
 * What a side does. `connects` and `sends` as its application does; a message that is sent goes to the newest connection.
 * `holds`: its handlers do not finish from now on; `finishes`: they do; `acks early`: they say so as soon as they run.
 * `crashes`: its links are reset. `restarts`: as a new process on the same host. `cannot dial`: its dials hang until `heal`.
 */
type Act =
  | 'connects'
  | 'sends'
  | 'marks down'
  | 'closes'
  | 'holds'
  | 'acks early'
  | 'finishes'
  | 'crashes'
  | 'restarts'
  | 'cannot dial'

/**
 * A number is virtual time that passes, in ms. `held` waits until the injections hold something; `release` lets go of all
 * that is held, or of what is held at one breakpoint. `cut` breaks every link, `silence` keeps each for ever and
 * delivers nothing on it.
 */
export type Step =
  `${SideName | 'twin'} ${Act}` | 'cut' | 'silence' | 'heal' | 'held' | 'release' | `release ${Breakpoint}` | number

export interface Plot {
  readonly name: string
  /** Default: native. Breakpoints of frames are native ones. */
  readonly wire?: 'msgr2'
  /** Of test and of peer. */
  readonly policies: readonly [PolicyKind, PolicyKind]
  /** Options of their policies. */
  readonly options?: Readonly<Partial<Record<SideName, PolicyOptions>>>
  /** Limits of all messengers. */
  readonly limits?: MessengerOptions['limits']
  /** Whose address is lower, and so whose dial goes first when both dial at once. Default: peer. */
  readonly goesFirst?: SideName
  /** Who asks for signs of life soon; default nobody. */
  readonly keepalive?: SideName
  readonly script: readonly Step[]
}
