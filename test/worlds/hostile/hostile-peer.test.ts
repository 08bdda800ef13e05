/** The hostile peer as a tool: from a seed, on real sockets, and to its end. What it does to others is in tricks.test.ts. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { Messenger, memory, peer, sharedSecret, tcp } from '../../../src/index.ts'
import { acquaintances, HOSTILE_TRICKS, HostilePeer } from '../../../src/testing/index.ts'
import type { HostileTrick } from '../../../src/testing/index.ts'
import { until } from '../../support/until.ts'
import { ordeal } from './stage.ts'

t.test('a rampage is drawn from its seed: the same tricks in the same order, and the same world', async (t) => {
  const [one, same, other] = [
    await ordeal('all', 'sharedSecret', 9, 1),
    await ordeal('all', 'sharedSecret', 9, 1),
    await ordeal('all', 'sharedSecret', 8, 1),
  ]
  t.equal(one.traceHash, same.traceHash)
  t.strictSame(one.hostile.played, same.hostile.played)
  t.ok(one.hostile.played.length > 3)
  t.notSame(one.hostile.played, other.hostile.played)
})

for (const [scheme, transport, address] of [
  ['tcp', tcp(), 'tcp://127.0.0.1:0'],
  ['memory', memory(), 'memory://victim'],
] as const) {
  t.test(`over ${scheme} it does the same to messengers that really run`, async (t) => {
    const secrets = { 'osd.0': 'a'.repeat(32), 'osd.1': 'b'.repeat(32), 'osd.6': 'c'.repeat(32) }
    const [victim, innocent] = (['osd.0', 'osd.1'] as const).map(
      (name) =>
        new Messenger({
          name,
          policies: { default: peer() },
          auth: sharedSecret({ keys: secrets }),
          transports: [transport],
        }),
    ) as [Messenger, Messenger]
    victim.use({ dispatch: () => undefined })
    const bound = await victim.bind(address)
    const hostile = new HostilePeer({
      name: 'osd.6',
      auth: sharedSecret({ secret: secrets['osd.6'] }),
      transport,
      targets: [bound],
      knows: () => acquaintances([innocent]),
    })
    t.teardown(async () => {
      await hostile.stop()
      await Promise.all([victim.shutdown(), innocent.shutdown()])
    })
    const accepted: (string | null)[] = []
    victim.events$.subscribe((event) => {
      if (event.type === 'accept') accepted.push(event.connection.peer.name)
    })
    const connection = innocent.connect(bound)
    await connection.deliver({ type: 1 })
    const tricks: HostileTrick[] = ['ackUnsent', 'claimLargeMessages', 'strangeFrames', 'goodbyeMidway', 'wrongPolicy']
    for (const trick of tricks) {
      await hostile.play(trick)
      await connection.deliver({ type: 1 })
    }
    t.equal(innocent.dump().connections[0]?.counters.faults, 0)
    t.ok(accepted.includes('osd.6'), 'it got in under its own name')
    await hostile.stop()
    await until('none of its links is left', () => hostile.links === 0)
  })
}

t.test('a trick that there is not, no victim, and the end', async (t) => {
  const none = new HostilePeer({ name: 'osd.6', transport: memory(), targets: [] })
  await t.rejects(none.play('toString' as HostileTrick), { code: 'INK_BAD_ARGUMENT', message: /HOSTILE_TRICKS/ })
  await t.rejects(none.play('neverRead'), { code: 'INK_BAD_ARGUMENT', message: /victim/ })
  await none.stop()
  await none.play('neverRead', 'memory://nobody')
  t.equal(none.links, 0, 'nothing is dialled any more')
  await none.rampage({ forMs: 1e9 })
  t.strictSame(none.played, ['neverRead'])
})

t.test('every trick is told of in docs/TESTING.md', (t) => {
  const page = readFileSync(new URL('../../../docs/TESTING.md', import.meta.url), 'utf8')
  for (const [trick, says] of Object.entries(HOSTILE_TRICKS)) t.match(page, `\`${trick}\``, says)
  t.end()
})
