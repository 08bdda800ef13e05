/** From a received message to its handler: by dispatcher, by typed handler, and with an observer on messages$. */
import { Subject } from 'rxjs'
import { Connection } from '../../src/messenger/connection.ts'
import { Dispatchers } from '../../src/messenger/dispatchers.ts'
import { defineMessage } from '../../src/messenger/typed-message.ts'
import { Stamp } from '../../src/wire/stamp.ts'
import { InboundMessage } from '../../src/wire/message.ts'
import { payload } from '../harness/subject.ts'
import type { Suite } from './suite.ts'

export function dispatchSuite(): Suite {
  // One that is asked for its state alone, as every connection is before a message goes to a handler.
  const connection = Object.create(Connection.prototype, { state: { value: 'open' } }) as Connection
  const bytes = payload(64)
  const message = new InboundMessage(17, 0, 127, 0, 1, 1, 0, 0, bytes.buffer, 0, bytes.length, 0, 0)
  const make = (): { dispatchers: Dispatchers; messages: Subject<InboundMessage> } => {
    const messages = new Subject<InboundMessage>()
    return {
      dispatchers: new Dispatchers(
        messages,
        () => {},
        () => new Stamp(0, 0),
      ),
      messages,
    }
  }
  let seen = 0
  const plain = make()
  plain.dispatchers.use({ dispatch: (one) => void (seen += one.bytes) })
  const typed = make()
  const codec = { encode: (body: Uint8Array) => body, decode: (body: Uint8Array) => body }
  typed.dispatchers.on(defineMessage({ type: 17, name: 'Bytes', codec }), (body) => void (seen += body.length))
  const observed = make()
  observed.dispatchers.use({ dispatch: (one) => void (seen += one.bytes) })
  observed.messages.subscribe((one) => (seen += one.bytes))
  return {
    name: 'dispatch',
    cases: [
      { name: 'to a dispatcher', run: () => plain.dispatchers.dispatch(message, connection, null) },
      { name: 'to a typed handler', run: () => typed.dispatchers.dispatch(message, connection, null) },
      { name: 'to a dispatcher and messages$', run: () => observed.dispatchers.dispatch(message, connection, null) },
    ],
  }
}
