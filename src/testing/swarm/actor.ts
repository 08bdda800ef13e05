/**
 * One node of a swarm: a name that lives, crashes and lives again, sends what the plan says and handles what it gets.
 *
 * What an application may see as an error (a full queue, a closed connection) is part of life here; anything else that
 * is thrown ends the run.
 */
import { none } from '../../auth/none.ts'
import { sharedSecret } from '../../auth/shared-secret.ts'
import { InkwireError } from '../../common/errors.ts'
import type { InkwireErrorCode } from '../../common/errors.ts'
import type { Connection } from '../../messenger/connection.ts'
import type { Messenger } from '../../transactions/messenger.ts'
import type { AuthMethod } from '../../wire/auth-method.ts'
import type { InboundMessage } from '../../wire/message.ts'
import type { History } from '../laws/history.ts'
import type { Simulation } from '../simulator/simulation.ts'
import { CallActor } from './call-actor.ts'
import type { CallStage } from './call-actor.ts'
import type { CallOperation, HostilePlan, NodePlan, Operation, PolicyPlan } from './plan.ts'
import { mayDial, policyMap } from './node-policies.ts'
import type { PathsPlan, SwitchOperation } from './plan.ts'

/** What an application must reckon with when it sends or connects. */
const FACTS_OF_LIFE: readonly InkwireErrorCode[] = [
  'INK_QUEUE_FULL',
  'INK_CLOSED',
  'INK_MESSAGE_TOO_LARGE',
  'INK_BAD_OPTION',
]
const REQUEST = 1
const REPLY = 2

type Batch = Pick<Extract<Operation, { kind: 'send' | 'deliver' }>, 'kind' | 'count' | 'bytes' | 'priority'>

/** What all nodes of a swarm share. */
export interface Stage extends CallStage {
  readonly sim: Simulation
  readonly history: History
  readonly policies: PolicyPlan
  readonly nodes: readonly NodePlan[]
  readonly hostile: HostilePlan | null
  readonly paths: PathsPlan | null
  nextTid(): number
}

export class Actor {
  readonly plan: NodePlan
  readonly #stage: Stage
  #messenger: Messenger | null = null
  #calls: CallActor | null = null
  /** Where it is dialled on the first network; null: nowhere. */
  #port: number | null = null

  constructor(stage: Stage, plan: NodePlan) {
    this.#stage = stage
    this.plan = plan
  }

  /** Null while it is down. */
  get messenger(): Messenger | null {
    return this.#messenger
  }

  get address(): string {
    return addressOf(this.plan.name)
  }

