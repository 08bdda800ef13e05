/** Messengers that meet over the memory transport, under one fake clock and without chance. */
import type { Connection } from '../../../src/messenger/connection.ts'
import type { Outcome } from '../../../src/wire/outcome.ts'
import type { MessengerEvent } from '../../../src/messenger/events.ts'
import { Messenger } from '../../../src/messenger/messenger.ts'
import type { MessengerOptions } from '../../../src/messenger/options.ts'
import { peer } from '../../../src/policies/peer.ts'
import { memory } from '../../../src/transports/memory.ts'
import type { Link, Transport } from '../../../src/transports/transport.ts'
import type { InkwireError } from '../../../src/common/errors.ts'
import { FakeClock } from './fake-clock.ts'
import { fakeRandom } from './fakes.ts'

/** A messenger, and everything that it told. */
export interface Subject {
  readonly messenger: Messenger
  readonly events: MessengerEvent[]
  /** `onReset osd.1` and so on, in order. */
  readonly told: string[]
  readonly outcomes: Outcome[]
  readonly errors: InkwireError[]
  /** The tids of what was dispatched. */
  readonly got: number[]
}

export class Lab {
  readonly clock = new FakeClock()
  /** Links that were dialled, oldest first. */
  readonly links: Link[] = []
  readonly hub: Transport
  #count = 0

  constructor() {
    const { clock, links } = this
    const hub = memory({
      defer: (run) => {
        clock.later(run)
      },
      timer: (run, ms) => {
        const timer = clock.setTimer(run, ms)
        return () => {
          clock.clearTimer(timer)
        }
      },
    })
    this.hub = {
      ...hub,
      dial: (address) => {
        const link = hub.dial(address)
        links.push(link)
        return link
      },
    }
  }

  messenger(name: string, options: Partial<MessengerOptions> = {}): Messenger {
    return new Messenger({
      name,
      policies: { default: peer() },
      transports: [this.hub],
      runtime: { clock: this.clock, random: fakeRandom(++this.#count) },
      ...options,
    })
  }

  /** A messenger that notes what it is told; without a handler of its own it takes every message. */
  subject(name: string, options: Partial<MessengerOptions> = {}): Subject {
    const messenger = this.messenger(name, options)
    const subject: Subject = { messenger, events: [], told: [], outcomes: [], errors: [], got: [] }
    messenger.events$.subscribe((event) => subject.events.push(event))
    messenger.messages$.subscribe((message) => subject.got.push(message.tid))
    const note = (what: string, connection: Connection): void => {
      subject.told.push(`${what} ${connection.peer.name ?? connection.peer.address}`)
    }
    messenger.use({
      onConnect: (connection) => {
        note('onConnect', connection)
      },
      onAccept: (connection) => {
        note('onAccept', connection)
      },
      onReset: (connection, outcome) => {
        note('onReset', connection)
        subject.outcomes.push(outcome)
      },
      onRemoteReset: (connection, outcome) => {
        note('onRemoteReset', connection)
        subject.outcomes.push(outcome)
      },
      onRefused: (connection, error) => {
        note('onRefused', connection)
        subject.errors.push(error)
      },
    })
    return subject
  }

  /** Breaks every link, at both ends. */
  cut(): void {
    for (const link of this.links) link.reset()
  }
}

/** The types of the events, in order. */
export function types(events: readonly MessengerEvent[]): string[] {
  return events.map((event) => event.type)
}
