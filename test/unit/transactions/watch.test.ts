/** Watchers of calls: they hear of both ends of each, carry a trace on, and decide nothing. */
import t from 'tap'
import { CallError } from '../../../src/transactions/call-error.ts'
import type { CallWatcher, WatchedCall } from '../../../src/transactions/watch.ts'
import type { Messenger } from '../../../src/transactions/messenger.ts'
import { Echo, Other, failureOf, pair } from './lab.ts'

/** Writes down what it hears. */
function noting(said: string[], metadata?: (call: WatchedCall) => Record<string, string>): CallWatcher {
  return {
    began: (call) => {
      const name = `${call.side} ${call.callName}`
      said.push(name)
      return {
        metadata: metadata?.(call),
        ended: (failure) => void said.push(`${name}: ${failure?.reason ?? 'well'}`),
      }
    },
  }
}

t.test('both ends of a call are told, from the beginning to the outcome, once', async (t) => {
  await pair(async ({ client, server, connection }) => {
    const said: string[] = []
    using _watch = client.watchCalls(noting(said))
    server.serve(Echo, (body) => ({ body }))
    await connection.call(Echo, 'a')
    t.strictSame(said.splice(0), ['asked Echo', 'asked Echo: well'])
    t.equal((await failureOf(connection.call(Other, 'a'))).reason, 'unhandled')
    t.strictSame(said.splice(0), ['asked Other', 'asked Other: unhandled'])
    const transaction = connection.transact(Echo, 'a')
    await transaction.end()
    t.strictSame(said.splice(0), ['asked Echo', 'asked Echo: well'])
    connection.transact(Echo, 'a').discard()
    t.strictSame(said.splice(0), ['asked Echo', 'asked Echo: cancelled-local'])
    await failureOf(connection.call(Echo, 'a', { signal: AbortSignal.abort() }))
    t.strictSame(said.splice(0), [], 'one that never began is not told')
    const atServer = server.watchCalls(noting(said))
    server.serve(Other, () => {
      throw new CallError('ENOENT')
    })
    await t.rejects(connection.call(Other, 'a'), { code: 'ENOENT' })
    t.strictSame(said.splice(0), [
      'asked Other',
      'served Other',
      'served Other: handler-error',
      'asked Other: handler-error',
    ])
    atServer()
    atServer()
    await connection.call(Echo, 'a')
    t.strictSame(said.splice(0), ['asked Echo', 'asked Echo: well'], 'nobody watches the server any more')
  })
})

t.test('a watcher carries a trace to the peer, and on to the calls of its handler', async (t) => {
  await pair(async ({ client, server, connection }) => {
    const heard: unknown[] = []
    client.watchCalls(noting([], ({ metadata }) => ({ traceparent: `asked-${metadata['shard']}` })))
    server.watchCalls({
      began: ({ side, metadata }) => ({
        metadata: side === 'served' ? { traceparent: `${metadata['traceparent']}-served` } : undefined,
        run: (body) => {
          heard.push('run')
          return body()
        },
        ended: () => undefined,
      }),
    })
    server.serve(Other, (body, { metadata }) => {
      heard.push(metadata['traceparent'])
      return { body }
    })
    server.serve(Echo, async (body, { metadata }) => {
      heard.push(metadata['traceparent'])
      const { body: reply } = await server.loopback.call(Other, body)
      return { body: reply }
    })
    await connection.call(Echo, 'a', { metadata: { shard: '7' } })
    t.strictSame(
      heard,
      ['run', 'asked-7', 'run', 'asked-7-served'],
      'the handler sees what came, its calls what follows',
    )
  })
})

t.test('a watcher that throws, or wants more than there is room for, fails no call', async (t) => {
  await pair(async ({ client, server, connection }) => {
    const errors: string[] = []
    for (const messenger of [client, server] as Messenger[])
      messenger.events$.subscribe((event) => {
        if (event.type === 'subscriberError') errors.push(`${event.stream}: ${event.error.message}`)
      })
    const fail = (what: string): never => {
      throw new Error(what)
    }
    client.watchCalls({ began: () => fail('began') })
    client.watchCalls({ began: () => ({ ended: () => fail('ended') }) })
    client.watchCalls({ began: () => ({ metadata: { traceparent: 'x'.repeat(600) }, ended: () => undefined }) })
    server.serve(Echo, (body, { metadata }) => {
      t.strictSame({ ...metadata }, { mine: '1' })
      return { body }
    })
    await connection.call(Echo, 'a', { metadata: { mine: '1' } })
    t.strictSame(errors, ['calls: began', 'calls: ended'])
    t.throws(() => client.watchCalls({} as CallWatcher), { code: 'INK_BAD_OPTION', message: /no began\(\)/ })
  })
})
