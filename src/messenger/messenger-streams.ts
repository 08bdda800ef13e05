/**
 * What a messenger tells everybody: its events, and its messages as they are dispatched.
 *
 * Streams are made when somebody asks for them. An error that nobody listens for must not be lost: it becomes a warning of
 * the process.
 */
import type { Observable } from 'rxjs'
import { Broadcast } from '../streams/broadcast.ts'
import type { InboundMessage } from '../wire/message.ts'
import type { MessengerEvent } from './events.ts'
import { guarded } from './stream.ts'
import type { Warnings } from './warnings.ts'

export class MessengerStreams {
  readonly messages = new Broadcast<InboundMessage>()
  readonly #events = new Broadcast<MessengerEvent>()
  readonly #warnings: Pick<Warnings, 'say'>
  #eventStream: Observable<MessengerEvent> | null = null
  #messageStream: Observable<InboundMessage> | null = null

  constructor(warnings: Pick<Warnings, 'say'>) {
    this.#warnings = warnings
  }

  get events$(): Observable<MessengerEvent> {
    return (this.#eventStream ??= guarded(this.#events.shown, (error) => {
      // Not an event: its own subscribers would hear of it, and may throw again.
      this.#warnings.say('a subscriber of events$', error)
    }))
  }

  get messages$(): Observable<InboundMessage> {
    return (this.#messageStream ??= guarded(this.messages.shown, (error) => {
      this.report({ type: 'subscriberError', stream: 'messages$', error })
    }))
  }

  readonly report = (event: MessengerEvent): void => {
    if (this.#events.observed) this.#events.next(event)
    if (event.type === 'dispatchError') this.#warnings.say('a dispatcher', event.error)
    else if (event.type === 'stampsUnsaved') this.#warnings.say('stamps.save()', event.error)
    else if (event.type === 'subscriberError') this.#warnings.say(`a subscriber of ${event.stream}`, event.error)
  }

  complete(): void {
    this.messages.complete()
    this.#events.complete()
  }
}
