/** A gate where sockets stay in their thread: whoever asks for one is told so. What it does elsewhere, test/sockets/threads.test.ts says. */
import { MessageChannel } from 'node:worker_threads'
import t from 'tap'
import { socketGate } from '../../../src/threads/socket-gate.ts'
import { socketsMove } from '../../../src/transports/moving-sockets.ts'
import { tcp } from '../../../src/transports/tcp.ts'
import { orSkip } from '../../support/or-skip.ts'

const test = orSkip(t, socketsMove() && 'sockets of this Node move between threads')

test('neither end is made, and the error says what to do', async (t) => {
  const why = {
    code: 'INK_BAD_OPTION',
    message: /needs a Node whose sockets move.*each thread binds a port of its own/,
  }
  await t.rejects(socketGate({ address: 'tcp://127.0.0.1:0', threads: 2 }), why)
  const { port1 } = new MessageChannel()
  t.throws(() => tcp({ door: port1 }), why)
  port1.close()
})
