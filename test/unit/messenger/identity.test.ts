/** Only a proved name is identity: whoever proves another one reaches nobody's session, whatever it says about itself. */
import t from 'tap'
import type { Test } from 'tap'
import { sharedSecret } from '../../../src/auth/shared-secret.ts'
import { losslessClient } from '../../../src/policies/lossless-client.ts'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import { peer } from '../../../src/policies/peer.ts'
import { parseAddress } from '../../../src/transports/address.ts'
import { Impostor } from '../../support/impostor.ts'
import type { Pretence } from '../../support/impostor.ts'
import { Lab } from './lab.ts'
import type { Subject } from './lab.ts'

const KEYS: Record<string, string> = { 'osd.0': 'a'.repeat(32), 'osd.1': 'b'.repeat(32), 'osd.2': 'c'.repeat(32) }
const QUICK = { backoff: { firstMs: 10, maxMs: 100 } }
const POLICIES = { default: peer(QUICK) }

/** A messenger that knows the key of each name. */
function knower(lab: Lab, name: string): Subject {
  return lab.subject(name, { policies: POLICIES, auth: sharedSecret({ keys: KEYS }) })
}

/** osd.2, who has its own key only, dials and says what it likes. */
async function attack(lab: Lab, address: string, { self, offer }: Partial<Pretence>): Promise<Impostor> {
  const auth = sharedSecret({ secret: KEYS['osd.2'] as string })
  const impostor = new Impostor(lab.hub.dial(parseAddress(address)), {
    self: { name: 'osd.2', ...self },
    auth,
    ...(offer && { offer }),
  })
  await lab.clock.advance(200)
  return impostor
}

let epoch = 1000

/** A ballot above all before. */
function higher(): Pretence['offer'] & object {
  return { ballot: { epoch: ++epoch, dialler: '00' } }
}

/** osd.0 listens and has a session with osd.1 that was dialled or accepted; message 1 waits for osd.1. */
async function victim(t: Test, made: 'dialled' | 'dialled by name' | 'accepted' | 'accepted and open') {
  const lab = new Lab()
  const osd0 = knower(lab, 'osd.0')
  const osd1 = knower(lab, 'osd.1')
  await osd0.messenger.bind('memory://osd.0')
  await osd1.messenger.bind('memory://osd.1')
  if (made.startsWith('dialled')) osd0.messenger.connect('memory://osd.1', made === 'dialled' ? {} : { name: 'osd.1' })
  else osd1.messenger.connect('memory://osd.0')
  await lab.clock.advance(100)
  const [connection] = osd0.messenger.connections
  if (connection === undefined) throw new Error('there is no connection')
  t.match(connection, { state: 'open', peer: { name: 'osd.1' } })
  const { instance } = osd1.messenger
  if (made !== 'accepted and open') {
    redirect(lab, 'osd.1', 'nobody')
    lab.cut()
    connection.send({ type: 1, tid: 1 })
  }
  return { lab, osd0, osd1, connection, instance }
}

/** From now on somebody else sits at this address; the function that is returned ends that. */
function redirect(lab: Lab, place: string, other: string): () => void {
  const dial = lab.hub.dial.bind(lab.hub)
  lab.hub.dial = (address) => dial(address.host === place ? { ...address, host: other } : address)
  return () => {
    lab.hub.dial = dial
  }
}

for (const made of ['dialled', 'dialled by name', 'accepted', 'accepted and open'] as const) {
  t.test(`a session that was ${made} is not reached by its peer's instance or address`, async (t) => {
    const { lab, osd0, connection, instance } = await victim(t, made)
    const before = connection.dump()
    for (const self of [{ instance }, { addresses: ['memory://osd.1'] }, { instance, addresses: ['memory://osd.1'] }]) {
      const impostor = await attack(lab, 'memory://osd.0', { self: { name: 'osd.2', ...self }, offer: higher() })
      t.strictSame(impostor.got, [], 'it reads nothing')
      impostor.end()
    }
    t.match(connection.peer, { name: 'osd.1', instance }, 'the peer is who it was')
    t.match(connection.dump(), { session: before.session, policy: 'peer' }, 'and so is the session')
    t.notOk(osd0.told.some((what) => what === 'onRemoteReset osd.1' || what === 'onReset osd.1'))
  })
}

