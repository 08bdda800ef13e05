/**
 * Peers that mean harm or are broken: each ends with a clear reason and a bounded cost, and others notice nothing (L6).
 */
import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { lossy, peer, tcp } from '../../src/index.ts'
import type { Link, Transport } from '../../src/index.ts'
import { encodeBanner } from '../../src/wire/native/banner.ts'
import { actor, actorBehind } from '../support/actor.ts'
import type { Actor, ActorOptions } from '../support/actor.ts'
import { Ledger, NumberedStream, pump } from '../support/numbered.ts'
import { RawLink, firstFlight } from '../support/raw-link.ts'
import { until } from '../support/until.ts'

async function victimOf(t: Test, limits: ActorOptions['limits'] = {}): Promise<Actor> {
  return actor(t, 'osd.0', peer(), { limits })
}

/** The links that were told of: above a bound many of them are one event. */
function refusedBy(victim: Actor): number {
  return victim.eventsOf('linkRefused').reduce((sum, { count }) => sum + count, 0)
}

/** A transport that counts the accepted links whose sockets are open. */
function counted(inner: Transport): { transport: Transport; held: () => number } {
  let held = 0
  const count = (link: Link): void => {
    held++
    const { handlers } = link
    link.handlers = {
      opened: () => handlers.opened(),
      data: (chunk, keepable) => handlers.data(chunk, keepable),
      writable: () => handlers.writable(),
      closed: (end) => {
        held--
        handlers.closed(end)
      },
    }
  }
  const listen: Transport['listen'] = (address, onLink, options) =>
    inner.listen(
      address,
      (link) => {
        onLink(link)
        count(link)
      },
      options,
    )
  return { transport: { ...inner, listen }, held: () => held }
}

/** Somebody decent gets what it wants. */
async function checkOthers(t: Test, victim: Actor): Promise<void> {
  const decent = await actor(t, 'osd.9', peer())
  await decent.messenger.connect(victim.address).deliver({ type: 1, data: 'hello' })
  t.equal(decent.eventsOf('fault').length, 0, 'others are unaffected')
  decent.messenger.connections[0]!.markDown()
}

t.test('who speaks something else is told apart by name', async (t) => {
  const victim = await victimOf(t)
  const foreign = await firstFlight('osd.1', peer())
  foreign[10] = 0x80
  const strangers: [string | Uint8Array, RegExp][] = [
    ['GET / HTTP/1.1\r\nHost: osd\r\n\r\n', /HTTP/],
    [Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3), /TLS/],
    ['SSH-2.0-OpenSSH_9.6\r\n', /SSH/],
    ['ceph v2\n\x10\0\0\0\0\0\0\0\0\0', /Ceph/],
    [new Uint8Array(64), /first byte|does not|0x00|Inkwire|byte/i],
    ['INKWIRE\n\x63\0\x01\0\0\0\0\0', /version 99/],
    [foreign, /no checksum kind in common/],
  ]
  for (const [index, [bytes, reason]] of strangers.entries()) {
    const link = new RawLink(victim.port).send(bytes)
    await link.ended
    await until('the victim says so', () => victim.eventsOf('linkRefused').length > index)
    const said = victim.eventsOf('linkRefused')[index]!
    t.match(said.reason, reason)
    t.match(said.address, /^tcp:\/\/127\.0\.0\.1:\d+$/)
  }
  await checkOthers(t, victim)
})

