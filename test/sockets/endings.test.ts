/**
 * How things end: close() drains, markDown() hands back, shutdown() does both for all; what the peer is told; and the
 * AbortSignal of every waiting call.
 */
import t from 'tap'
import { Messenger, losslessClient, losslessServer, lossy, peer } from '../../src/index.ts'
import type { Connection, Policy } from '../../src/index.ts'
import { actor, actorBehind } from '../support/actor.ts'
import { heldPort } from '../support/held-port.ts'
import { Ledger, NumberedStream, pump } from '../support/numbered.ts'
import { startProxy } from '../support/tcp-proxy.ts'
import { rejection, until, within } from '../support/until.ts'

const QUICK = { backoff: { firstMs: 5, maxMs: 50 } } as const
const PAIRS: readonly (readonly [Policy, Policy])[] = [
  [lossy(QUICK), lossy(QUICK)],
  [losslessClient(QUICK), losslessServer()],
  [peer(QUICK), peer(QUICK)],
]

for (const [mine, theirs] of PAIRS) {
  t.test(`${mine.kind}: close() delivers all that was queued, then both ends forget each other`, async (t) => {
    const [a, b] = [await actor(t, 'osd.1', mine), await actor(t, 'osd.2', theirs)]
    const ledger = new Ledger()
    b.messenger.use({
      async dispatch(message) {
        await new Promise((resolve) => setImmediate(resolve))
        ledger.take(message)
      },
    })
    const connection = a.messenger.connect(b.address)
    await pump(connection, new NumberedStream({ id: 1 }), 500)
    const states: string[] = []
    connection.state$.subscribe({ next: (state) => states.push(state), complete: () => states.push('complete') })
    await connection.close()
    t.strictSame([ledger.violations, ledger.count], [[], 500], 'the handlers have finished with everything')
    t.strictSame(states.slice(-3), ['draining', 'closed', 'complete'])
    t.equal(a.count('onReset'), 0, 'a close that went well is no news')
    await until('the other end is told', () => b.count('onReset') === 1)
    t.match(b.eventsOf('reset')[0]?.reason, /closed/)
    t.strictSame([a.messenger.connections, b.messenger.connections], [[], []])
  })
}

t.test('close() in vain: what was not acked comes back when the time is up, or when it is aborted', async (t) => {
  const [a, b] = [await actor(t, 'osd.1', peer(QUICK)), await actorBehind(t, 'osd.2', peer(QUICK))]
  const later = new AbortController()
  for (const [options, code] of [
    [{ timeoutMs: 50 }, 'INK_DRAIN_TIMEOUT'],
    [{ signal: later.signal }, 'INK_ABORTED'],
    [{ signal: AbortSignal.abort() }, 'INK_ABORTED'],
  ] as const) {
    const connection = a.messenger.connect(b.address)
    await connection.deliver({ type: 1 })
    b.proxy.blackhole()
    const resets = a.count('onReset')
    const fate = rejection('its outcome', connection.deliver({ type: 1, tid: 7 }))
    const closing = rejection('close()', connection.close(options))
    if ('signal' in options) later.abort()
    t.match(await closing, { code })
    t.match(await fate, { code, outcome: /unknown|undelivered/ })
    t.equal(a.count('onReset'), resets + 1)
    const { undelivered, unknown } = a.told.at(-1)!.outcome!
    t.match([...undelivered, ...unknown], [{ tid: 7 }])
    b.proxy.heal()
    b.proxy.cutAll()
  }
})

t.test('close() while nobody is there: nothing queued ends at once, something queued waits', async (t) => {
  const b = await actor(t, 'osd.2', losslessServer())
  const proxy = await startProxy(b.port)
  t.teardown(() => proxy.close())
  const a = await actor(t, 'client.1', losslessClient(QUICK))
  const connection = a.messenger.connect(`tcp://127.0.0.1:${proxy.port}`)
  await connection.deliver({ type: 1 })
  proxy.refuse()
  proxy.cutAll()
  await until('the link is lost', () => connection.state === 'backoff')
  connection.send({ type: 1 })
  const closing = connection.close()
  await proxy.accept()
  await within('close()', closing)
  t.equal(b.messages.length, 2, 'the last message was delivered')
  const never = a.messenger.connect(`tcp://127.0.0.1:${await heldPort(t)}`)
  await within('closing what never opened', never.close())
})

t.test('markDown() ends at once and hands back; the peer is told', async (t) => {
  const [a, b] = [await actor(t, 'osd.1', peer(QUICK)), await actorBehind(t, 'osd.2', peer(QUICK))]
  const connection = a.messenger.connect(b.address)
  await connection.deliver({ type: 1 })
  b.proxy.blackhole()
  connection.send({ type: 1, tid: 1 })
  await until('it is on the link', () => connection.dump().lanes.some(({ sent }) => sent > 0))
  const fate = rejection('the outcome', connection.deliver({ type: 1, tid: 2 }))
  const outcome = connection.markDown()
  t.match([outcome.unknown, outcome.undelivered], [[{ tid: 1 }], [{ tid: 2 }]])
  t.match(await fate, { code: 'INK_MARKED_DOWN', outcome: 'undelivered' })
  t.equal(connection.state, 'closed')
  t.equal(a.count('onReset'), 0, 'who marks down knows')
  b.proxy.heal()
  await until('the peer is told', () => b.count('onReset') + b.count('onRemoteReset') === 1)
  const anew = a.messenger.connect(b.address)
  t.not(anew, connection)
  await anew.deliver({ type: 1 })
})

