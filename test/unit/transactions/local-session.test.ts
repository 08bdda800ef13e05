/** Calls over the loopback: the same machine and the same outcomes, without a wire. */
import t from 'tap'
import { Echo, Later, Other, bytes, failureOf, pair } from './lab.ts'

t.test('a messenger calls itself as it calls others', async (t) => {
  await pair(async ({ server, settle }) => {
    const { loopback } = server
    const hold = new Later()
    server.serve(Echo, async (body, call) => {
      const part = bytes(3)
      for await (const got of call) await call.send(got.length === 3 ? got : part)
      return { body, data: call.data }
    })
    server.serve(Other, () => hold.promise.then(() => undefined))
    const data = bytes(200_000, 1)
    const reply = await loopback.call(Echo, 'x', { data })
    data.fill(2)
    t.equal(reply.body, 'x')
    t.ok(
      reply.data.every((byte) => byte === 1),
      'the bytes are its own',
    )
    const tx = loopback.transact(Echo, 'y')
    await tx.send(bytes(3))
    await tx.send(bytes(300_000))
    const end = tx.end()
    const sizes: number[] = []
    for await (const part of tx) sizes.push(part.length)
    t.strictSame(sizes, [3, 3])
    t.equal((await end).body, 'y')
    t.match(await failureOf(loopback.call(Other, '', { timeoutMs: 20 })), { reason: 'deadline', indeterminate: true })
    const open = loopback.call(Other, '')
    await settle()
    loopback.markDown()
    t.match(await failureOf(open), { reason: 'disconnected', indeterminate: true })
    t.match(await failureOf(loopback.call(Echo, '')), { reason: 'disconnected', code: 'INK_CLOSED' })
    hold.resolve()
  })
})
