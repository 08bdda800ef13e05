/**
 * The links of one connection, by number. A link that is not here any more is deaf: nothing of it is heard.
 *
 * A list, because there is one link nearly always, and a few while two sides race.
 */
import type { Identity, SessionAnswer } from '../wire/wire.ts'
import type { LinkPort } from './link-port.ts'

export class PortSet {
  #ports: LinkPort[] = []

  get(link: number): LinkPort | undefined {
    return this.#ports.find((port) => port.id === link)
  }

  /** All whose other end is this very peer. */
  with({ name, instance }: Identity): readonly LinkPort[] {
    return this.#ports.filter(({ peer }) => peer?.name === name && peer.instance === instance)
  }

  holds(port: LinkPort): boolean {
    return this.#ports.includes(port)
  }

  add(port: LinkPort): void {
    // As long as it is: one that was pushed to has room for sixteen more.
    this.#ports = this.#ports.concat(port)
  }

  /** Lets a link go without ending it. */
  release(link: number): LinkPort | undefined {
    const port = this.get(link)
    this.#ports = this.#ports.filter((each) => each !== port)
    return port
  }

  /** Promises a link; null when it is gone, else with whom it is. */
  answer(link: number, answer: SessionAnswer): Identity | null {
    const port = this.get(link)
    port?.wire.answer(answer)
    port?.flushHandshake()
    return port?.peer ?? null
  }

  /** Says a last word on a link that will not be ours. */
  dismiss(link: number, say: (port: LinkPort) => void): void {
    const port = this.release(link)
    if (port === undefined) return
    say(port)
    port.close()
  }

  /** Ends a link at once. */
  drop(link: number): void {
    this.release(link)?.reset()
  }

  /** Ends all; one that is closing in order may finish that. */
  abandon(): void {
    const ports = this.#ports
    this.#ports = []
    for (const port of ports) port.abandon()
  }
}
