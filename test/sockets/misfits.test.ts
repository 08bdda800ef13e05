/**
 * Ends that do not go together: their policies, their secrets, their names. Both ends are told why, in a sentence. Where the
 * acceptor has proved who it is, the dialler stops for good; whoever has not decides nothing, and is dialled again.
 */
import t, { type Test } from 'tap'
import { losslessClient, losslessServer, lossy, none, peer, sharedSecret } from '../../src/index.ts'
import type { AuthMethod, InkwireErrorCode, Policy } from '../../src/index.ts'
import { actor } from '../support/actor.ts'
import type { Actor } from '../support/actor.ts'
import { startProxy } from '../support/tcp-proxy.ts'
import { rejection, until, within } from '../support/until.ts'

/** Dials, and checks that both ends are told once, and that nobody tries again. */
async function refusedOnBothEnds(
  t: Test,
  [dialler, acceptor]: readonly [Actor, Actor],
  code: InkwireErrorCode,
  reasons: { readonly here: RegExp; readonly there: RegExp },
): Promise<void> {
  const proxy = await startProxy(acceptor.port)
  t.teardown(() => proxy.close())
  const connection = dialler.messenger.connect(`tcp://127.0.0.1:${proxy.port}`)
  t.match(await rejection('its message', connection.deliver({ type: 1 })), {
    code,
    message: reasons.here,
    outcome: 'undelivered',
  })
  t.equal(connection.state, 'closed')
  t.match(
    dialler.told.filter(({ notice }) => notice === 'onRefused'),
    [{ error: { code, message: reasons.here } }],
  )
  t.equal(dialler.count('onReset'), 1, 'its message is handed back')
  await until('the acceptor is told too', () => acceptor.eventsOf('linkRefused').length > 0)
  t.match(acceptor.eventsOf('linkRefused'), [{ reason: reasons.there, count: 1 }])
  t.strictSame([...acceptor.told, ...acceptor.eventsOf('refused')], [], 'of no connection: it has none')
  await until('nothing is left', () => acceptor.messenger.dump().connections.length === 0 && proxy.links === 0)
  t.equal(proxy.accepted, 1, 'nobody dials again')
}

const pairs: readonly (readonly [Policy, Policy])[] = [
  [lossy(), peer()],
  [lossy(), losslessServer()],
  [peer(), lossy()],
  [peer(), losslessServer()],
  [losslessClient(), peer()],
  [losslessClient(), lossy()],
  [losslessClient(), losslessClient()],
]
for (const [mine, theirs] of pairs) {
  t.test(`${mine.kind} dials ${theirs.kind}`, async (t) => {
    const both = [await actor(t, 'client.1', mine), await actor(t, 'osd.1', theirs)] as const
    const sentence = new RegExp(`${mine.kind}.*${theirs.kind}|${theirs.kind}.*${mine.kind}`)
    await refusedOnBothEnds(t, both, 'INK_POLICY_MISMATCH', { here: sentence, there: sentence })
  })
}

t.test('a type of peer that the acceptor has no policy for', async (t) => {
  const both = [await actor(t, 'client.1', peer()), await actor(t, 'osd.1', { osd: peer() })] as const
  await refusedOnBothEnds(t, both, 'INK_POLICY_MISMATCH', { here: /client/, there: /client\.1.*client/ })
})

