/**
 * A callback may end its connection or its messenger, whatever the library was about to do next: what is left of that
 * step begins nothing, and tells of nothing that the caller has let go of.
 */
import t from 'tap'
import type { Connection } from '../../src/messenger/connection.ts'
import type { Messenger } from '../../src/messenger/messenger.ts'
import { peer } from '../../src/policies/peer.ts'
import { Simulation } from '../../src/testing/index.ts'

type End = 'markDown' | 'close' | 'shutdown'

/** Ends the connection where `place` is reached, and notes all that is told from there on. */
function endAt(place: string, end: End, messenger: Messenger): string[] {
  const told: string[] = []
  let isNoting = false
  const reached = (what: string, connection: Connection): void => {
    if (isNoting) told.push(what)
    if (what !== place || isNoting) return
    isNoting = true
    if (end === 'markDown') connection.markDown()
    else if (end === 'close') connection.close().then(() => told.push('end'), String)
    else void messenger.shutdown().then(() => told.push('end'))
    if (end === 'markDown') told.push(connection.state)
  }
  messenger.events$.subscribe((event) => {
    if ('connection' in event) reached(`event ${event.type}`, event.connection)
  })
  for (const who of ['first', 'second']) {
    const note = (what: string) => (connection: Connection) => {
      reached(`${who} ${what}`, connection)
    }
    const [onConnect, onAccept] = [note('onConnect'), note('onAccept')]
    messenger.use({ onConnect, onAccept, onReset: note('onReset'), onRemoteReset: note('onRemoteReset') })
  }
  messenger.messages$.subscribe(() => told.push('message'))
  messenger.use({ dispatch: () => void told.push('dispatch') })
  return told
}

/** osd.0 talks to osd.1, which is another instance when the link is back. What was told from the end on. */
async function restarted(place: string, end: End, policy = peer()): Promise<string[]> {
  const sim = new Simulation({ seed: 1 })
  const policies = { default: policy }
  const client = sim.messenger('osd.0', { policies })
  return await sim.run(async () => {
    const serve = (): Promise<string> => {
      const server = sim.messenger('osd.1', { policies })
      server.use({ dispatch: () => undefined, onAccept: (connection) => void connection.send({ type: 2 }) })
      return server.bind('sim://osd.1:1')
    }
    const connection = client.connect(await serve())
    await connection.deliver({ type: 1 })
    const told = endAt(place, end, client)
    sim.crash('osd.1')
    await serve()
    connection.send({ type: 1 })
    connection.state$.subscribe((state) => {
      if (told.length > 0) told.push(`state ${state}`)
    })
    await sim.clock.sleep(30_000)
    return told
  })
}

/** osd.0 dials osd.1 and sends a message, or is dialled by it. What the ending side was told from the end on. */
async function met(place: string, end: End): Promise<string[]> {
  const sim = new Simulation({ seed: 1 })
  const policies = { default: peer() }
  const [a, b] = [sim.messenger('osd.0', { policies }), sim.messenger('osd.1', { policies })]
  return await sim.run(async () => {
    const told = endAt(place, end, place.endsWith('ccept') ? b : a)
    const connection = a.connect(await b.bind('sim://osd.1:1'))
    connection.send({ type: 1 })
    await sim.clock.sleep(30_000)
    return told
  })
}

t.test(
  'markDown() while a remote reset is told: no new session, and whoever has not heard of the outcome does',
  async (t) => {
    const rest = ['event remoteReset', 'first onRemoteReset', 'second onRemoteReset']
    for (const [index, place] of rest.entries()) {
      for (const policy of [peer(), peer({ onReset: 'requeue' })]) {
        const expected = ['closed', ...rest.slice(index + 1), 'state closed', 'event closed']
        t.strictSame(await restarted(place, 'markDown', policy), expected, `${place}, ${policy.onReset}`)
      }
    }
  },
)

t.test('markDown() while the beginning of a session is told: nobody else hears of it', async (t) => {
  for (const what of ['onnect', 'ccept']) {
    const kind = what === 'onnect' ? 'connect' : 'accept'
    for (const place of [`event ${kind}`, `first on${what === 'onnect' ? 'Connect' : 'Accept'}`])
      t.strictSame(await met(place, 'markDown'), ['closed', 'event closed'], place)
  }
})

t.test('close() and shutdown() in a callback: the session that follows in the same step is no news', async (t) => {
  for (const end of ['close', 'shutdown'] as const) {
    const told = await restarted('second onRemoteReset', end)
    t.notOk(
      told.some((what) => /onnect|ccept/.test(what)),
      told.join(),
    )
    t.ok(told.includes('end') && told.includes('event closed'))
  }
})

t.test(
  'markDown() where messages are shown, or in a dispatcher that passes: nobody else is handed the message',
  async (t) => {
    const sim = new Simulation({ seed: 1 })
    const policies = { default: peer() }
    for (const where of ['stream', 'dispatch', 'fastDispatch'] as const) {
      const [a, b] = [sim.messenger('osd.0', { policies }), sim.messenger('osd.1', { policies })]
      const handed: string[] = []
      const pass = (_message: unknown, connection: Connection): boolean => {
        handed.push(where)
        connection.markDown()
        return false
      }
      if (where === 'stream') b.use({ onAccept: (it) => void it.messages$.subscribe((message) => pass(message, it)) })
      else b.use({ [where]: pass })
      b.use({ dispatch: () => handed.push('dispatch') })
      await sim.run(async () => {
        const connection = a.connect(await b.bind(`sim://osd.1:${handed.length + where.length}`))
        const fate = connection.deliver({ type: 1 }).catch((error: unknown) => error)
        t.match(await fate, { code: 'INK_PEER_CLOSED', outcome: 'unknown' }, where)
        await Promise.all([a.shutdown(), b.shutdown()])
      })
      t.strictSame(handed, [where])
    }
  },
)
