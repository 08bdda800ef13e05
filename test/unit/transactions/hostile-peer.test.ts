/** Peers that say what means nothing: a fault with a reason, and everybody else goes on. */
import t from 'tap'
import { Messenger as Shell } from '../../../src/messenger/messenger.ts'
import type { Service, ServiceSession } from '../../../src/messenger/service.ts'
import { losslessClient } from '../../../src/policies/lossless-client.ts'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import { seededRandom } from '../../../src/testing/simulator/random.ts'
import { KIND, openMark, partMark, wordsIn } from '../../../src/transactions/machine/words.ts'
import { Echo, bytes, pair } from './lab.ts'

/** The other half of calls, in the hands of somebody else. */
class Liar implements Service {
  readonly name = 'liar'
  readonly number = 1
  readonly atOnce = true
  readonly sessions: ServiceSession[] = []

  adopted(session: ServiceSession): void {
    this.sessions.push(session)
  }

  message(): 'taken' {
    return 'taken'
  }
}

t.test('words that mean nothing are a fault of their link, and hurt no other', async (t) => {
  await pair(
    async ({ sim, server, connection, events, settle }) => {
      let ran = 0
      server.serve(Echo, (body) => {
        ran++
        return { body }
      })
      const stranger = new Shell({
        name: 'client.x',
        policies: { default: losslessClient() },
        ...sim.process('client.x').options,
      })
      const liar = new Liar()
      stranger.useService(liar)
      stranger.connect('sim://osd.0:6800')
      await settle()
      const random = seededRandom(5)
      const said = [
        () => liar.sessions.at(-1)!.control(bytes(20, 255)),
        () => liar.sessions.at(-1)!.send(wordsIn(partMark(KIND.PART, 0, 9)), { type: 1 }),
        () => liar.sessions.at(-1)!.send(wordsIn(openMark(1, 5, 0, null)), { type: 1, data: bytes(200_000) }),
        () => liar.sessions.at(-1)!.send(wordsIn(openMark(1, 5, 0, null)), { type: 1 }),
        ...Array.from({ length: 20 }, () => () => liar.sessions.at(-1)!.control(random.bytes(30))),
      ]
      for (const say of said) {
        say()
        await settle(1000)
        t.equal((await connection.call(Echo, 'still here')).body, 'still here')
      }
      const faults = events.filter(({ type }) => type === 'fault')
      t.ok(faults.length >= said.length - 2, `${faults.length} faults`)
      t.match(faults[0], { reason: /^transactions: / })
      t.equal(ran, said.length, 'nothing of the liar ran')
      t.strictSame(
        events.filter(({ type }) => type === 'dispatchError'),
        [],
      )
      await stranger.shutdown()
    },
    [losslessClient(), losslessServer()],
  )
})
