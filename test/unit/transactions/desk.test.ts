/** Whose handler runs when: queues, limits, order by key, pauses, and inline handlers that block. */
import t from 'tap'
import { Echo, Later, Other, failureOf, pair } from './lab.ts'

t.test('so many handlers run at once; the others wait, and beyond that they are refused', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    const open: Later[] = []
    const started: string[] = []
    const options = { concurrency: 2, waitingMax: 3, retryAfterMs: 40 }
    server.serve(
      Echo,
      async (body) => {
        started.push(body)
        const later = new Later()
        open.push(later)
        await later.promise
        return { body }
      },
      options,
    )
    const calls = ['1', '2', '3', '4', '5'].map((body) => connection.call(Echo, body))
    await settle()
    t.strictSame(started, ['1', '2'])
    const refused = await failureOf(connection.call(Echo, '6'))
    t.match(refused, { reason: 'quota', code: 'BUSY', indeterminate: false, retryAfterMs: 40 })
    for (let index = 0; index < 5; index++) {
      open[index]?.resolve()
      await settle()
    }
    t.strictSame(
      (await Promise.all(calls)).map(({ body }) => body),
      ['1', '2', '3', '4', '5'],
    )
    t.strictSame(started, ['1', '2', '3', '4', '5'], 'in the order in which they came')
  })
})

t.test('a call that waits is withdrawn by its cancel and by its deadline, and never runs', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    const hold = new Later()
    const ran: string[] = []
    server.serve(
      Echo,
      async (body) => {
        ran.push(body)
        await hold.promise
        return { body }
      },
      { concurrency: 1 },
    )
    const first = connection.call(Echo, 'first')
    const cancelled = connection.transact(Echo, 'cancelled')
    const late = connection.call(Echo, 'late', { timeoutMs: 100 })
    await settle()
    t.equal(await cancelled.cancel(), 'cancelled')
    t.match(await failureOf(cancelled.reply), { indeterminate: false })
    t.match(await failureOf(late), { reason: 'deadline' })
    await settle()
    hold.resolve()
    await first
    await settle()
    t.strictSame(ran, ['first'])
    t.equal((await connection.call(Echo, 'next')).body, 'next', 'its place is free')
  })
})

t.test('of calls with one key one runs at a time, in order; those with others pass', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    const open = new Map<string, Later>()
    const started: string[] = []
    server.serve(
      Echo,
      async (body) => {
        started.push(body)
        const later = new Later()
        open.set(body, later)
        await later.promise
        return { body }
      },
      { orderKey: (body) => body[0] },
    )
    const calls = ['a1', 'a2', 'b1', 'a3', 'b2'].map((body) => connection.call(Echo, body))
    await settle()
    t.strictSame(started, ['a1', 'b1'])
    for (const body of ['b1', 'a1', 'a2', 'a3', 'b2']) {
      open.get(body)?.resolve()
      await settle()
    }
    await Promise.all(calls)
    t.strictSame(started, ['a1', 'b1', 'b2', 'a2', 'a3'])
  })
})

t.test('a paused service takes calls and runs none, until it goes on, in order', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    const ran: string[] = []
    const served = server.serve(Echo, (body) => {
      ran.push(body)
      return { body }
    })
    served.pause()
    const calls = ['1', '2', '3'].map((body) => connection.call(Echo, body))
    await settle(1000)
    t.strictSame(ran, [])
    served.resume()
    await Promise.all(calls)
    t.strictSame(ran, ['1', '2', '3'])
    served.pause()
    const waiting = connection.call(Echo, '4')
    await settle()
    served.remove()
    t.match(await failureOf(waiting), { reason: 'unhandled', indeterminate: false })
    t.match(await failureOf(connection.call(Echo, '5')), { reason: 'unhandled' })
  })
})

t.test('an inline handler that answers by a promise is told of, and queued after three', async (t) => {
  await pair(async ({ server, connection, events }) => {
    server.serve(Echo, async (body) => Promise.resolve({ body }), { mode: 'inline' })
    server.serve(Other, (body) => ({ body }), { mode: 'inline' })
    for (const body of ['1', '2', '3', '4']) {
      t.equal((await connection.call(Echo, body)).body, body)
      t.equal((await connection.call(Other, body)).body, body)
    }
    t.match(
      events.filter(({ type }) => type === 'inlineBlocked'),
      [
        { call: 'Echo', demoted: false },
        { call: 'Echo', demoted: false },
        { call: 'Echo', demoted: true },
      ],
    )
  })
})

t.test('calls that are made in a handler inherit its deadline, unless they are told not to', async (t) => {
  await pair(async ({ server, client, connection, settle }) => {
    const left: number[] = []
    client.serve(Other, async (_body, call) => {
      left.push(call.deadlineMs)
      await settle(1)
    })
    server.serve(Echo, async (_body, call) => {
      await settle(100)
      await call.connection.call(Other, '')
      await call.connection.call(Other, '', { inherit: false })
      await call.connection.call(Other, '', { timeoutMs: 10 })
    })
    await connection.call(Echo, '', { timeoutMs: 1000 })
    t.ok(left[0]! > 890 && left[0]! < 900, `${left[0]} ms`)
    t.equal(left[1], Infinity)
    t.ok(left[2]! > 5 && left[2]! <= 10, `${left[2]} ms`)
  })
})
