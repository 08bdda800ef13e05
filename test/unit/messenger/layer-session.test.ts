/** What a session lets a layer do beside sending: take back, hold an orderly end, hear of acks, and call its peer a fault. */
import t from 'tap'
import type { Connection } from '../../../src/messenger/connection.ts'
import type { Service, ServiceSession } from '../../../src/messenger/service.ts'
import { losslessClient } from '../../../src/policies/lossless-client.ts'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import type { OutboundMessage, Settle } from '../../../src/wire/message.ts'
import { Lab, types, type Subject } from './lab.ts'

/** A service that notes the words that it hears. */
class Layer implements Service {
  readonly name = 'layer'
  readonly number = 300
  readonly atOnce: boolean
  readonly heard: number[] = []
  session!: ServiceSession

  constructor(atOnce: boolean) {
    this.atOnce = atOnce
  }

  adopted(session: ServiceSession): void {
    this.session = session
  }

  message(_session: ServiceSession, _message: unknown, words: Uint8Array): 'taken' {
    this.heard.push(...words)
    return 'taken'
  }
}

interface Both {
  readonly lab: Lab
  readonly a: Subject
  readonly b: Subject
  readonly one: Layer
  readonly other: Layer
  readonly connection: Connection
}

async function both(atOnce: boolean): Promise<Both> {
  const lab = new Lab()
  const a = lab.subject('client.a', { policies: { default: losslessClient() } })
  const b = lab.subject('osd.0', { policies: { default: losslessServer({ concurrency: 1 }) } })
  const [one, other] = [new Layer(atOnce), new Layer(atOnce)]
  a.messenger.useService(one)
  b.messenger.useService(other)
  const connection = a.messenger.connect(await b.messenger.bind('memory://b'))
  await lab.clock.settle()
  return { lab, a, b, one, other, connection }
}

const words = (...bytes: number[]): Uint8Array => new Uint8Array(bytes)

class Told implements Settle {
  readonly told: string[] = []

  acked(): void {
    this.told.push('acked')
  }

  failed(fate: string): void {
    this.told.push(fate)
  }
}

for (const atOnce of [false, true]) {
  t.test(`its messages ${atOnce ? 'do not wait' : 'wait'} for handlers, as it wishes`, async (t) => {
    const { lab, b, one, other, connection } = await both(atOnce)
    b.messenger.use({ dispatch: () => new Promise(() => undefined) })
    connection.send({ type: 1 })
    one.session.send(words(9), { type: 2 })
    await lab.clock.settle()
    t.strictSame(other.heard, atOnce ? [9] : [])
  })
}

t.test('what is queued is told when it is acked, and so is a control word', async (t) => {
  const { lab, one } = await both(true)
  const [message, word] = [new Told(), new Told()]
  one.session.queue(words(1), { type: 1 }, message)
  one.session.control(words(2), { type: 0 }, word)
  t.strictSame([message.told, word.told], [[], []])
  await lab.clock.advance(1000)
  t.strictSame([message.told, word.told], [['acked'], ['acked']])
})

t.test('what is on no link is taken back and never sent; what is on one is not', async (t) => {
  const { lab, one, other } = await both(true)
  const [first, second] = [1, 2].map((word) => one.session.queue(words(word), { type: 1 }, new Told()))
  t.equal(one.session.takeBack(first as OutboundMessage), 'undelivered')
  await lab.clock.settle()
  t.strictSame(other.heard, [2])
  t.equal(one.session.takeBack(second as OutboundMessage), 'unknown')
})

t.test('an orderly end waits for what a layer holds, and takes its messages until then', async (t) => {
  const { lab, one, other, connection } = await both(true)
  let closed = false
  one.session.hold()
  const close = connection.close().then(() => (closed = true))
  await lab.clock.settle()
  t.notOk(closed)
  one.session.send(words(5), { type: 1 })
  one.session.release()
  await lab.clock.advance(1000)
  await close
  t.strictSame(other.heard, [5])
})

t.test('so does the end of the messenger', async (t) => {
  const { lab, a, b, other } = await both(true)
  let stopped = false
  other.session.hold()
  const stop = b.messenger.shutdown().then(() => (stopped = true))
  await lab.clock.settle()
  t.notOk(stopped)
  other.session.release()
  await lab.clock.advance(1000)
  await stop
  await a.messenger.shutdown()
})

t.test('a peer that breaks its protocol is a fault of the link, and nothing else', async (t) => {
  const { lab, b, other, one } = await both(true)
  other.session.fault('a word that is none')
  await lab.clock.advance(2000)
  t.match(
    b.events.find(({ type }) => type === 'fault'),
    { reason: /^layer: a word that is none/ },
  )
  t.ok(types(b.events).includes('resume'), 'the session goes on')
  one.session.send(words(3), { type: 1 })
  await lab.clock.settle()
  t.strictSame(other.heard, [3])
})

t.test('a layer takes back all that it has queued, and nothing else', async (t) => {
  const { lab, one, other, connection } = await both(true)
  const message = one.session.queue(words(1), { type: 1 }, new Told())
  connection.send({ type: 7, tid: 7 })
  t.match(one.session.withdraw(), { undelivered: [message], unknown: [] })
  t.equal(connection.dump().queuedMessages, 1)
  lab.cut()
  await lab.clock.advance(2000)
  t.strictSame(other.heard, [])
  t.equal(connection.dump().queuedMessages, 0, 'the application has what it sent')
})

t.test('who has done with a large message at once is asked first, and may change its mind', async (t) => {
  const { lab, b, one, other } = await both(true)
  const asked: number[] = []
  const got: number[] = []
  Object.assign(other, {
    borrows: (_session: ServiceSession, [word]: Uint8Array) => {
      asked.push(word!)
      if (word === 3) throw new Error('it does not know')
      return word === 1
    },
    message: (_session: ServiceSession, { data }: { data: Uint8Array }, [word]: Uint8Array) => {
      got.push(word!, data.length, data.at(-1)!)
      return 'taken'
    },
  })
  const large = new Uint8Array(5000).fill(8)
  const told = new Told()
  one.session.queue(words(1), { type: 1, data: large }, told)
  for (const word of [2, 3]) one.session.send(words(word), { type: 1, data: large })
  one.session.send(words(4), { type: 1, data: large.subarray(0, 3000) })
  await lab.clock.advance(1000)
  t.strictSame(asked, [1, 2, 3], 'what is small is given away')
  t.strictSame(got, [1, 5000, 8, 2, 5000, 8, 3, 5000, 8, 4, 3000, 8])
  t.strictSame(told.told, ['acked'])
  t.match(
    b.events.filter(({ type }) => type === 'dispatchError'),
    [{ error: { message: 'it does not know' } }],
  )
})