t.test('a peer that closed can be talked to again, on the same connection', async (t) => {
  const [a, b] = [await actor(t, 'client.1', losslessClient(QUICK)), await actor(t, 'osd.1', losslessServer())]
  const connection = a.messenger.connect(b.address)
  await connection.deliver({ type: 1 })
  await b.messenger.connections[0]!.close()
  await until('the client is told', () => a.count('onRemoteReset') === 1)
  await connection.deliver({ type: 1 })
  t.equal(b.count('onAccept'), 2)
  t.equal(a.count('onReset'), 0)
})

t.test('shutdown() drains every connection, completes the streams and frees the address', async (t) => {
  const bind = `tcp://127.0.0.1:${await heldPort(t)}`
  const [a, b] = [await actor(t, 'osd.1', peer(QUICK), { bind }), await actor(t, 'osd.2', peer(QUICK))]
  const ledger = new Ledger()
  b.messenger.use({ dispatch: (message) => ledger.take(message) })
  const connection = a.messenger.connect(b.address)
  await pump(connection, new NumberedStream({ id: 1 }), 300)
  let completed = 0
  const complete = (): number => completed++
  a.messenger.events$.subscribe({ complete })
  a.messenger.messages$.subscribe({ complete })
  connection.messages$.subscribe({ complete })
  connection.state$.subscribe({ complete })
  const down = a.messenger.shutdown()
  t.throws(() => connection.send({ type: 1 }), { code: 'INK_CLOSED' })
  await within('shutdown()', down)
  t.equal(ledger.count, 300)
  t.equal(completed, 4)
  const again = await actor(t, 'osd.3', peer(QUICK), { bind })
  t.equal(again.address, bind)
})

t.test('shutdown() with a peer that is gone takes only so long', async (t) => {
  const b = await actorBehind(t, 'osd.2', peer(QUICK))
  const a = await actor(t, 'osd.1', peer(QUICK), { limits: { drainTimeoutMs: 100 } })
  const connection = a.messenger.connect(b.address)
  await connection.deliver({ type: 1 })
  b.proxy.blackhole()
  connection.send({ type: 1 })
  a.messenger.loopback.send({ type: 1 })
  a.messenger.use({ dispatch: () => new Promise(() => undefined) })
  await within('shutdown()', a.messenger.shutdown())
  t.equal(a.count('onReset'), 2, 'what could not be drained comes back, also from the loopback')
})

t.test('the end of a scope is the end of a messenger, and of a connection', async (t) => {
  const b = await actor(t, 'osd.2', peer(QUICK))
  const scope = async (): Promise<[Messenger, Connection]> => {
    const messenger = new Messenger({ name: 'osd.1', policies: { default: peer(QUICK) } })
    const connection = messenger.connect(b.address)
    await connection.deliver({ type: 1 })
    await connection[Symbol.asyncDispose]()
    await messenger[Symbol.asyncDispose]()
    return [messenger, connection]
  }
  const [messenger, connection] = await scope()
  t.equal(connection.state, 'closed')
  t.throws(() => messenger.connect(b.address), { code: 'INK_CLOSED' })
})

t.test('every waiting call has a signal', async (t) => {
  const options = { ...QUICK, replay: { messages: 10 }, highWater: 0.5 } as const
  const [a, b] = [await actor(t, 'osd.1', peer(options)), await actorBehind(t, 'osd.2', peer(options))]
  const connection = a.messenger.connect(b.address)
  await connection.deliver({ type: 1 })
  b.proxy.blackhole()
  const reason = new Error('the user went home')
  for (const when of ['before', 'during'] as const) {
    const controller = new AbortController()
    if (when === 'before') controller.abort(reason)
    const { signal } = controller
    const waits = [
      connection.deliver({ type: 1 }, { signal }),
      (async () => {
        while (connection.send({ type: 1 }));
        await connection.drained({ signal })
      })(),
      ...(when === 'before' ? [a.messenger.bind('tcp://127.0.0.1:0', { signal })] : []),
    ].map((wait) => rejection(`a call aborted ${when}`, wait))
    if (when === 'during') controller.abort(reason)
    for (const error of await Promise.all(waits)) t.match(error, { code: 'INK_ABORTED', cause: reason })
  }
  // Both were aborted before they were on a link; of `send()` nothing is taken back.
  t.match(connection.dump(), { queuedMessages: 6, counters: { withdrawnMessages: 1 } })
})
