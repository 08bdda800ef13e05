/** What a received message is given, and what comes back of it: by whom it is for, and by what becomes of its session. */
import t from 'tap'
import { Intake } from '../../../src/messenger/intake.ts'
import type { Chunk } from '../../../src/messenger/chunk.ts'
import type { Inbox } from '../../../src/messenger/inbox.ts'
import type { Shared } from '../../../src/messenger/shared.ts'
import type { Path } from '../../../src/session/path/path.ts'
import type { Session } from '../../../src/session/session.ts'
import { InboundMessage } from '../../../src/wire/message.ts'

interface World {
  readonly bodies?: 'lend' | 'own'
  /** What `fastDispatch` does; left out: there is none. */
  readonly fast?: () => boolean
}

function setUp({ bodies = 'own', fast }: World = {}) {
  const told: string[] = []
  const note =
    (what: string) =>
    (...more: unknown[]): void =>
      void told.push([what, ...more.filter((one) => typeof one === 'string')].join(' '))
  const path = { liveness: { heardMs: 5 }, complete: note('complete') } as unknown as Path
  const owner = { path: path as Path | null, finished: note('finished') }
  const shared = {
    dispatchers: { hasFast: fast !== undefined, fast: () => fast?.() ?? false, expired: note('expired') },
    queue: { add: note('queue') },
    services: { isControl: () => false },
    bodies: { give: note('give back') },
  } as unknown as Shared
  const inbound = { discard: note('discard') }
  const finish = (): boolean => {
    note('session.finish')()
    return false
  }
  const session = { config: { policy: { bodies } }, inbound, path, finish } as unknown as Session
  const inbox = { owner: { connection: {} } } as unknown as Inbox
  const intake = new Intake(shared, session, inbox, owner)
  const chunk = {
    give: (_: InboundMessage, standing: string) => note('give')(standing),
    lend: (_: InboundMessage, standing: string) => note('lend')(standing),
    show: (_: InboundMessage, standing: string) => {
      note('show')(standing)
      return false
    },
    hide: note('hide'),
  } as unknown as Chunk
  return { intake, told, path, chunk, owner }
}

/** With so much of a layer's in front of ten bytes. */
function message(extensionBytes = 0): InboundMessage {
  const memory = new ArrayBuffer(extensionBytes + 10)
  return new InboundMessage(1, 0, 127, 0, 1, 1, 0, 0, memory, 0, 0, 0, 10, extensionBytes)
}

t.test('a body is given or lent as its policy says, and a layer’s is given in any case', (t) => {
  const cases: [World, extensionBytes: number, how: string][] = [
    [{}, 0, 'give borrowed'],
    [{ bodies: 'lend' }, 0, 'lend borrowed'],
    [{ bodies: 'lend' }, 4, 'give borrowed'],
  ]
  for (const [world, extensionBytes, how] of cases) {
    const { intake, told, path, chunk } = setUp(world)
    intake.take(message(extensionBytes), 'borrowed', path, chunk)
    t.strictSame(told, ['complete', how, 'queue'])
  }
  t.end()
})

t.test('what was taken inline is finished, and its own memory is used again once', (t) => {
  for (const [bodies, back] of [
    ['own', 1],
    ['lend', 1],
  ] as const) {
    const { intake, told, path, chunk } = setUp({ bodies, fast: () => true })
    intake.take(message(), 'own', path, chunk)
    t.equal(told.filter((one) => one === 'give back').length, back, bodies)
    t.ok(told.includes('session.finish') && !told.includes('queue'))
  }
  const { intake, told, path, chunk } = setUp({ fast: () => true })
  intake.take(message(), 'shared', path, chunk)
  t.notOk(told.includes('give back'), 'not what it shares with others')
  t.end()
})

t.test('whoever is offered a message inline and ends the connection leaves nothing to dispatch', (t) => {
  const world = setUp({
    fast: () => {
      world.owner.path = null
      return false
    },
  })
  const { intake, told, path, chunk } = world
  const one = message()
  intake.take(one, 'borrowed', path, chunk)
  t.strictSame(told, ['complete', 'show borrowed', 'hide', 'discard'])
  one.ack()
  t.equal(told.length, 4, 'nobody is done with it')
  t.end()
})

t.test('what is lent comes back when its handler is done, or when its session is over, and once', (t) => {
  for (const end of ['ack', 'drop'] as const) {
    const { intake, told, path, chunk } = setUp({ bodies: 'lend' })
    const one = message()
    intake.take(one, 'borrowed', path, chunk)
    let back = 0
    one.loan = { done: () => back++ }
    if (end === 'drop') intake.drop(one)
    else one.ack()
    one.ack()
    t.strictSame([back, one.loan, told.includes('discard')], [1, null, end === 'drop'])
    t.equal(told.includes('session.finish'), end === 'ack')
  }
  t.end()
})