t.test('garbage behind a good beginning, and lengths that nobody may claim', async (t) => {
  const victim = await victimOf(t)
  const flight = await firstFlight('osd.1', peer())
  const banner = flight.subarray(0, 16)
  const frame = (tag: number, length: number): Uint8Array => {
    const header = new Uint8Array(12)
    header[0] = tag
    new DataView(header.buffer).setUint32(4, length, true)
    return header
  }
  const after = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))
  const attempts = {
    noise: after(banner, randomBytes(500)),
    'a HELLO of 4 GiB': after(banner, frame(1, 0xffffffff)),
    'a HELLO of 64 KiB': after(banner, frame(1, 65_536)),
    'MESSAGES of 4 GiB before a session': after(banner, frame(32, 0xffffffff)),
    'an unknown tag': after(banner, frame(77, 4)),
    'everything twice': after(flight, flight),
    'the banner twice': after(banner, banner),
    'MESSAGES before CONFIRM': after(await firstFlight('osd.2', peer()), frame(32, 0xffffffff)),
  }
  for (const [what, bytes] of Object.entries(attempts)) {
    const before = victim.events.length
    const link = new RawLink(victim.port).send(bytes)
    await link.ended
    await until(`the victim gives a reason for ${what}`, () => victim.events.length > before)
  }
  for (const event of victim.events) t.match(event, { type: /linkRefused|fault|reset|closed/, reason: /\w+/ })
  const reset = victim.count('onAccept') + victim.count('onReset')
  t.equal(reset, 0, 'nobody was taken for a peer')
  await until('nothing is left of them', () => victim.messenger.dump().halfOpenLinks === 0)
  await checkOthers(t, victim)
})

t.test('a first flight that is cut short, or has one wrong bit: anywhere', async (t) => {
  const victim = await victimOf(t, { handshakeTimeoutMs: 2000, tentativeMs: 100 })
  const flight = await firstFlight('osd.1', peer())
  const links: RawLink[] = []
  for (let length = 0; length < flight.length; length++) {
    links.push(new RawLink(victim.port).send(flight.subarray(0, length)).end())
    const bent = flight.slice()
    bent[length]! ^= 0x10
    links.push(new RawLink(victim.port).send(bent).end())
  }
  await Promise.all(links.map(({ ended }) => ended))
  await until('all are refused', () => victim.messenger.dump().halfOpenLinks === 0)
  await until('each is told', () => refusedBy(victim) >= flight.length)
  t.ok(victim.eventsOf('linkRefused').every(({ reason }) => reason.length > 10))
  t.equal(victim.count('onAccept'), 0)
  await until('no promise is left', () => victim.messenger.dump().connections.length === 0)
  await checkOthers(t, victim)
})

t.test('silent strangers, and one that dribbles for ever, get only so much time', async (t) => {
  const victim = await victimOf(t, { handshakeTimeoutMs: 150, tentativeMs: 100 })
  const flight = await firstFlight('osd.1', peer())
  const silent = [new RawLink(victim.port), new RawLink(victim.port).send(flight.subarray(0, 30))]
  const dribbler = new RawLink(victim.port)
  let at = 0
  // Never the last byte: however late it is told to stop, its flight is not complete.
  const tap = setInterval(() => {
    if (at < flight.length - 1) dribbler.send(flight.subarray(at, ++at))
  }, 10)
  await Promise.all([...silent, dribbler].map(({ ended }) => ended))
  clearInterval(tap)
  await until('all three are told of', () => victim.eventsOf('linkRefused').length === 3)
  for (const { reason } of victim.eventsOf('linkRefused')) t.match(reason, /within the handshake deadline/)
  await checkOthers(t, victim)
})

t.test('one that is promised a session and never confirms gets only so much time, too', async (t) => {
  const victim = await victimOf(t, { handshakeTimeoutMs: 1000, tentativeMs: 100 })
  const promised = new RawLink(victim.port).send(await firstFlight('osd.1', peer()))
  await promised.ended
  t.not(promised.text, '')
  await until('it is forgotten', () => victim.messenger.dump().connections.length === 0)
  t.equal(victim.messenger.connections.length, 0)
  await checkOthers(t, victim)
})

t.test(
  'strangers that do not let go are broken off: the victim holds no more sockets than the limit says',
  async (t) => {
    const { transport, held } = counted(tcp({ closeTimeoutMs: 3_600_000 }))
    const limits = { halfOpenLinksMax: 20, handshakeTimeoutMs: 60_000 }
    const victim = await actor(t, 'osd.0', peer(), { limits, transports: [transport] })
    // Half of them say something that has an answer, and none closes its side when it is told to go.
    const wrong = encodeBanner(1)
    wrong[8] = 99
    const links = Array.from({ length: 200 }, (_, index) => RawLink.stubborn(victim.port, index % 2 ? wrong : 'INK'))
    await until('most are refused', () => refusedBy(victim) >= 180)
    await until('and their sockets are closed', () => held() <= 20)
    t.ok(victim.messenger.dump().halfOpenLinks <= 20)
    await checkOthers(t, victim)
    for (const link of links) link.destroy()
  },
)

