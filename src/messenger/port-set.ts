/** The links of one connection, by number. A link that is not here any more is deaf: nothing of it is heard. */
import type { LinkPort } from './link-port.ts'

export class PortSet {
  readonly #ports = new Map<number, LinkPort>()

  get(link: number): LinkPort | undefined {
    return this.#ports.get(link)
  }

  holds(port: LinkPort): boolean {
    return this.#ports.get(port.id) === port
  }

  add(port: LinkPort): void {
    this.#ports.set(port.id, port)
  }

  /** Lets a link go without ending it. */
  release(link: number): LinkPort | undefined {
    const port = this.#ports.get(link)
    this.#ports.delete(link)
    return port
  }

  /** Says a last word on a link that will not be ours. */
  dismiss(link: number, say: (port: LinkPort) => void): void {
    const port = this.#ports.get(link)
    if (port === undefined) return
    this.#ports.delete(link)
    say(port)
    port.close()
  }

  /** Ends a link at once. */
  drop(link: number): void {
    const port = this.#ports.get(link)
    this.#ports.delete(link)
    port?.reset()
  }

  /** Ends all; one that is closing in order may finish that. */
  abandon(): void {
    for (const port of this.#ports.values()) port.abandon()
    this.#ports.clear()
  }
}
