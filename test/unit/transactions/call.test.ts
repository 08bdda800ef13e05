/** Calls with one request and one reply: what callers get, whatever happens. */
import t from 'tap'
import { losslessClient } from '../../../src/policies/lossless-client.ts'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import { Messenger as Shell } from '../../../src/messenger/messenger.ts'
import { peer } from '../../../src/policies/peer.ts'
import { CallError } from '../../../src/transactions/call-error.ts'
import { defineCall } from '../../../src/transactions/define-call.ts'
import { Echo, Later, Other, bytes, failureOf, pair, text } from './lab.ts'

t.test('a call gives what its handler answers, with bytes beside the body', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    server.serve(Echo, (body, call) => ({ body: body.toUpperCase(), data: call.data.map((byte) => byte + 1) }))
    const { body, data } = await connection.call(Echo, 'hello', { data: bytes(3, 1) })
    t.equal(body, 'HELLO')
    t.strictSame([...data], [2, 2, 2])
    t.equal((await connection.call(Echo, '')).body, '', 'also of nothing')
    await settle()
    t.equal((await connection.call(Echo, 'later')).body, 'LATER', 'also when there was a pause')
  })
})

t.test('many calls are answered each with its own reply, whatever the order', async (t) => {
  await pair(async ({ server, connection }) => {
    const open: (() => void)[] = []
    server.serve(Echo, async (body) => {
      await new Promise<void>((resolve) => open.push(resolve))
      return { body }
    })
    const calls = Array.from({ length: 200 }, (_, index) => connection.call(Echo, `${index}`))
    while (open.length < 200) await Promise.race([calls[0]!, new Promise((resolve) => setImmediate(resolve))])
    for (const resolve of open.reverse()) resolve()
    t.strictSame(
      (await Promise.all(calls)).map(({ body }) => body),
      calls.map((_, index) => `${index}`),
    )
  })
})

t.test('what a handler throws is what its caller gets', async (t) => {
  await pair(async ({ server, connection }) => {
    server.serve(Echo, (body) => {
      if (body === 'call error') throw new CallError('ENOENT', 'no such object', { retryAfterMs: 7 })
      throw Object.assign(new RangeError('out of range'), { code: 'ERANGE' })
    })
    const one = await failureOf(connection.call(Echo, 'call error'))
    t.match(one, { reason: 'handler-error', code: 'ENOENT', indeterminate: true, retryAfterMs: 7 })
    t.equal(one.message, 'Echo: handler-error: no such object')
    const other = await failureOf(connection.call(Echo, 'another'))
    t.match(other, { code: 'ERANGE', message: 'Echo: handler-error: RangeError: out of range' })
  })
})

t.test('a call that nobody serves has not run, and says so', async (t) => {
  await pair(async ({ server, connection }) => {
    server.serve(Other, () => undefined)
    t.match(await failureOf(connection.call(Echo, 'x')), { reason: 'unhandled', indeterminate: false })
  })
})

t.test('a peer that knows services and no calls says so at once, and every place comes back', async (t) => {
  await pair(async ({ sim, client, settle }) => {
    const stranger = new Shell({
      name: 'osd.9',
      policies: { default: peer() },
      ...sim.process('osd.9').options,
    })
    const connection = client.connect(await stranger.bind('sim://osd.9:6800'))
    const before = sim.clock.nowMs()
    const failed = await failureOf(connection.call(Echo, 'x', { timeoutMs: 60_000 }))
    t.match(failed, { reason: 'unhandled', code: 'INK_UNHANDLED', indeterminate: false })
    t.ok(sim.clock.nowMs() - before < 1000, 'long before its deadline')
    const large = client.connect('sim://osd.9:6800').call(Echo, 'x', { data: bytes(1 << 20), timeoutMs: 60_000 })
    t.match(await failureOf(large), { reason: 'unhandled', indeterminate: false }, 'also when it is of many pieces')
    const abort = new AbortController()
    const cancelled = connection.call(Echo, 'x', { signal: abort.signal })
    const outcomes = Promise.all(
      Array.from({ length: 2000 }, () => failureOf(connection.call(Echo, 'x', { timeoutMs: 60_000 }))),
    )
    await settle(0)
    abort.abort()
    t.match(await failureOf(cancelled), { reason: 'cancelled-local' })
    t.strictSame(new Set((await outcomes).map(({ reason }) => reason)), new Set(['unhandled']), 'more than are open')
    t.equal(connection.dump().queuedMessages, 0)
    await stranger.shutdown()
  })
})

t.test('a peer whose service of calls fails ends the call, and its handler may have run', async (t) => {
  await pair(async ({ sim, client }) => {
    const broken = new Shell({ name: 'osd.9', policies: { default: peer() }, ...sim.process('osd.9').options })
    broken.useService({
      name: 'broken',
      number: 1,
      message() {
        throw new Error('broken')
      },
    })
    const connection = client.connect(await broken.bind('sim://osd.9:6800'))
    const failed = await failureOf(connection.call(Echo, 'x', { timeoutMs: 60_000 }))
    t.match(failed, { reason: 'protocol', code: 'INK_HANDLER_FAILED', indeterminate: true })
    await broken.shutdown()
  })
})

