/**
 * One of the replicas: a table, and a group that tells every replica the same commands in the same order.
 *
 * Reads go through the group as writes do. A command is answered when it is told `safe` in a primary view: every member of
 * that view has it then, and no other majority can have gone on without it. Told behind a transitional signal it is applied, and its client
 * hears that nobody knows: this side may be the one whose table is thrown away at the merge.
 */
import { CallError } from 'inkwire'
import type { Messenger } from 'inkwire'
import { groups } from 'inkwire/groups'
import type { Group, GroupMessage } from 'inkwire/groups'
import { Execute, json } from './messages.ts'
import type { Command, Entry, Value } from './messages.ts'

/** `local` is wrong, and shows what the group is for: each replica answers reads from its own table. */
export type Reads = 'ordered' | 'local'

/** A command of this replica that was not told yet. */
interface Waiting {
  /** The number of the view that it was published in. */
  readonly view: number
  readonly answer: (value: Value) => void
  readonly fail: (error: Error) => void
}

const COMMAND = 1
const entries = json<Entry>()
const tables = json<[string, string][]>()

export class Replica {
  readonly group: Group
  readonly #table = new Map<string, string>()
  readonly #waiting = new Map<number, Waiting>()
  readonly #reads: Reads
  #lastId = 0

  /** `names` are those of all replicas: each has one vote. */
  constructor(messenger: Messenger, names: readonly string[], reads: Reads) {
    this.#reads = reads
    this.group = groups(messenger).join('replicated-kv', {
      // Two that were killed and came back empty must not outvote the one that has the table.
      quorum: { votes: Object.fromEntries(names.map((name) => [name, 1])), waitForAll: true },
      suspectAfterMs: 300,
      state: { get: () => tables.encode([...this.#table]), set: (parts) => this.#take(parts) },
    })
    messenger.serve(Execute, async (command) => ({ body: { value: await this.#execute(command) } }))
    void this.#follow()
  }

  /** The table as text: equal at replicas that agree. */
  get fingerprint(): string {
    return JSON.stringify([...this.#table].sort())
  }

  #execute(command: Command): Value | Promise<Value> {
    if (this.#reads === 'local' && command.kind === 'get') return this.#table.get(command.key) ?? null
    const id = ++this.#lastId
    const view = this.group.view.number
    return new Promise((answer, fail) => {
      this.#waiting.set(id, { view, answer, fail })
      // Throws INK_NOT_PRIMARY at once on the smaller side of a partition: nothing has happened then.
      const data = entries.encode({ id, command })
      const published = async () => this.group.publish({ type: COMMAND, data }, { order: 'safe', primary: true })
      published().catch((error: unknown) => {
        this.#waiting.get(id)?.fail(error as Error)
        this.#waiting.delete(id)
      })
    })
  }

  /** The whole replica: everything that it is told, in order. */
  async #follow(): Promise<void> {
    for await (const event of this.group.events()) {
      if (event.kind === 'message') this.#apply(event)
      else if (event.kind === 'view') this.#giveUp(event.view.number)
    }
    this.#giveUp(Infinity)
  }

  #apply({ data, from, isTransitional }: GroupMessage): void {
    const { id, command } = entries.decode(data)
    if (command.kind === 'put') this.#table.set(command.key, command.value)
    const waiting = from === this.group.id ? this.#waiting.get(id) : undefined
    if (waiting === undefined) return
    this.#waiting.delete(id)
    if (isTransitional) waiting.fail(new CallError('UNKNOWN', 'the view changed: perhaps only this side was told'))
    else waiting.answer(this.#table.get(command.key) ?? null)
  }

  /** What was published in an earlier view is told in that view or never. */
  #giveUp(view: number): void {
    for (const [id, waiting] of this.#waiting) {
      if (waiting.view >= view) continue
      this.#waiting.delete(id)
      waiting.fail(new CallError('UNKNOWN', 'the view changed before the command was told here'))
    }
  }

  /** The table of the others in the place of this one, once all of it is here. */
  async #take(parts: AsyncIterable<Uint8Array>): Promise<void> {
    const all: Uint8Array[] = []
    for await (const part of parts) all.push(part)
    this.#table.clear()
    for (const [key, value] of tables.decode(Buffer.concat(all))) this.#table.set(key, value)
  }
}
