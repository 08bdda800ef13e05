/** Handlers that hold the window and wait for a call back to its peer: told by name, and over by the deadline of the call. */
import t from 'tap'
import { CallError } from '../../../src/transactions/call-error.ts'
import { peer } from '../../../src/policies/peer.ts'
import { Echo, pair } from './lab.ts'

const small = peer({ window: { messages: 8 } })

t.test('a wait cycle of credits is told by name, and its calls end by their deadline', async (t) => {
  await pair(
    async ({ server, client, connection, events, settle }) => {
      const ended: string[] = []
      client.serve(Echo, (body) => ({ body }))
      server.use({
        dispatch: async ({ tid }, back) => {
          try {
            ended.push((await back.call(Echo, `${tid}`, { timeoutMs: 5000 })).body)
          } catch (error) {
            if (error instanceof CallError) ended.push(`${tid}: ${error.reason}`)
          }
        },
      })
      for (let tid = 1; tid <= 20; tid++) connection.send({ type: 9, tid })
      await settle(4000)
      t.strictSame(ended, [], 'they wait for each other')
      const told = events.filter(({ type }) => type === 'waitCycle')
      t.match(told, [{ calls: ['Echo'], heldMessages: 8 }], 'once')
      await settle(30_000)
      t.equal(ended.length, 20)
      t.ok(ended.includes('1: deadline'))
    },
    [small, small],
  )
})

t.test('calls that wait for a slow handler are no cycle, and one that goes on is none either', async (t) => {
  await pair(
    async ({ server, client, connection, events, settle }) => {
      server.serve(Echo, async (body) => {
        await settle(10_000)
        return { body }
      })
      server.use({ dispatch: () => settle(3000) })
      const call = connection.call(Echo, 'slow')
      // The window of the other side is full; this one's is not.
      for (let tid = 1; tid <= 8; tid++) connection.send({ type: 9, tid })
      t.equal((await call).body, 'slow')
      t.strictSame(
        events.filter(({ type }) => type === 'waitCycle'),
        [],
      )
      t.equal(client.dump().connections.length, 1)
    },
    [small, small],
  )
})
