/**
 * What happened to messages and sessions in a run, as plain data in one order: what the checkers read.
 *
 * Events refer to messengers, connections, messages and deliveries by number, so a history can be kept as JSON. A
 * message is known by its key (type, tid, priority, version, lengths and a checksum of the segments); which sent message
 * a delivered one is, the checkers find out. Limit: everything is kept, about 200 bytes per message.
 */
import { optionObject } from '../../common/options.ts'
import type { HistoryFact, RecordedConnection, RecordedEnd, RecordedNode } from './recorded.ts'
import { Recorder } from './recorder.ts'
import type { Messenger } from '../../messenger/messenger.ts'

/** Something that happened in a run, and when: `atMs` is virtual time, in ms from the start. */
export type HistoryEvent = HistoryFact & { readonly atMs: number }

/** Records messengers. Attach each one before anything is done with it. */
export class History {
  readonly nodes: RecordedNode[] = []
  readonly connections: RecordedConnection[] = []
  readonly events: HistoryEvent[] = []
  readonly #nowMs: () => number
  readonly #recorders = new Map<Messenger, Recorder>()
  #messages = 0
  #deliveries = 0

  /** `nowMs` tells the time of events; for reading only. Default: the time since the first event is not told. */
  constructor(options: { readonly nowMs?: () => number } = {}) {
    optionObject('new History()', options, ['nowMs'])
    this.#nowMs = options.nowMs ?? (() => 0)
  }

  /**
   * Records what this messenger does from now on. The recorder stands before the dispatchers that are added later and
   * changes nothing, but that `unhandled` is not reported for a messenger that is recorded.
   *
   * @returns the messenger.
   */
  attach<Kind extends Messenger>(messenger: Kind): Kind {
    const node = { id: this.nodes.length, name: messenger.name, instance: messenger.instance }
    this.nodes.push(node)
    this.#recorders.set(messenger, new Recorder(this, node, messenger))
    return messenger
  }

  /** The messenger's process is gone: nothing it did not finish counts against it. */
  crashed(messenger: Messenger): void {
    const recorder = this.#recorders.get(messenger)
    if (recorder === undefined) return
    this.#recorders.delete(messenger)
    this.add({ kind: 'crash', node: recorder.node.id })
    recorder.stop()
  }

  /** Looks at every queue of every messenger, and notes what is beyond its limit. Call it often. */
  sample(): void {
    for (const recorder of this.#recorders.values()) recorder.sample()
  }

  /** How every connection stands now: what `check` compares when the run has settled. */
  get ends(): RecordedEnd[] {
    return [...this.#recorders.values()].flatMap((recorder) => recorder.ends())
  }

  /** @internal */
  add(fact: HistoryFact): void {
    this.events.push({ ...fact, atMs: this.#nowMs() })
  }

  /** @internal */
  nextMessage(): number {
    return this.#messages++
  }

  /** @internal */
  nextDelivery(): number {
    return this.#deliveries++
  }
}
