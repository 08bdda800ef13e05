/** When what is asked again, on a virtual clock, against the service of a real authority. */
import t from 'tap'
import { MESSAGE_AUTH, MESSAGE_AUTH_REPLY, readAuth, writeAuthReply } from '../../../../src/ceph/cephx/auth-messages.ts'
import { REQUEST } from '../../../../src/ceph/cephx/authority.ts'
import type { CephxAuth } from '../../../../src/ceph/cephx/cephx-auth.ts'
import { VirtualClock } from '../../../../src/testing/index.ts'
import type { ServedSession, ServiceWorld } from '../../../../src/wire/service.ts'
import { InkwireError } from '../../../../src/index.ts'
import { InboundMessage } from '../../../../src/wire/message.ts'
import { Reader } from '../../../../src/ceph/msgr2/codec.ts'
import { auth, keysOf, randomBytes, served, shake, type Ends, type Said } from './handshakes.ts'

const SECOND = 1000

function inbound({ type, front }: Said): InboundMessage {
  return new InboundMessage(type, 1, 127, 0, 1, 0, 0, 0, front.buffer, front.byteOffset, front.length, 0, 0)
}

/** What a session's messages ask for. */
function asked(front: Uint8Array): number {
  return new Reader(readAuth(front).payload).u16()
}

/** A client and a monitor whose session carries messages at once; `lose` drops what the monitor answers. */
function room(name: string, ticketMs: { authTicketMs: number; serviceTicketMs: number }) {
  const clock = new VirtualClock()
  const failures: string[] = []
  const worldOf = (self: string): ServiceWorld => ({
    name: self,
    nowMs: () => clock.nowMs(),
    wallMs: () => clock.wallMs(),
    setTimer: (callback, ms) => clock.setTimer(callback, ms),
    clearTimer: (timer) => {
      clock.clearTimer(timer)
    },
    randomBytes,
    failed: (_session, reason) => failures.push(`${self}: ${reason}`),
  })
  const [client, monitor] = [auth({ keys: keysOf(name) }), auth(ticketMs)]
  const [renewal, authService] = [client.service(worldOf(name)), monitor.service(worldOf('mon.0'))]
  const questions: { atMs: number; type: number }[] = []
  const network = { lose: false, answer: (front: Uint8Array): Uint8Array => front }
  const connect = (): { readonly end: () => void; readonly session: ServedSession } => {
    const ends = shake([name, client], ['mon.0', monitor]) as Ends
    const session = served(({ front }) => {
      questions.push({ atMs: clock.nowMs(), type: asked(front) })
      clock.defer(() => void authService.message(back, inbound({ type: MESSAGE_AUTH, version: 1, front })))
    })
    const back = served((message) => {
      const front = network.answer(message.front)
      if (!network.lose) renewal.message(session, inbound({ ...message, front }))
    })
    authService.adopted(back, { note: ends.server.note })
    renewal.adopted(session, { note: ends.client.half.note })
    const end = (): void => {
      authService.ended(back)
      renewal.ended(session)
    }
    return { session, end }
  }
  return { clock, client, monitor, renewal, authService, questions, failures, network, connect }
}

function takes(service: CephxAuth, name: string, client: CephxAuth): boolean {
  return 'client' in shake(['client.admin', client], [name, service])
}

t.test('tickets are renewed when a quarter of their life is left, each kind in its time', async (t) => {
  const { clock, connect, questions, failures } = room('client.admin', {
    authTicketMs: 100 * SECOND,
    serviceTicketMs: 20 * SECOND,
  })
  connect()
  await clock.advance(40 * SECOND)
  t.strictSame(questions, [
    { atMs: 15 * SECOND, type: REQUEST.PRINCIPAL_SESSION_KEY },
    { atMs: 30 * SECOND, type: REQUEST.PRINCIPAL_SESSION_KEY },
  ])
  await clock.advance(40 * SECOND)
  t.ok(
    questions.some(({ atMs, type }) => atMs === 75 * SECOND && type === REQUEST.AUTH_SESSION_KEY),
    'the login too',
  )
  await clock.advance(1000 * SECOND)
  t.strictSame(failures, [])
  const [gaps] = [questions.map(({ atMs }, index) => atMs - (questions[index - 1]?.atMs ?? 0))]
  t.ok(Math.max(...gaps) <= 15 * SECOND && Math.min(...gaps) >= 1 * SECOND, 'neither late nor often')
})

t.test(
  'a service gets the secrets of its type, and the next ones in time: no ticket is ever unknown to it',
  async (t) => {
    const ticketMs = { authTicketMs: 100 * SECOND, serviceTicketMs: 20 * SECOND }
    const { clock, client: osd, monitor, connect, questions } = room('osd.1', ticketMs)
    connect()
    const user = auth({ keys: keysOf('client.admin') })
    const world = { name: 'client.admin', nowMs: () => clock.nowMs(), wallMs: () => clock.wallMs(), randomBytes }
    user.service({ ...world, setTimer: () => null, clearTimer: () => undefined, failed: () => undefined })
    for (let second = 1; second <= 300; second++) {
      await clock.advance(SECOND)
      // A ticket of this moment, and for most of the time one that is as old as tickets get.
      if (second % 19 === 1) shake(['client.admin', user], ['mon.0', monitor])
      if (!takes(osd, 'osd.1', user)) t.fail(`at ${second} s`)
    }
    t.ok(questions.filter(({ type }) => type === REQUEST.ROTATING_KEY).length >= 14)
  },
)

