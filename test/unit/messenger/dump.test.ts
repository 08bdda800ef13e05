/** What dump() shows of a session: plain data that counts right. */
import t from 'tap'
import { dumpSession } from '../../../src/messenger/dump-of.ts'
import { Lab } from './lab.ts'
import { Session } from '../../../src/session/session.ts'
import { HybridClock } from '../../../src/wire/hlc.ts'
import { LIMITS } from '../../../src/policies/limits.ts'
import { peer } from '../../../src/policies/peer.ts'

t.test('a new session has nothing to show, and shows it', (t) => {
  const config = { policy: peer(), role: 'initiator', channel: 0, self: 'aa', runs: LIMITS, acks: LIMITS } as const
  const dump = dumpSession(new Session({ ...config, ...LIMITS }, new HybridClock(LIMITS.maxDriftMs)), 0, false)
  t.match(dump, { state: 'idle', role: 'initiator', policy: 'peer', session: null, epoch: 0, queuedMessages: 0 })
  t.equal(dump.lanes.length, 3)
  t.end()
})

t.test('an open connection shows what is queued, sent and processed, as JSON', async (t) => {
  const lab = new Lab()
  const server = lab.subject('osd.1')
  let finish = (): void => undefined
  server.messenger.use({
    dispatch: (message) => (message.tid === 1 ? undefined : new Promise<void>((resolve) => (finish = resolve))),
  })
  await server.messenger.bind('memory://osd.1')
  const client = lab.messenger('osd.0')
  const connection = client.connect('memory://osd.1', { type: 'osd' })
  const first = connection.deliver({ type: 1, tid: 1 })
  await lab.clock.advance(100)
  await first
  connection.send({ type: 1, tid: 2, data: 'abc' })
  await lab.clock.advance(100)
  const dump = connection.dump()
  t.strictSame(JSON.parse(JSON.stringify(dump)), dump)
  t.match(dump, { state: 'open', policy: 'peer', queuedMessages: 1, queuedBytes: 3, lastFault: null, epoch: 1 })
  t.match(dump.lanes[1], { queued: 1, sent: 1, processed: 1, received: 2, tail: 2 })
  t.match(dump.counters, { sentMessages: 2, sessions: 1, resumes: 0, faults: 0 })
  const [accepted] = server.messenger.dump().connections
  t.match(accepted, { role: 'responder', heldMessages: 1, heldBytes: 3, counters: { receivedMessages: 2 } })
  t.match(accepted?.lanes[1], { inReceived: 2, inProcessed: 1 })
  t.match(client.dump(), { name: 'osd.0', wire: 'native', addresses: [], halfOpenLinks: 0, goneInstances: 0 })
  finish()
  await lab.clock.advance(100)
  t.equal(connection.dump().queuedMessages, 0)
})
