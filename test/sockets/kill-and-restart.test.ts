/**
 * SIGKILL and restart of either side: whoever survives is told once, and what it is told is the truth (laws L2, L7, L8).
 *
 * The receiver journals every number before its handler returns, so that the file says what was really handled.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { losslessClient, losslessServer, peer } from '../../src/index.ts'
import type { InkwireError, Policy, PolicyKind } from '../../src/index.ts'
import { actor } from '../support/actor.ts'
import { heldPort } from '../support/held-port.ts'
import { Ledger } from '../support/numbered.ts'
import { remotePeer } from '../support/remote-peer.ts'
import type { RemotePeer } from '../support/remote-peer.ts'
import { until } from '../support/until.ts'

const QUICK = { backoff: { firstMs: 10, maxMs: 100 } } as const
const STREAM = 1

/** The numbers that were handled, in order. */
function journalled(path: string): number[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => Number(line.split(' ')[1]))
}

async function receiverDies(t: Test, mine: Policy, theirs: PolicyKind): Promise<void> {
  const directory = t.testdir({ first: '', second: '' })
  const [first, second] = [join(directory, 'first'), join(directory, 'second')]
  const sender = await actor(t, 'osd.2', mine)
  const address = `tcp://127.0.0.1:${await heldPort(t)}`
  const receiver = await remotePeer(t, { name: 'osd.1', policy: theirs, bind: address, journal: first })
  const connection = sender.messenger.connect(address)
  const fates = new Map<number, 'acked' | 'unknown' | 'undelivered' | 'failed' | 'waiting'>()
  const send = (tid: number): void => {
    fates.set(tid, 'waiting')
    connection.deliver({ type: 1, version: STREAM, tid, data: new Uint8Array(0) }).then(
      () => fates.set(tid, 'acked'),
      (error: unknown) => fates.set(tid, (error as InkwireError).outcome!),
    )
  }
  for (let tid = 1; tid <= 5000; tid++) send(tid)
  await until('the receiver is in the midst of it', () => [...fates.values()].includes('acked'))
  await receiver.kill()
  // What is written to a link whose end is not known yet is unknown.
  await until('the sender has noticed', () => connection.state !== 'open')
  for (let tid = 5001; tid <= 5100; tid++) send(tid)
  await remotePeer(t, { name: 'osd.1', policy: theirs, bind: address, journal: second })
  await until('the sender is told', () => sender.count('onRemoteReset') === 1)

  const handled = new Set(journalled(first))
  const having = (fate: string): number[] => [...fates.keys()].filter((tid) => fates.get(tid) === fate)
  t.ok(
    having('acked').every((tid) => handled.has(tid)),
    'L7: what was acked was handled',
  )
  t.ok(
    having('undelivered').every((tid) => !handled.has(tid)),
    'what is undelivered was not handled',
  )
  t.equal(having('waiting').length, 0, 'every message has an outcome')
  const told = sender.told.find(({ notice }) => notice === 'onRemoteReset')!.outcome!
  const numbers = (messages: readonly { tid: number }[]): number[] => messages.map(({ tid }) => tid)
  t.strictSame(numbers(told.undelivered), having('undelivered'), 'the outcome is what deliver() says, in order')
  t.strictSame(numbers(told.unknown), having('unknown'))
  t.ok(having('undelivered').length >= 100, 'what was sent while nobody was there is undelivered')
  t.strictSame(
    [...handled],
    Array.from(handled, (_, index) => index + 1),
    'a prefix, each once',
  )
  const gap = having('acked').length + having('unknown').length + having('undelivered').length
  t.equal(gap, 5100, 'together they are everything')

  await connection.deliver({ type: 1, version: STREAM, tid: 1, data: 'again' })
  t.equal(journalled(second).length, 1, 'the new session works')
  t.equal(sender.count('onReset'), 0, 'and the connection lived on')
}

async function senderDies(t: Test, mine: Policy, theirs: PolicyKind): Promise<void> {
  const receiver = await actor(t, 'osd.2', mine)
  const ledger = new Ledger()
  receiver.messenger.use({ dispatch: (message) => ledger.take(message) })
  let reset = 0
  let late = 0
  receiver.messenger.use({ onRemoteReset: () => reset++, onReset: () => reset++ })
  receiver.messenger.messages$.subscribe(({ version }) => void (late += version === 1 && reset > 0 ? 1 : 0))
  let sender: RemotePeer | undefined
  for (let life = 1; life <= 2; life++) {
    sender = await remotePeer(t, { name: 'osd.1', policy: theirs, options: QUICK })
    await sender.connect(receiver.address)
    sender.pump({ id: life, bytesMax: 1000 }, 1_000_000)
    await until(`life ${life} is heard`, () => ledger.countOf(life) > 1000)
    if (life < 2) await sender.kill()
  }
  t.strictSame(ledger.violations, [], 'of every life a prefix, in order, nothing twice')
  t.equal(reset, 1, 'one reset for the life that ended')
  t.equal(late, 0, 'and after it nothing of that life')
  t.equal(receiver.messenger.connections.length, 1, 'one connection to one peer')
  await sender!.kill()
}

t.test('a peer that was killed and came back', (t) => receiverDies(t, peer(QUICK), 'peer'))
t.test('a server that was killed and came back', (t) => receiverDies(t, losslessClient(QUICK), 'losslessServer'))
t.test('a peer that dies while it sends', (t) => senderDies(t, peer(QUICK), 'peer'))
t.test('a client that dies while it sends', (t) => senderDies(t, losslessServer(), 'losslessClient'))

t.test('two processes with one name: the older is refused for good', async (t) => {
  const mon = await actor(t, 'mon.0', peer(QUICK))
  const older = await remotePeer(t, { name: 'osd.1', policy: 'peer', options: QUICK })
  await older.connect(mon.address)
  await until('the older is there', () => mon.count('onAccept') === 1)
  const newer = await remotePeer(t, { name: 'osd.1', policy: 'peer', options: QUICK })
  await newer.connect(mon.address)
  await until(
    'the newer is there',
    () => mon.messenger.connections[0]?.peer.instance !== undefined && newer.eventsOf('connect').length === 1,
  )
  await until('the older is told', () => older.eventsOf('refused').length === 1)
  t.match(older.eventsOf('refused')[0]?.reason, /taken over/)
  t.equal(newer.eventsOf('refused').length, 0)
  t.equal(mon.messenger.connections.length, 1)
  await mon.messenger.connections[0]!.deliver({ type: 1, version: 1, tid: 1 })
  await until('the newer has it', () => newer.countOf(1) === 1)
  t.equal(older.countOf(1), 0)
})
