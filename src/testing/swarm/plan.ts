/**
 * A random world as data: who lives in it, what they send, and what goes wrong when. All of it is drawn from one seed
 * before anything runs, so a plan can be printed, cut down and run again.
 *
 * Times are in ms from the start. Faults end by `faultsMs`; from then on the world must come to rest.
 */
import type { MessengerLimits } from '../../policies/limits.ts'
import type { PolicyOptions } from '../../policies/policy.ts'
import type { CrashKind } from '../simulator/simulation.ts'
import type { NetworkConditions } from '../simulator/conditions.ts'

/** What a messenger of a random world is, and so its policy. */
export type NodeType = 'osd' | 'mds' | 'client'

/** A peer that proves its name and means harm, beside the nodes. */
export interface HostilePlan {
  /** `osd.5`; also its host. */
  readonly name: string
  readonly type: NodeType
  /** What it must know to prove its name; with `none`, all are believed to have the names that they say. */
  readonly proof: 'none' | 'sharedSecret'
  /** Whether nodes say which name they want when they connect. */
  readonly named: boolean
  readonly flood: number
  readonly pauseMs: number
  /** Nodes that want something of it, too. */
  readonly visits: readonly { readonly atMs: number; readonly node: number; readonly count: number }[]
}

/** A messenger of a random world. */
export interface NodePlan {
  /** `osd.0`; also its host. */
  readonly name: string
  readonly type: NodeType
  /** False: it cannot be dialled. */
  readonly bound: boolean
  readonly limits: Partial<MessengerLimits>
  readonly handlers: HandlerPlan
}

/** How a node treats what it gets; the rest is handled at once. */
export interface HandlerPlan {
  readonly slowProbability: number
  readonly slowMaxMs: number
  readonly throwProbability: number
  readonly replyProbability: number
  readonly fastProbability: number
}

/** The options of the four policies of this world. */
export interface PolicyPlan {
  readonly peer: PolicyOptions
  readonly client: PolicyOptions
  readonly server: PolicyOptions
  readonly lossy: PolicyOptions
}

/** What an application does. `to` is a node's position. */
export type Operation =
  | {
      readonly kind: 'send' | 'deliver'
      readonly atMs: number
      readonly node: number
      readonly to: number
      readonly count: number
      readonly bytes: number
      readonly priority: number
    }
  | {
      readonly kind: 'connect' | 'markDown' | 'close'
      readonly atMs: number
      readonly node: number
      readonly to: number
    }

/** Calls that a node makes. */
export interface CallOperation {
  readonly atMs: number
  readonly node: number
  readonly to: number
  readonly count: number
  /** Of data beside the body, and of each part. */
  readonly bytes: number
  /** Parts in each direction; 0: a call without any. */
  readonly parts: number
  readonly priority: number
  /** Null: none. */
  readonly timeoutMs: number | null
  /** What the caller does after a while; `wait`: nothing. */
  readonly then: 'wait' | 'abort' | 'cancel' | 'discard' | 'stop' | 'reset'
  readonly thenMs: number
}

/** A second network, on which every node is as well. */
export interface PathsPlan {
  /** Whether whoever connects keeps a link by the second network ready. */
  readonly standby: boolean
  readonly switches: readonly SwitchOperation[]
}

/** A session is sent to the other network, or to the one where it is. */
export interface SwitchOperation {
  readonly atMs: number
  readonly node: number
  readonly to: number
  /** `b`: the second one. */
  readonly network: '' | 'b'
  /** After so long its caller gives up; null: never. */
  readonly patienceMs: number | null
}

/** What goes wrong. `a` and `b` are positions of nodes. */
export type Fault =
  | {
      readonly kind: 'cut' | 'cutOneSide' | 'silence'
      readonly atMs: number
      readonly a: number
      readonly b: number
      /** `b`: between their addresses on the second network. */
      readonly network?: 'b'
    }
  | {
      readonly kind: 'stall' | 'partition' | 'blockDials'
      readonly atMs: number
      readonly forMs: number
      readonly a: number
      readonly b: number
      readonly network?: 'b'
    }
  | {
      readonly kind: 'slow'
      readonly atMs: number
      readonly forMs: number
      readonly a: number
      readonly bytesPerMs: number
    }
  /** Who can be dialled is so at another port, on the first network, and no more at its usual one. */
  | { readonly kind: 'readdress'; readonly atMs: number; readonly forMs: number; readonly a: number }
  | {
      readonly kind: 'crash'
      readonly atMs: number
      readonly forMs: number
      readonly a: number
      readonly how: CrashKind
    }
  | { readonly kind: 'clockStep'; readonly atMs: number; readonly a: number; readonly ms: number }

/** A random world as data, drawn from its seed before anything runs. */
export interface SwarmPlan {
  readonly seed: string
  readonly conditions: NetworkConditions
  readonly policies: PolicyPlan
  readonly nodes: readonly NodePlan[]
  readonly operations: readonly Operation[]
  readonly calls: readonly CallOperation[]
  readonly faults: readonly Fault[]
  readonly hostile: HostilePlan | null
  /** Null: there is one network. */
  readonly paths: PathsPlan | null
  readonly faultsMs: number
  /** How long the world may take to come to rest after that. */
  readonly settleMs: number
}