  async start(): Promise<void> {
    const { sim, history } = this.#stage
    if (this.#messenger !== null) return
    const { name, type, bound, limits } = this.plan
    const policies = policyMap(type, this.#stage.policies)
    const messenger = sim.messenger(name, { policies, limits, auth: this.#auth() })
    history.attach(messenger)
    this.#messenger = messenger
    this.#listen(messenger)
    this.#calls = this.#caller(messenger)
    this.#calls.serve(messenger)
    if (bound) await messenger.bind(this.address)
    this.#port = bound ? HOME : null
    if (this.#stage.paths === null) return
    sim.network.know(hostOf(name, 'b'))
    if (bound) await messenger.bind(addressOf(name, 'b'))
  }

  /** It can be dialled at this port of the first network, and at no other one there. */
  move(port: number): void {
    const messenger = this.#messenger
    const last = this.#port
    if (messenger === null || last === null || last === port) return
    this.#port = port
    const { name } = this.plan
    void messenger
      .bind(addressOf(name, '', port))
      .then(() => messenger.unbind(addressOf(name, '', last)))
      .catch(forgive)
  }

  crash(how: 'reset' | 'silent'): void {
    const messenger = this.#messenger
    if (messenger === null) return
    this.#port = null
    this.#messenger = null
    this.#calls?.crashed()
    this.#stage.sim.crash(this.plan.name, how)
    this.#stage.history.crashed(messenger)
  }

  /** Ends in order. */
  async stop(): Promise<void> {
    await this.#messenger?.shutdown()
  }

  operate(operation: Operation): void {
    const to = this.#stage.nodes[operation.to]
    if (this.#messenger === null || to === undefined) return
    tolerate(() => {
      const connection = this.#connectionTo(to, operation.kind === 'close' || operation.kind === 'markDown')
      if (connection === undefined) return
      if (operation.kind === 'markDown') connection.markDown()
      else if (operation.kind === 'close') connection.close({ timeoutMs: 500 }).catch(forgive)
      else if ('count' in operation) this.#send(connection, operation)
    })
  }

  call(operation: CallOperation): void {
    const to = this.#stage.nodes[operation.to]
    if (this.#messenger === null || to === undefined) return
    tolerate(() => {
      const connection = this.#connectionTo(to, false)
      if (connection !== undefined) this.#calls?.call(connection, operation)
    })
  }

  /** Its session with that node goes by this network, if it is one that can. */
  switch({ to, network, patienceMs }: SwitchOperation): void {
    const name = this.#stage.nodes[to]?.name ?? ''
    const known = this.#messenger?.connections.find(({ peer, state }) => peer.name === name && state !== 'closed')
    const kind = known?.policy.kind
    if (known === undefined || (kind !== 'losslessClient' && kind !== 'peer')) return
    const giveUp = new AbortController()
    const { signal } = giveUp
    if (patienceMs !== null) {
      this.#stage.sim.processOn(this.plan.name)?.clock.setTimer(() => giveUp.abort('given up'), patienceMs)
    }
    tolerate(() => void known.switchTo(addressOf(name, network), { signal }).catch(forgive))
  }

  /** Somebody it should not trust: a few messages for the hostile peer. */
  visit(count: number): void {
    const { hostile } = this.#stage
    if (hostile === null || this.#messenger === null || !mayDial(this.plan.type, hostile.type)) return
    const connection = this.#messenger.connect(addressOf(hostile.name), { type: hostile.type })
    tolerate(() => this.#send(connection, { kind: 'send', count, bytes: 100, priority: 127 }))
  }

  #caller({ instance }: Messenger): CallActor {
    const { sim } = this.#stage
    const { clock } = sim.processOn(this.plan.name)!
    return new CallActor(this.#stage, instance, clock, sim.random.fork(`calls of ${instance}`), this.plan.handlers)
  }

  #auth(): AuthMethod {
    const { hostile, nodes } = this.#stage
    if (hostile?.proof !== 'sharedSecret') return none()
    return sharedSecret({ keys: Object.fromEntries([...nodes, hostile].map(({ name }) => [name, secretOf(name)])) })
  }

  #send(connection: Connection, operation: Batch): void {
    const { count, bytes, priority, kind } = operation
    for (let sent = 0; sent < count; sent++) {
      const tid = this.#stage.nextTid()
      const message = { type: REQUEST, tid, priority, data: bytes === 0 ? null : filled(bytes, tid) }
      if (kind === 'deliver') connection.deliver(message).catch(forgive)
      else connection.send(message)
    }
  }

  /** The connection that exists, or a new one where this node may dial. */
  #connectionTo(to: NodePlan, existing: boolean): Connection | undefined {
    const messenger = this.#messenger
    const known = messenger?.connections.find(({ peer, state }) => peer.name === to.name && state !== 'closed')
    if (known !== undefined || existing || !to.bound || !mayDial(this.plan.type, to.type)) return known
    const { hostile, paths } = this.#stage
    return messenger?.connect(addressOf(to.name), {
      type: to.type,
      ...(hostile?.named === true && { name: to.name }),
      ...(paths?.standby === true && { paths: [addressOf(to.name, 'b')] }),
    })
  }

  #listen(messenger: Messenger): void {
    const { sim } = this.#stage
    const process = sim.processOn(this.plan.name)
    const random = sim.random.fork(`handlers of ${messenger.instance}`)
    const { handlers } = this.plan
    messenger.events$.subscribe((event) => {
      if (event.type !== 'dispatchError' || event.error.message === MISCHIEF) return
      this.#stage.failed(`a dispatcher of ${this.plan.name} failed: ${event.error.stack ?? event.error.message}`)
    })
    messenger.use({
      fastDispatch: () => random.chance(handlers.fastProbability),
      dispatch: (message, connection) => {
        this.#answer(message, connection, random.chance(handlers.replyProbability))
        if (random.chance(handlers.throwProbability)) throw new Error(MISCHIEF)
        if (!random.chance(handlers.slowProbability)) return undefined
        const ms = random.between(0, handlers.slowMaxMs)
        return new Promise<void>((resolve) => process?.clock.setTimer(resolve, ms)).then(() => this.#look(message))
      },
    })
  }

  /** A body stays as it was until its handler has finished, whosever memory it is. */
  #look({ type, tid, data }: InboundMessage): void {
    if (type !== REQUEST || data.every((byte, index) => byte === byteOf(tid, index))) return
    this.#stage.failed(`message ${tid} was altered while ${this.plan.name} handled it`)
  }

  #answer(message: InboundMessage, connection: Connection, wanted: boolean): void {
    if (!wanted || message.type === REPLY) return
    const data = message.data.length > 0 && message.data.length < 5000 ? message.data.slice() : null
    tolerate(() => connection.send({ type: REPLY, tid: this.#stage.nextTid(), data, priority: message.priority }))
  }
}

/** Ports of a node: its usual one, and where it is for a while. */
export const HOME = 6800
export const AWAY = 6900

const MISCHIEF = 'this handler throws now and then'

/** The host of whoever has this name; `network` '': on the first one. */
export function hostOf(name: string, network: '' | 'b' = ''): string {
  return network === '' ? name : `${name}~${network}`
}

/** Where it is found, if it can be. */
export function addressOf(name: string, network: '' | 'b' = '', port = HOME): string {
  return `sim://${hostOf(name, network)}:${port}`
}

/** Where it is found for a while, when it has moved. */
export function awayOf(name: string): string {
  return addressOf(name, '', AWAY)
}

/** What proves this name. */
export function secretOf(name: string): string {
  return name.padEnd(32, '.')
}

function filled(bytes: number, tid: number): Uint8Array {
  const data = new Uint8Array(bytes)
  for (let index = 0; index < bytes; index++) data[index] = byteOf(tid, index)
  return data
}

function byteOf(tid: number, index: number): number {
  return (tid * 31 + index) & 0xff
}

function tolerate(act: () => void): void {
  try {
    act()
  } catch (thrown) {
    forgive(thrown)
  }
}

function forgive(thrown: unknown): void {
  if (thrown instanceof InkwireError && (thrown.outcome !== undefined || FACTS_OF_LIFE.includes(thrown.code))) return
  if (thrown instanceof InkwireError && (thrown.code === 'INK_DRAIN_TIMEOUT' || thrown.code === 'INK_ABORTED')) return
  if (thrown instanceof InkwireError && ENDS.includes(thrown.code)) return
  throw thrown
}

/** Why a connection that was being closed ended otherwise. */
const ENDS: readonly InkwireErrorCode[] = [
  'INK_PATH_FAILED',
  'INK_RESET',
  'INK_PEER_CLOSED',
  'INK_MARKED_DOWN',
  'INK_STANDBY_EXPIRED',
  'INK_TAKEN_OVER',
  'INK_REFUSED',
]
