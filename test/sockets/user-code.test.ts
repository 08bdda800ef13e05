/**
 * What users' code may do wrong, all through a messenger: its own call, or its own message, fails. Nothing else stops, and
 * nothing is uncaught: tap fails a file in which that happens.
 */
import t from 'tap'
import { losslessClient, losslessServer, lossy, none, peer } from '../../src/index.ts'
import type { AuthMethod } from '../../src/index.ts'
import { hostileValues } from '../support/hostile-values.ts'
import { actor } from '../support/actor.ts'
import { until } from '../support/until.ts'

t.test('a handler that throws what nobody can describe stops no other handler', async (t) => {
  const server = await actor(t, 'osd.0', peer())
  const values = hostileValues()
  const handled: number[] = []
  server.messenger.use({
    dispatch: ({ tid }) => {
      if (tid < values.length) throw values[tid]![1]
      handled.push(tid)
    },
  })
  const [one, two] = [await actor(t, 'osd.1', peer()), await actor(t, 'osd.2', peer())]
  const first = one.messenger.connect(server.address)
  for (let tid = 0; tid < values.length; tid++) first.send({ type: 1, tid })
  first.send({ type: 1, tid: 100 })
  two.messenger.connect(server.address).send({ type: 1, tid: 101 })
  server.messenger.loopback.send({ type: 1, tid: 102 })
  await until('all others are handled', () => handled.length === 3)
  t.strictSame(handled.sort(), [100, 101, 102])
  t.equal(server.eventsOf('dispatchError').length, values.length)
})

t.test('notices and subscribers that fail, at once or later, are reported, and all go on', async (t) => {
  const [a, b] = [await actor(t, 'osd.1', lossy()), await actor(t, 'osd.2', lossy())]
  const fails = (): unknown => Promise.reject(new Error('later'))
  b.messenger.messages$.subscribe(() => {
    throw new Error('all')
  })
  b.messenger.use({
    onAccept: (connection) => {
      connection.messages$.subscribe(fails)
      connection.state$.subscribe((state) => {
        if (state === 'closed') throw new Error('state')
      })
      return fails()
    },
    onReset: fails,
  })
  let handled = 0
  b.messenger.use({ dispatch: () => handled++ })
  const warnings: Error[] = []
  const onWarning = (warning: Error): void => void warnings.push(warning)
  process.on('warning', onWarning)
  t.teardown(() => process.off('warning', onWarning))
  b.messenger.events$.subscribe(({ type }) => {
    if (type === 'accept') throw new Error('of events')
  })
  const connection = a.messenger.connect(b.address)
  await connection.deliver({ type: 1 })
  connection.markDown()
  await until('the other end is told', () => b.count('onReset') === 1)
  await until('all is reported', () => b.eventsOf('subscriberError').length === 3)
  t.equal(handled, 1)
  const failed = b.eventsOf('subscriberError').map(({ stream, error }) => `${stream} ${error.message}`)
  t.strictSame(failed.sort(), ['messages$ all', 'messages$ later', 'state$ state'])
  await until('both notices are reported', () => b.eventsOf('dispatchError').length === 2)
  const isOut = ({ message }: Error): boolean =>
    /^osd\.2: a subscriber of events\$ failed: Error: of events/.test(message)
  await until('the warning is out', () => warnings.some(isOut))
})

t.test('a factory of an authentication method that throws is a refusal, and dialling goes on', async (t) => {
  let makes = 0
  const shaky = (role: 'dialler' | 'acceptor'): AuthMethod => ({
    ...none(),
    [role]: (self: string, randomBytes: (count: number) => Uint8Array) => {
      if (++makes === 1) throw new Error('the key file is gone')
      return none()[role](self, randomBytes)
    },
  })
  const quick = { backoff: { firstMs: 1, maxMs: 5 } }
  for (const role of ['dialler', 'acceptor'] as const) {
    makes = 0
    const auth = (end: string): { auth?: AuthMethod } => (end === role ? { auth: shaky(role) } : {})
    const server = await actor(t, 'osd.1', losslessServer(), auth('acceptor'))
    const client = await actor(t, 'client.1', losslessClient(quick), { ...auth('dialler'), bind: null })
    server.messenger.use({ dispatch: () => undefined })
    const connection = client.messenger.connect(server.address)
    t.ok(connection.send({ type: 1 }), 'neither connect() nor send() throws')
    await connection.deliver({ type: 1 })
    t.match(client.told.find(({ notice }) => notice === 'onRefused')?.error, { code: 'INK_AUTH_REFUSED' })
    const reasons = [...server.eventsOf('linkRefused'), ...client.eventsOf('fault')].map(({ reason }) => reason)
    t.ok(
      reasons.some((reason) => reason.includes('the key file is gone')),
      `${role}: ${reasons.join()}`,
    )
    t.equal(server.messenger.dump().halfOpenLinks, 0)
  }
})
