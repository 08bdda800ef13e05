/**
 * Ceph's own messenger where it is less strict than Inkwire, or does not ask: policies that do not fit, sessions that are
 * begun anew on one side only, addresses that are not the whole one.
 */
import t, { type Test } from 'tap'
import { msgr2 } from '../../../src/ceph/index.ts'
import { losslessServer, lossy, Messenger, peer, type Policy } from '../../../src/index.ts'
import { heldPort } from '../../support/held-port.ts'
import { missingMessenger, startCephMessenger } from '../../support/ceph/ceph-messenger.ts'
import { orSkip } from '../../support/or-skip.ts'
import { until } from '../../support/until.ts'
import { FAST, HURRY, LIVELY, MATRIX, openSession, startEnds, startLab, upTo } from './ends.ts'

const test = orSkip(t, missingMessenger)

for (const ours of [peer(FAST), losslessServer(LIVELY)]) {
  test(`a lossy client of Ceph's at ${ours.kind} is refused, and comes back lossless`, async (t) => {
    const at = await startEnds(t, { lab: await startLab(t, MATRIX[0]), theirs: 'lossy_client', ours })
    const refused: string[] = []
    at.messenger.events$.subscribe((event) => {
      if (event.type === 'linkRefused') refused.push(event.reason)
    })
    await at.ceph.connect('osd', at.messenger.addresses[0] ?? '')
    // The flag of the refusal is Ceph's policy from then on. What it had sent is lost, and it is told so.
    await until('it is told', () => at.ceph.events.includes('remote-reset 0'))
    t.equal(refused[0], `osd.1: the peer asks for a lossy session, and here is ${ours.kind}`)
    at.ceph.say('send', 0, 1, 3, 10)
    await until('messages', () => at.got.length === 3)
    at.toInkwire.cutAll()
    at.ceph.say('send', 0, 4, 3, 10)
    await until('more, over another link', () => at.got.length === 6)
    t.strictSame(at.got, upTo(6))
  })
}

test('a lossless_peer goes on counting when Inkwire marks down and dials again', async (t) => {
  const at = await startEnds(t, { lab: await startLab(t, MATRIX[0]), theirs: 'lossless_peer', ours: peer(FAST) })
  const first = await openSession(at, 'inkwire')
  at.ceph.say('send', 0, 1, 3, 10)
  await until('messages', () => at.got.length === 3)
  // Our ack goes before this message, and Ceph's comes after it.
  await first.deliver({ type: 2, tid: 1 })
  first.markDown()
  const second = at.messenger.connect(at.atCeph, { type: 'osd' })
  await second.deliver({ type: 2, tid: 2 })
  at.ceph.say('send', 0, 4, 3, 10)
  await until('more', () => at.got.length === 6)
  at.toCeph.cutAll()
  at.ceph.say('send', 0, 7, 3, 10)
  await second.deliver({ type: 2, tid: 3 })
  await until('the rest', () => at.got.length === 9 && at.ceph.got.length === 3)
  t.strictSame([at.got, at.ceph.tids], [upTo(9), upTo(3)])
  t.strictSame(at.resets, [], 'nothing was lost')
})

for (const word of ['down-all', 'disposable']) {
  test(`${word} of Ceph: the session is reset here, and the next one works`, async (t) => {
    const at = await startEnds(t, {
      lab: await startLab(t, MATRIX[0]),
      theirs: 'lossless_peer_reuse',
      ours: peer(FAST),
    })
    const connection = await openSession(at, 'inkwire')
    await connection.deliver({ type: 2, tid: 1 })
    at.ceph.say(word, 0)
    if (word === 'disposable') {
      // It goes with its link, when Ceph has heard of it.
      at.ceph.say('send', 0, 50, 1, 1)
      await until('what follows it', () => at.got.includes(50))
      at.toCeph.cutAll()
    }
    connection.send({ type: 2, tid: 2 })
    await until('a reset', () => at.resets.length > 0)
    await connection.deliver({ type: 2, tid: 3 })
    await until('it has come', () => at.ceph.tids.includes(3))
    t.equal(new Set(at.ceph.tids).size, at.ceph.tids.length, 'nothing came twice')
  })
}

/** Ceph dials, and is answered. */
async function dialled(
  t: Test,
  bind: string,
  dial: (port: string, nonce: string) => string,
  ours: Policy = lossy(LIVELY),
) {
  const server = new Messenger({ name: 'osd.2', policies: { default: ours }, wire: msgr2() })
  t.teardown(() => server.shutdown())
  server.use({ dispatch: ({ tid }, connection) => void connection.send({ type: 2, tid }) })
  const [, port = '', nonce = ''] = /:(\d+)\/(\d+)$/.exec(await server.bind(bind)) ?? []
  const ceph = await startCephMessenger(t, { name: 'client.1', policy: 'lossy_client', settings: HURRY })
  await ceph.connect('osd', dial(port, nonce))
  ceph.say('send', 0, 1, 3, 10)
  await until('answers', () => ceph.got.length === 3)
  t.strictSame(ceph.tids, upTo(3), `${bind} at ${dial(port, nonce)}`)
}

test('an Inkwire is dialled by its whole address, without its nonce, and behind a wildcard', async (t) => {
  await dialled(t, 'v2:127.0.0.1:0/0', (port) => `v2:127.0.0.1:${port}/0`)
  await dialled(t, 'v2:0.0.0.0:0/0', (port) => `v2:127.0.0.1:${port}/0`)
  await dialled(t, 'v2:0.0.0.0:0/0', (port, nonce) => `v2:127.0.0.1:${port}/${nonce}`)
})

test("a daemon with an address of Ceph's older protocol beside its own, whoever dials", async (t) => {
  const [port, older] = [await heldPort(t), await heldPort(t)]
  const address = `[v2:127.0.0.1:${port}/77,v1:127.0.0.1:${older}/77]`
  for (const dials of ['inkwire', 'ceph'] as const) {
    const ceph = await startCephMessenger(t, { name: 'osd.1', policy: 'lossless_peer', address, settings: HURRY })
    const messenger = new Messenger({ name: 'osd.2', policies: { default: peer(FAST) }, wire: msgr2() })
    t.teardown(() => messenger.shutdown())
    const got: number[] = []
    messenger.use({ dispatch: ({ tid }) => void got.push(tid) })
    const bound = await messenger.bind('v2:127.0.0.1:0/0')
    if (dials === 'ceph') await ceph.connect('osd', bound)
    else messenger.connect(address, { type: 'osd' })
    await until('a session', () => ceph.events.some((event) => /^(accepted|connected) 0$/.test(event)))
    ceph.say('send', 0, 1, 3, 10)
    const connection = messenger.connect(address, { type: 'osd' })
    await connection.deliver({ type: 2, tid: 1 })
    await until('messages', () => got.length === 3 && ceph.got.length === 1)
    t.strictSame([got, ceph.tids], [upTo(3), [1]], `${dials} dials`)
    t.equal(messenger.connections.length, 1, 'one session, by either address')
    t.equal(messenger.connect(`v2:127.0.0.1:${port}/77`, { type: 'osd' }), connection)
    await ceph.end()
  }
})