t.test('an answer that does not come is asked for again, and less and less often', async (t) => {
  const { clock, connect, questions, network } = room('client.admin', {
    authTicketMs: 1000 * SECOND,
    serviceTicketMs: 100 * SECOND,
  })
  network.lose = true
  connect()
  await clock.advance(400 * SECOND)
  const times = questions.map(({ atMs }) => atMs / SECOND)
  t.strictSame(times.slice(0, 5), [75, 80, 85, 90, 98])
  t.ok(times.length < 14, `${times.length} questions`)
  network.lose = false
  await clock.advance(200 * SECOND)
  t.ok(questions.at(-1)!.atMs > 500 * SECOND, 'and in order again')
})

t.test('a refusal is told, and tried again; without a session nothing is asked', async (t) => {
  const { clock, connect, questions, failures, network } = room('client.admin', {
    authTicketMs: 1000 * SECOND,
    serviceTicketMs: 100 * SECOND,
  })
  const { end } = connect()
  network.answer = () => writeAuthReply({ result: -13, globalId: 1n, payload: new Uint8Array(0), text: 'no' })
  await clock.advance(76 * SECOND)
  t.match(failures, [
    'client.admin: what the monitor gave is not renewed: the monitor refuses client.admin: error -13, no',
  ])
  network.answer = () => new Uint8Array(3)
  await clock.advance(3 * SECOND)
  t.match(failures.at(-1), /too early/)
  const count = questions.length
  end()
  await clock.advance(1000 * SECOND)
  t.equal(questions.length, count)
})

t.test('a ticket that a daemon refused is asked for at once', async (t) => {
  const { clock, client, connect, questions } = room('client.admin', {
    authTicketMs: 1000 * SECOND,
    serviceTicketMs: 100 * SECOND,
  })
  connect()
  await clock.advance(SECOND)
  const half = client.client('client.admin', randomBytes)
  half.request(4, true)
  half.refused()
  await clock.advance(SECOND)
  t.strictSame(questions, [{ atMs: SECOND, type: REQUEST.PRINCIPAL_SESSION_KEY }])
})

t.test('the last session that began is used; another takes over when it ends', async (t) => {
  const { clock, connect, questions, renewal, failures } = room('client.admin', {
    authTicketMs: 1000 * SECOND,
    serviceTicketMs: 100 * SECOND,
  })
  connect()
  const second = connect()
  await clock.advance(80 * SECOND)
  t.equal(questions.length, 1)
  second.end()
  await clock.advance(80 * SECOND)
  t.equal(questions.length, 2)
  renewal.stop()
  await clock.advance(800 * SECOND)
  t.equal(questions.length, 2, 'and after the end nothing is')
  t.strictSame(failures, [])
})

t.test('a session that takes no more messages is left alone', async (t) => {
  const { clock, client, monitor, renewal } = room('client.admin', {
    authTicketMs: 1000 * SECOND,
    serviceTicketMs: 100 * SECOND,
  })
  const ends = shake(['client.admin', client], ['mon.0', monitor]) as Ends
  let tries = 0
  const closing = served(() => {
    tries++
    throw new InkwireError('INK_CLOSED', 'closing')
  })
  renewal.adopted(closing, { note: ends.client.half.note })
  await clock.advance(200 * SECOND)
  t.ok(tries > 1 && tries < 20, `${tries}`)
})

t.test('an answer that comes late is taken all the same, whatever was asked since', async (t) => {
  const { clock, connect, questions, network, failures, renewal } = room('client.admin', {
    authTicketMs: 100 * SECOND,
    serviceTicketMs: 98 * SECOND,
  })
  const late: Uint8Array[] = []
  network.answer = (front) => {
    late.push(front)
    return front
  }
  network.lose = true
  const { session } = connect()
  await clock.advance(82 * SECOND)
  const types = questions.map(({ type }) => type)
  t.strictSame(types.slice(0, 2), [REQUEST.PRINCIPAL_SESSION_KEY, REQUEST.AUTH_SESSION_KEY])
  const answer = inbound({ type: MESSAGE_AUTH_REPLY, version: 1, front: late[0]! })
  t.equal(renewal.message(session, answer), 'taken')
  const count = questions.length
  network.lose = false
  await clock.advance(20 * SECOND)
  t.strictSame(failures, [])
  t.strictSame(
    questions.slice(count).map(({ type }) => type),
    [REQUEST.AUTH_SESSION_KEY],
    'the tickets are not asked for again',
  )
})

t.test("only messages of a monitor's session are taken; the rest is the application's", async (t) => {
  const { renewal, authService, connect } = room('client.admin', {
    authTicketMs: 1000 * SECOND,
    serviceTicketMs: 100 * SECOND,
  })
  const { session } = connect()
  const reply = inbound({ type: MESSAGE_AUTH_REPLY, version: 1, front: new Uint8Array(0) })
  t.equal(renewal.message(session, reply), 'taken')
  t.equal(renewal.message(session, inbound({ type: 42, version: 1, front: new Uint8Array(0) })), 'pass')
  const stranger = served(() => undefined)
  for (const service of [renewal, authService]) {
    const question = inbound({ type: MESSAGE_AUTH, version: 1, front: new Uint8Array(0) })
    t.equal(service.message(stranger, question), 'pass')
    service.adopted(stranger, { note: null })
    t.equal(service.message(stranger, reply), 'pass')
    service.ended(stranger)
  }
})
