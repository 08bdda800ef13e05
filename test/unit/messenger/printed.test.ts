/** What console.log and JSON show of a messenger, a connection and a message: facts, and nobody's bytes or secrets. */
import { inspect } from 'node:util'
import t from 'tap'
import { sharedSecret } from '../../../src/auth/shared-secret.ts'
import type { Connection } from '../../../src/messenger/connection.ts'
import type { InboundMessage } from '../../../src/wire/message.ts'
import { Lab } from './lab.ts'

const SECRET = 'correct horse battery staple'

t.test('they are printed as what they are', async (t) => {
  const lab = new Lab()
  const auth = sharedSecret({ secret: SECRET })
  const [a, b] = [lab.messenger('osd.0', { auth }), lab.messenger('osd.1', { auth })]
  await b.bind('memory://osd.1')
  const got: { message: InboundMessage; connection: Connection; printed: string }[] = []
  b.use({ dispatch: (message, connection) => void got.push({ message, connection, printed: inspect(message) }) })
  const connection = a.connect('memory://osd.1')
  connection.send({ type: 7, tid: 5, data: 'mine', front: 'body' })
  connection.send({ type: 8, data: 'NEIGHBOUR' })
  await lab.clock.settle()
  const [first] = got
  t.match(first?.printed, /^InboundMessage \{[^]*type: 7[^]*tid: 5[^]*frontBytes: 4[^]*dataBytes: 4/)
  for (const { message, connection: from } of got) {
    for (const text of [inspect(message), inspect({ message }), JSON.stringify(message), inspect(from, { depth: 9 })])
      t.notMatch(text, /NEIGHBOUR|4e 45 49|Buffer|memory: /i)
  }
  t.match(JSON.parse(JSON.stringify(first?.message)), { type: 7, tid: 5, seq: 1, lane: 1, frontBytes: 4, dataBytes: 4 })
  t.match(inspect(connection), /^Connection \{[^]*name: 'osd.1'[^]*policy: 'peer'[^]*state: 'open'/)
  t.match(JSON.parse(JSON.stringify(connection)), { peer: { name: 'osd.1' }, state: 'open', lastFault: null })
  t.match(inspect(a.loopback), /^Connection \{[^]*state: 'open'/)
  t.match(inspect(b), /^Messenger \{[^]*name: 'osd.1'[^]*memory:\/\/osd.1[^]*connections: 1/)
  t.match(JSON.parse(JSON.stringify(a)), { name: 'osd.0', life: 'running', connections: 1 })
  for (const what of [a, b, connection, ...got]) t.notMatch(inspect(what, { depth: 9, showHidden: true }), SECRET)
  connection.markDown()
  t.match(inspect(connection), /state: 'closed'/, 'also after the end')
})