t.test('a flood of half-open connects: bounded, and the newest gets in', async (t) => {
  const victim = await victimOf(t, { halfOpenLinksMax: 50 })
  const links = Array.from({ length: 1000 }, () => new RawLink(victim.port).send('INK'))
  await until('the flood is in', () => refusedBy(victim) >= 900)
  t.ok(victim.messenger.dump().halfOpenLinks <= 50)
  t.match(victim.eventsOf('linkRefused')[0]?.reason, /too many links without a session/)
  await checkOthers(t, victim)
  for (const link of links) link.destroy()
  await until('all are gone', () => victim.messenger.dump().halfOpenLinks === 0)
})

t.test('one wrong bit in an open session is seen, and costs a reconnect and nothing else', async (t) => {
  const quick = { backoff: { firstMs: 5, maxMs: 20 }, probeMs: 50 } as const
  const [a, b] = [await actor(t, 'osd.1', peer(quick)), await actorBehind(t, 'osd.2', peer(quick))]
  const ledger = new Ledger()
  b.messenger.use({ dispatch: (message) => ledger.take(message) })
  const connection = a.messenger.connect(b.address)
  const stream = new NumberedStream({ id: 1, bytesMax: 2000 })
  for (let round = 1; round <= 40; round++) {
    b.proxy.flipAfter(37 * round)
    await pump(connection, stream, 20)
    await until(`round ${round}`, () => ledger.count === round * 20)
  }
  t.strictSame(ledger.violations, [])
  const faults = [...a.eventsOf('fault'), ...b.eventsOf('fault')].map(({ reason }) => reason)
  t.match(faults.join(), /checksum/)
  t.equal(a.count('onRemoteReset') + b.count('onRemoteReset') + a.count('onReset') + b.count('onReset'), 0)
})

t.test('a peer that never reads costs what its queue may hold, and others go on', async (t) => {
  const options = { replay: { messages: 1000, bytes: 4 << 20 }, keepalive: false } as const
  const [a, deaf] = [await actor(t, 'osd.1', peer(options)), await actorBehind(t, 'osd.2', peer(options))]
  const connection = a.messenger.connect(deaf.address)
  await connection.deliver({ type: 1 })
  deaf.proxy.blackhole()
  const data = new Uint8Array(64 << 10)
  let accepted = 0
  let busy = 0
  const flood = (): void => {
    for (;;) {
      if (!connection.send({ type: 1, data })) busy++
      accepted++
    }
  }
  t.throws(flood, { code: 'INK_QUEUE_FULL', message: /wait for drained\(\) when send\(\) answers false/ })
  t.ok(accepted <= 64 && busy > 0, `${accepted} were accepted, ${busy} times with a warning`)
  t.ok(connection.dump().queuedBytes <= 4 << 20)
  await checkOthers(t, a)
  deaf.proxy.heal()
  await connection.drained()
  await connection.deliver({ type: 1 })
})

t.test('a peer whose handlers never finish: its window bounds it, and the sender is told to wait', async (t) => {
  const small = { window: { messages: 100 }, replay: { messages: 400 }, highWater: 0.5 } as const
  const [a, stuck] = [await actor(t, 'osd.1', lossy(small)), await actor(t, 'osd.2', lossy(small))]
  const releases: (() => void)[] = []
  stuck.messenger.use({ dispatch: () => new Promise<void>((resolve) => releases.push(resolve)) })
  const connection = a.messenger.connect(stuck.address)
  while (connection.send({ type: 1, data: 'x' }));
  await until('the window is full', () => releases.length === 100)
  const [held] = stuck.messenger.dump().connections
  t.equal(held?.heldMessages, 100)
  t.equal(connection.dump().queuedMessages, 200, 'the rest waits at the sender')
  await checkOthers(t, await victimOf(t))
  const drained = connection.drained()
  while (releases.length < 200) {
    for (const release of releases) release()
    await until('more come', () => releases.length > 100)
  }
  for (const release of releases) release()
  await drained
})
