/** A transport whose links die when a test says so: this end breaks them off, and the other hears what it hears of that. */
import type { Link, Transport } from '../../src/index.ts'

export class Mortal {
  readonly transport: Transport
  /** How often links were broken off. */
  kills = 0
  #links: Link[] = []

  constructor(transport: Transport) {
    const keep = (link: Link): Link => {
      this.#links.push(link)
      return link
    }
    this.transport = {
      scheme: transport.scheme,
      parse: (address) => transport.parse(address),
      listen: (address, onLink, options) => transport.listen(address, (link) => onLink(keep(link)), options),
      dial: (address) => keep(transport.dial(address)),
    }
  }

  /** Breaks off all links of now; those that are over already do not mind. */
  killAll(): void {
    const links = this.#links
    this.#links = []
    if (links.length > 0) this.kills++
    for (const link of links) link.reset()
  }
}
