/**
 * Where the threads of one process find each other: one thread has the hub, and each gets a door to it.
 *
 * The hub knows who listens at which name, and passes dials on. It carries no data: the two ends of a link share memory and a
 * port of their own. A thread that ends closes its door, and its names are free again.
 */
import type { MessagePort } from 'node:worker_threads'
import { nodeThreads } from '../late/modules.ts'

/** What is said through a door to the hub. */
export type DoorRequest =
  | { readonly say: 'listen' | 'leave'; readonly id: number; readonly name: string }
  | { readonly say: 'dial'; readonly name: string; readonly port: MessagePort; readonly memory: SharedArrayBuffer }

/** What the hub says through a door. */
export type DoorAnswer =
  | { readonly say: 'done' | 'taken'; readonly id: number }
  | { readonly say: 'link'; readonly name: string; readonly port: MessagePort; readonly memory: SharedArrayBuffer }

/** What is said first on the port of a link: it is taken, or nobody listens there. */
export const TAKEN = 'taken'
export const REFUSED = 'refused'

/** Where the threads of a process find each other: one thread makes it, and hands a `door()` to each other one. */
export class WorkerHub {
  /** By name: the door of who listens. */
  readonly #listeners = new Map<string, MessagePort>()

  /**
   * A door for one `worker()`, here or in another thread: give it in `workerData`, and in `transferList`. It keeps neither
   * thread alive by itself.
   */
  door(): MessagePort {
    const { port1, port2 } = new (nodeThreads().MessageChannel)()
    port1.on('message', (request: DoorRequest) => this.#hear(port1, request))
    port1.on('close', () => {
      for (const [name, door] of this.#listeners) if (door === port1) this.#listeners.delete(name)
    })
    port1.unref()
    return port2
  }

  #hear(door: MessagePort, request: DoorRequest): void {
    const { say, name } = request
    const holder = this.#listeners.get(name)
    if (say === 'dial') {
      const { port, memory } = request
      if (holder === undefined) refuse(port)
      else tell(holder, { say: 'link', name, port, memory }, port)
      return
    }
    if (say === 'listen' && holder !== undefined) {
      tell(door, { say: 'taken', id: request.id })
      return
    }
    if (say === 'listen') this.#listeners.set(name, door)
    else if (holder === door) this.#listeners.delete(name)
    tell(door, { say: 'done', id: request.id })
  }
}

/** Nobody takes the link that this is the port of. */
export function refuse(port: MessagePort): void {
  port.postMessage(REFUSED)
  port.close()
}

function tell(door: MessagePort, answer: DoorAnswer, ...moved: MessagePort[]): void {
  door.postMessage(answer, moved)
}

/** Makes the hub of a process; see {@link WorkerHub.door}. */
export function workerHub(): WorkerHub {
  return new WorkerHub()
}
