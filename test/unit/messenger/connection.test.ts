/** The handle that applications hold: every call reaches its core, with defaults. */
import { EMPTY } from 'rxjs'
import t from 'tap'
import { Connection } from '../../../src/messenger/connection.ts'
import type { ConnectionCore, ConnectionFace } from '../../../src/messenger/connection-core.ts'
import { lossy } from '../../../src/policies/lossy.ts'
import { defineCall } from '../../../src/transactions/define-call.ts'
import { fakeCalls } from './fakes.ts'

t.test('every call and every getter is that of the core or of the face', async (t) => {
  const calls: unknown[] = []
  const outcome = { undelivered: [], unknown: [] }
  const dump = { state: 'open' } as ReturnType<ConnectionCore['dump']>
  const loop = {} as ReturnType<ConnectionFace<Connection>['messages']>
  const core: ConnectionCore = {
    peer: { type: 'osd', name: null, address: 'memory://x', instance: null },
    policy: lossy(),
    state: 'open',
    path: null,
    ways: { path$: EMPTY, known: [] },
    switchTo: (address, options) => {
      calls.push(address, options)
      return Promise.reject(new Error('nowhere'))
    },
    ping: async (options) => calls.push(options),
    markDown: () => outcome,
    close: async (options) => void calls.push(options),
    dump: () => dump,
  }
  const face: ConnectionFace<Connection> = {
    ...{ state$: EMPTY, messages$: EMPTY, path$: EMPTY },
    calls: fakeCalls(calls),
    closed: new Promise(() => undefined),
    signal: new AbortController().signal,
    opened: async (options) => void calls.push(options),
    messages: (options) => {
      calls.push(options)
      return loop
    },
    send: (init) => {
      calls.push(init)
      return false
    },
    deliver: async (init, options) => void calls.push(init, options),
    drained: async (options) => void calls.push(options),
  }
  const connection = new Connection(core, face)
  for (const name of ['peer', 'policy', 'state', 'path'] as const) t.equal(connection[name], core[name])
  for (const name of ['state$', 'messages$', 'closed', 'signal', 'path$'] as const)
    t.equal(connection[name], face[name])
  t.equal(connection.send({ type: 1 }), false)
  await connection.deliver({ type: 2 })
  await connection.drained()
  await connection.opened()
  t.equal(await connection.ping(), 6)
  t.equal(connection.messages(), loop)
  await t.rejects(connection.switchTo('memory://y'), { message: 'nowhere' })
  await connection.close()
  await connection[Symbol.asyncDispose]()
  t.strictSame(
    calls,
    [{ type: 1 }, { type: 2 }, {}, {}, {}, {}, {}, 'memory://y', {}, {}, {}],
    'options are left out as {}',
  )
  const codec = { encode: (body: Uint8Array) => body, decode: (bytes: Uint8Array) => bytes }
  const Get = defineCall({ type: 1, name: 'Get', request: codec, reply: codec })
  void connection.call(Get, new Uint8Array(0))
  t.throws(() => connection.transact(Get, new Uint8Array(0), { timeoutMs: 5 }), {
    message: 'there are no transactions here',
  })
  t.strictSame(calls.slice(11), [
    [connection, Get, new Uint8Array(0), {}],
    [connection, Get, new Uint8Array(0), { timeoutMs: 5 }],
  ])
  t.equal(connection.markDown(), outcome)
  t.equal(connection.dump(), dump)
})