t.test('a dial that waits for a name is not reached by another name from its address', async (t) => {
  for (const options of [{ name: 'osd.1' }, { name: 'osd.1', type: 'osd' }, { type: 'mds' }]) {
    const lab = new Lab()
    const osd0 = knower(lab, 'osd.0')
    await osd0.messenger.bind('memory://osd.0')
    const connection = osd0.messenger.connect('memory://osd.1', options)
    connection.send({ type: 1, tid: 1 })
    const impostor = await attack(lab, 'memory://osd.0', { self: { name: 'osd.2', addresses: ['memory://osd.1'] } })
    t.strictSame([impostor.answered, impostor.got], ['opened', []], 'it has a session of its own')
    t.equal(connection.peer.name, options.name ?? null)
    t.match(connection.dump(), { epoch: connection.dump().failures, session: null }, 'no ballot was believed')
    const two = osd0.messenger.connections.filter((each) => each.peer.name === 'osd.2')
    t.equal(two.length, 1)
  }
})

t.test('the right name reaches it, wherever it comes from', async (t) => {
  const lab = new Lab()
  const osd0 = knower(lab, 'osd.0')
  await osd0.messenger.bind('memory://osd.0')
  const connection = osd0.messenger.connect('memory://osd.1', { name: 'osd.1' })
  connection.send({ type: 1, tid: 1 })
  await lab.clock.advance(100)
  const osd1 = knower(lab, 'osd.1')
  await osd1.messenger.bind('memory://elsewhere')
  osd1.messenger.connect('memory://osd.0')
  await lab.clock.advance(1000)
  t.strictSame(osd1.got, [1])
  t.equal(osd0.messenger.connections.length, 1)
})

t.test(
  'an address that somebody says is its own is still dialled, and never answered by a connection of that peer',
  async (t) => {
    for (const options of [{}, { type: 'osd' }, { name: 'osd.1' }]) {
      const lab = new Lab()
      const osd0 = knower(lab, 'osd.0')
      const osd1 = knower(lab, 'osd.1')
      await osd0.messenger.bind('memory://osd.0')
      await osd1.messenger.bind('memory://osd.1')
      const impostor = await attack(lab, 'memory://osd.0', { self: { name: 'osd.2', addresses: ['memory://osd.1'] } })
      t.equal(osd0.messenger.connections.length, 1)
      const connection = osd0.messenger.connect('memory://osd.1', options)
      connection.send({ type: 1, tid: 1 })
      await lab.clock.advance(1000)
      t.match(connection, { state: 'open', peer: { name: 'osd.1' } })
      t.strictSame([osd1.got, impostor.got], [[1], []])
    }
  },
)

t.test('redials are for who was found first: whoever sits there now gets nothing, and ends nothing', async (t) => {
  const lab = new Lab()
  const policies = { default: losslessClient(QUICK) }
  const client = lab.subject('client.1', { policies })
  const servers = { policies: { default: losslessServer() } }
  const osd1 = lab.subject('osd.1', servers)
  await osd1.messenger.bind('memory://there')
  const connection = client.messenger.connect('memory://there')
  connection.send({ type: 1, tid: 1 })
  await lab.clock.advance(100)
  const osd9 = lab.subject('osd.9', servers)
  const alike = lab.subject('osd.9', { policies: { default: peer() } })
  for (const [index, other] of [osd9, alike].entries()) {
    await other.messenger.bind(`memory://other${index}`)
    const restore = redirect(lab, 'there', `other${index}`)
    lab.cut()
    connection.send({ type: 1, tid: 2 + index })
    await lab.clock.advance(500)
    t.strictSame(other.got, [], 'it is told nothing')
    t.not(connection.state, 'closed')
    t.match(connection.dump().lastFault, /memory:\/\/there is osd\.9, not osd\.1/)
    restore()
    await lab.clock.advance(1000)
  }
  t.strictSame(osd1.got, [1, 2, 3])
  t.equal(client.told.filter((what) => what === 'onRemoteReset osd.1').length, 0, 'the same session')
  t.match(client.errors[0], { code: 'INK_WRONG_PEER', message: /dialling goes on/ })
})

t.test('an instance belongs to its name: who wears one of another name buries nothing but its own', async (t) => {
  const lab = new Lab()
  const osd0 = knower(lab, 'osd.0')
  await osd0.messenger.bind('memory://osd.0')
  const osd1 = knower(lab, 'osd.1')
  await osd1.messenger.bind('memory://osd.1')
  const worn = { name: 'osd.2', instance: osd1.messenger.instance }
  const impostor = await attack(lab, 'memory://osd.0', { self: worn })
  t.equal(impostor.answered, 'opened')
  const second = await attack(lab, 'memory://osd.0', { self: { name: 'osd.2' }, offer: higher() })
  t.equal(second.answered, 'opened', 'it replaces itself')
  const third = await attack(lab, 'memory://osd.0', { self: worn, offer: higher() })
  t.equal(third.answered, 'rejected INK_TAKEN_OVER', 'its own older instance is refused')
  const connection = osd1.messenger.connect('memory://osd.0')
  await lab.clock.advance(1000)
  t.equal(connection.state, 'open', 'osd.1 is not')
  t.strictSame(osd1.errors, [])
})