t.test('a handler hears of the cancel, and its caller does not wait for it', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    const fired = new Later<unknown>()
    server.serve(Echo, async (_body, { signal }) => {
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          fired.resolve(signal.reason)
          resolve()
        })
      })
      throw new Error('stopped')
    })
    const abort = new AbortController()
    const call = connection.call(Echo, 'x', { signal: abort.signal })
    await settle()
    abort.abort(new Error('no longer needed'))
    t.match(await failureOf(call), { reason: 'cancelled-local', indeterminate: true })
    t.match(await fired.promise, { reason: 'cancelled-remote', message: /no longer needed/ })
  })
})

t.test('a call whose time is up fails, and its handler is told', async (t) => {
  await pair(async ({ server, connection, settle, sim }) => {
    let left = 0
    let why = ''
    server.serve(Echo, async (_body, call) => {
      left = call.deadlineMs
      await new Promise<void>((resolve) => call.signal.addEventListener('abort', () => resolve()))
      why = (call.signal.reason as CallError).reason
    })
    const fromMs = sim.clock.nowMs()
    t.match(await failureOf(connection.call(Echo, 'x', { timeoutMs: 500 })), {
      reason: 'deadline',
      indeterminate: true,
    })
    t.equal(sim.clock.nowMs() - fromMs, 500)
    await settle()
    t.equal(why, 'deadline')
    t.ok(left > 490 && left <= 500, `${left} ms were left`)
  })
})

t.test('what was on no link is withdrawn, and was not run', async (t) => {
  await pair(async ({ client, sim, settle }) => {
    const connection = client.connect('sim://nobody:1')
    const abort = new AbortController()
    const calls = [
      connection.call(Echo, 'x', { timeoutMs: 300 }),
      connection.call(Echo, 'x', { signal: abort.signal }),
      connection.call(Echo, 'x'),
    ]
    const failures = Promise.all(calls.map(failureOf))
    await settle()
    abort.abort('enough')
    await settle(400)
    connection.markDown()
    t.strictSame(
      (await failures).map(({ reason, indeterminate }) => [reason, indeterminate]),
      [
        ['deadline', false],
        ['cancelled-local', false],
        ['disconnected', false],
      ],
    )
    t.match(await failureOf(connection.call(Echo, 'x')), {
      reason: 'disconnected',
      code: 'INK_CLOSED',
      indeterminate: false,
    })
    t.ok(sim.clock.nowMs() > 0)
  })
})

t.test('a call outlives a cut: it is answered once, by the same session', async (t) => {
  await pair(async ({ server, connection, sim, settle }) => {
    let ran = 0
    const hold = new Later()
    server.serve(Echo, async (body) => {
      ran++
      await hold.promise
      return { body }
    })
    const call = connection.call(Echo, 'x')
    await settle()
    sim.network.cut('client.a', 'osd.0')
    await settle()
    hold.resolve()
    t.equal((await call).body, 'x')
    t.equal(ran, 1)
  })
})

t.test('a request of any size is answered by a reply of any size', async (t) => {
  await pair(async ({ server, connection }) => {
    server.serve(Echo, (body, call) => ({ body, data: call.data }))
    for (const length of [0, 1, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 200_000, 5_000_000]) {
      const sent = bytes(length, length & 0xff)
      const { data, body } = await connection.call(Echo, 'b'.repeat(length % 150_000), { data: sent })
      t.ok(Buffer.from(data).equals(sent), `${length} bytes`)
      t.equal(body.length, length % 150_000)
    }
  })
})

t.test('bodies of calls are their receiver’s for good, also where those of messages are lent', async (t) => {
  await pair(
    async ({ server, connection }) => {
      const kept: Uint8Array[] = []
      server.serve(Echo, (body, call) => {
        kept.push(call.data)
        return { body, data: call.data }
      })
      for (let fill = 1; fill <= 4; fill++) {
        for (const length of [10, 32 * 1024 - 4, 50_000, 200_000]) {
          const { data } = await connection.call(Echo, 'body', { data: bytes(length, fill), timeoutMs: 1000 })
          kept.push(data)
        }
      }
      kept.forEach((data, index) => {
        const fill = Math.floor(index / 8) + 1
        t.ok(data.length > 0 && data.every((byte) => byte === fill), `body ${index} is as it came`)
      })
    },
    [losslessClient({ bodies: 'lend' }), losslessServer({ bodies: 'lend' })],
  )
})

t.test('the last numbers of calls are kept for layers of this package', (t) => {
  t.throws(() => defineCall({ type: 65_520, name: 'Mine', request: text, reply: text }), {
    code: 'INK_BAD_ARGUMENT',
    message: /type 65520 of Mine is one of Inkwire's own: take one from 0 to 65519/,
  })
  t.equal(defineCall({ type: 65_519, name: 'Mine', request: text, reply: text }).type, 65_519)
  t.end()
})
