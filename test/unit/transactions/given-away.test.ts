/** Bytes of a call that are given away while they wait: its one outcome still comes, no other side sees a hole, and nothing leaks. */
import t, { type Test } from 'tap'
import type { ServerReply } from '../../../src/transactions/served-reply.ts'
import { losslessClient } from '../../../src/policies/lossless-client.ts'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import { Echo, Later, Other, bytes, failureOf, pair, type Pair } from './lab.ts'

/** As `postMessage(data, [data.buffer])` does. */
function give(data: Uint8Array): void {
  structuredClone(0, { transfer: [data.buffer as ArrayBuffer] })
}

/** An answer whose bytes are given away as soon as it was taken. */
function answerThatGoes(body: string, data: Uint8Array): PromiseLike<ServerReply<string>> {
  const then = (take: (answer: ServerReply<string>) => unknown): void => {
    take({ body, data })
    give(data)
  }
  return { then } as PromiseLike<ServerReply<string>>
}

/** Nothing of it stands in the way of what comes after it. */
async function goesOn({ connection, events }: Pair, t: Test): Promise<void> {
  t.equal((await connection.call(Other, 'next')).body, 'next')
  t.strictSame(
    events.filter(({ type }) => type === 'fault' || type === 'dispatchError'),
    [],
  )
}

t.test('a reply that is given away after it was returned fails its call at once', async (t) => {
  await pair(
    async (lab) => {
      const { server, connection, settle } = lab
      server.serve(Other, (body) => ({ body }))
      for (const length of [10, 1000, 100_000, 1_000_000]) {
        const remove = server.serve(Echo, (body) => {
          return answerThatGoes(body, bytes(length))
        })
        const failure = await failureOf(connection.call(Echo, 'x', { timeoutMs: 60_000 }))
        t.match(failure, { reason: 'handler-error', code: 'INK_MESSAGE_CHANGED', indeterminate: true })
        remove.remove()
      }
      await settle()
      await goesOn(lab, t)
    },
    [losslessClient(), losslessServer()],
  )
})

t.test(
  'a handler whose part is given away is told, counts until it ends, and its caller hears of no hole',
  async (t) => {
    await pair(async (lab) => {
      const { server, connection, settle } = lab
      const hold = new Later()
      let why: unknown
      server.serve(Other, (body) => ({ body }))
      server.serve(
        Echo,
        async (body, call) => {
          const lost = bytes(200_000)
          await call.send(bytes(3))
          await call.send(lost)
          await call.send(bytes(4))
          give(lost)
          call.signal.addEventListener('abort', () => {
            why = call.signal.reason
          })
          await hold.promise
          return { body }
        },
        { concurrency: 1, waitingMax: 0 },
      )
      const tx = connection.transact(Echo, 'x')
      await settle()
      t.match(why, { reason: 'refused', message: /has another length/ })
      t.match(await failureOf(connection.call(Echo, 'y')), { code: 'BUSY' }, 'its handler runs')
      hold.resolve()
      const got: number[] = []
      const failure = await failureOf(
        (async () => {
          for await (const part of tx) got.push(part.length)
        })(),
      )
      t.match(failure, { reason: 'handler-error', code: 'INK_MESSAGE_CHANGED', indeterminate: true })
      t.notOk(got.includes(4), 'nothing comes behind what is missing')
      await goesOn(lab, t)
    })
  },
)

t.test(
  'a request or a part of the caller that is given away fails the call; its handler hears of no hole',
  async (t) => {
    await pair(async (lab) => {
      const { server, connection, settle } = lab
      const got: number[] = []
      let ran = 0
      server.serve(Other, (body) => ({ body }))
      server.serve(Echo, async (_body, call) => {
        ran++
        for await (const part of call) got.push(part.length)
      })
      const request = bytes(100)
      const never = connection.call(Echo, 'x', { data: request })
      give(request)
      t.match(await failureOf(never), { reason: 'refused', code: 'INK_MESSAGE_CHANGED', indeterminate: false })
      t.equal(ran, 0)
      const lost = bytes(200_000)
      const tx = connection.transact(Echo, 'x')
      await settle()
      for (const part of [bytes(3), lost, bytes(4)]) void tx.send(part).catch(() => undefined)
      give(lost)
      t.match(await failureOf(tx.reply), { reason: 'refused', code: 'INK_MESSAGE_CHANGED', indeterminate: true })
      await settle()
      t.notOk(got.includes(4), 'nothing comes behind what is missing')
      await goesOn(lab, t)
    })
  },
)

t.test('what is given away does not take the room of what comes later', async (t) => {
  await pair(async (lab) => {
    const { server, connection } = lab
    server.serve(Other, (body) => ({ body }))
    // Of 4 MiB that may be on their way these would take more, if it was not given back.
    for (let count = 0; count < 100; count++) {
      const data = bytes(60_000)
      const call = connection.call(Other, 'x', { data })
      give(data)
      t.match(await failureOf(call), { code: 'INK_MESSAGE_CHANGED' })
    }
    const { body } = await connection.call(Other, 'large', { data: bytes(1_000_000), timeoutMs: 1000 })
    t.equal(body, 'large')
  })
})

t.test('over the loopback too', async (t) => {
  await pair(async ({ server }) => {
    server.serve(Echo, (body) => {
      return answerThatGoes(body, bytes(100))
    })
    const request = bytes(100)
    const never = server.loopback.call(Echo, 'x', { data: request })
    give(request)
    t.match(await failureOf(never), { code: 'INK_MESSAGE_CHANGED', indeterminate: false })
    t.match(await failureOf(server.loopback.call(Echo, 'x')), { code: 'INK_MESSAGE_CHANGED', indeterminate: true })
  })
})