const QUICK = { backoff: { firstMs: 5, maxMs: 20 } } as const
const SECRET = 'correct horse battery staple'
const refusals: readonly (readonly [what: string, AuthMethod, AuthMethod, here: RegExp, there: RegExp])[] = [
  [
    'a wrong secret',
    sharedSecret({ secret: 'not the right one at all' }),
    sharedSecret({ secret: SECRET }),
    /secret/,
    /secret/,
  ],
  [
    'a name without a key',
    sharedSecret({ secret: SECRET }),
    sharedSecret({ keys: { 'osd.*': SECRET } }),
    /no secret for client\.1/,
    /no secret for client\.1.*keys\["client/,
  ],
  [
    'an acceptor that the dialler does not believe',
    sharedSecret({ secret: SECRET, accept: ['mon.*'] }),
    sharedSecret({ secret: SECRET }),
    /client\.1 does not accept osd\.1/,
    /client\.1 does not accept osd\.1/,
  ],
  ['no secret at all', none(), sharedSecret({ secret: SECRET }), /shared-secret/, /shared-secret/],
  ['a secret that nobody asks for', sharedSecret({ secret: SECRET }), none(), /none/, /none/],
]
for (const [what, mine, theirs, here, there] of refusals) {
  t.test(`auth: ${what}: both are told, and it ends when somebody is there who is believed`, async (t) => {
    const dialler = await actor(t, 'client.1', losslessClient(QUICK), { auth: mine })
    const acceptor = await actor(t, 'osd.1', losslessServer(), { auth: theirs })
    const proxy = await startProxy(acceptor.port)
    t.teardown(() => proxy.close())
    const connection = dialler.messenger.connect(`tcp://127.0.0.1:${proxy.port}`)
    const delivered = connection.deliver({ type: 1 })
    await until('it is tried again', () => proxy.accepted > 2)
    const told = dialler.told.filter(({ notice }) => notice === 'onRefused')
    t.match(told, [{ error: { code: 'INK_AUTH_REFUSED', message: here } }], 'the application once')
    t.match(dialler.eventsOf('fault')[1]?.reason, here, 'the operator each time')
    t.match(acceptor.eventsOf('linkRefused')[0]?.reason, there)
    t.equal(acceptor.told.length, 0)
    t.not(connection.state, 'closed')

    const right = await actor(t, 'mon.1', losslessServer(), { auth: mine })
    proxy.retarget(right.port)
    await within('the message', delivered)
    t.equal(dialler.count('onReset') + dialler.count('onRemoteReset'), 0)
  })
}

t.test('auth: a session outlives whoever answers in place of its peer', async (t) => {
  const auth = sharedSecret({ secret: SECRET })
  const [server, client] = [
    await actor(t, 'osd.1', losslessServer(), { auth }),
    await actor(t, 'client.1', losslessClient(QUICK), { auth }),
  ]
  const strangers = [
    await actor(t, 'osd.1', losslessServer(), { auth: sharedSecret({ secret: 'not the right one at all' }) }),
    await actor(t, 'osd.1', losslessServer(), { auth: none() }),
    await actor(t, 'osd.1', lossy(), { auth: none() }),
  ]
  const proxy = await startProxy(server.port)
  t.teardown(() => proxy.close())
  const connection = client.messenger.connect(`tcp://127.0.0.1:${proxy.port}`, { name: 'osd.1' })
  await connection.deliver({ type: 1 })
  for (const stranger of strangers) {
    proxy.retarget(stranger.port)
    proxy.cutAll()
    const delivered = connection.deliver({ type: 2 })
    await until('the stranger answers twice', () => stranger.eventsOf('linkRefused').length > 1)
    proxy.retarget(server.port)
    await within('the message', delivered)
    t.equal(stranger.messenger.connections.length, 0)
  }
  t.equal(client.eventsOf('resume').length, strangers.length, 'the same session')
  t.equal(client.count('onRemoteReset') + client.count('onReset') + client.count('onConnect'), 1)
})

t.test('auth: the right secrets go through, resumes included', async (t) => {
  const keys = { 'osd.*': SECRET, 'client.1': `${SECRET} of client.1` }
  const server = await actor(t, 'osd.1', losslessServer(), { auth: sharedSecret({ keys }) })
  const client = await actor(t, 'client.1', losslessClient(QUICK), {
    auth: sharedSecret({ secret: keys['client.1'], accept: ['osd.*'] }),
  })
  const proxy = await startProxy(server.port)
  t.teardown(() => proxy.close())
  const connection = client.messenger.connect(`tcp://127.0.0.1:${proxy.port}`)
  for (let round = 0; round < 5; round++) {
    await connection.deliver({ type: 1 })
    proxy.cutAll()
  }
  await connection.deliver({ type: 1 })
  t.equal(client.count('onRemoteReset') + client.count('onRefused'), 0)
  t.equal(client.eventsOf('resume').length, 5)
})

t.test('another peer than the one asked for', async (t) => {
  const acceptor = await actor(t, 'osd.1', peer())
  const dialler = await actor(t, 'osd.2', { default: peer(), mon: peer() })
  const byName = dialler.messenger.connect(acceptor.address, { name: 'osd.7' })
  t.match(await rejection('the message', byName.deliver({ type: 1 })), {
    code: 'INK_WRONG_PEER',
    message: /127\.0\.0\.1:\d+ is osd\.1, not osd\.7/,
  })
  const byType = dialler.messenger.connect(acceptor.address, { type: 'mon' })
  t.match(await rejection('the message', byType.deliver({ type: 1 })), {
    code: 'INK_WRONG_PEER',
    message: /is osd\.1, not of type mon/,
  })
  await dialler.messenger.connect(acceptor.address, { name: 'osd.1' }).deliver({ type: 1 })
})
