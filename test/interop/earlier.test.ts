/**
 * Messengers of earlier versions: what they said was captured, byte for byte (scripts/capture-peer.mjs), and is said again
 * here to a messenger of today. It talks with them as ever, and uses nothing that they have not said they know.
 */
import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { fromHex } from '../../src/common/bytes.ts'
import type { Connection, Message } from '../../src/index.ts'
import { FrameTap } from '../../src/testing/faults/frame-tap.ts'
import { Lab } from '../unit/messenger/lab.ts'
import { TapedLink } from '../support/taped-link.ts'

type Role = 'dialler' | 'acceptor'
type Tape = readonly (readonly [who: Role, hex: string])[]

/** What each of them did not know, in the order in which it came. */
const EARLIER = ['before-features', 'before-verdicts'] as const

/** The frames of version 1; no feature that they had is used here. */
const VERSION_1 = new Set([
  ...['banner', 'HELLO', 'AUTH_REQUEST', 'AUTH_CHALLENGE', 'AUTH_RESPONSE', 'AUTH_DONE', 'AUTH_REJECTED', 'OPEN'],
  ...['OPENED', 'CONFIRM', 'YIELD', 'REJECT', 'ACK', 'KEEPALIVE', 'KEEPALIVE_ACK', 'GOODBYE', 'MESSAGES'],
])

function tape(name: string, ends: Role): Tape {
  const text = readFileSync(new URL(`../support/earlier/${name}.json`, import.meta.url), 'utf8')
  return (JSON.parse(text) as Record<Role, Tape>)[ends]
}

type Handler = (message: Message, from: Connection) => void

const reply: Handler = (message, from) => {
  from.send({ type: message.type + 100, tid: message.tid, front: message.front })
}

interface Played {
  readonly connection: Connection | null
  readonly got: readonly Message[]
  readonly told: readonly string[]
  readonly written: readonly Uint8Array[]
}

/** Plays what the other side of `role` said; `script` is what this side does, as in the capture. */
async function play(
  role: Role,
  recorded: Tape,
  script: (connection: Connection, got: readonly Message[]) => Promise<void>,
  handle: Handler = role === 'acceptor' ? reply : () => undefined,
): Promise<Played> {
  const lab = new Lab()
  const link = new TapedLink()
  const chance = role === 'dialler' ? 0xd1 : 0xac
  const { messenger, told } = lab.subject(role === 'dialler' ? 'osd.0' : 'osd.1', {
    transports: [link.transport('memory')],
    runtime: { clock: lab.clock, random: { next: () => 0.5, bytes: (count) => new Uint8Array(count).fill(chance) } },
    limits: { batchBytes: 1024, chunkBytes: 1024 },
  })
  const got: Message[] = []
  let connection: Connection | null = null
  messenger.use({
    dispatch(message, from) {
      got.push(message)
      connection = from
      handle(message, from)
    },
  })
  if (role === 'dialler') connection = messenger.connect('memory://osd.1', { type: 'osd' })
  else {
    await messenger.bind('memory://osd.1')
    link.arrive()
  }
  let done: Promise<void> | null = null
  for (const [who, hex] of recorded) {
    if (who === role) continue
    await lab.clock.advance(10)
    done ??= connection === null ? null : script(connection, got)
    link.handlers.data(fromHex(hex))
  }
  await lab.clock.advance(10)
  await done
  link.end()
  await lab.clock.advance(10)
  return { connection, got, told, written: link.written }
}

/** Today's messenger has said nothing that version 1 does not know, but for fields that it ignores. */
function saysVersion1(t: Test, written: readonly Uint8Array[]): void {
  const tap = new FrameTap()
  const pieces = written.flatMap((chunk) => tap.cut(chunk))
  const names = pieces.flatMap(({ begins }) => begins ?? [])
  t.strictSame(
    names.filter((name) => !VERSION_1.has(name)),
    [],
  )
  t.ok(names.includes('MESSAGES') && names.includes('ACK'))
}

for (const name of EARLIER) {
  t.test(`a dialler of ${name} is served as ever`, async (t) => {
    for (const ends of ['dialler', 'acceptor'] as const) {
      const { got, told, written } = await play('acceptor', tape(name, ends), async (connection, got) => {
        while (got.length < 3) await new Promise(setImmediate)
        await connection.deliver({ type: 20, middle: new Uint8Array(3) })
        if (ends === 'acceptor') await connection.close()
      })
      t.strictSame(
        got.map(({ type, tid, version, priority, bytes }) => ({ type, tid, version, priority, bytes })),
        [
          { type: 18, tid: 42, version: 2, priority: 200, bytes: 9 },
          { type: 17, tid: 0, version: 0, priority: 127, bytes: 3 },
          { type: 19, tid: 43, version: 0, priority: 127, bytes: 2500 },
        ],
      )
      t.strictSame(told, ends === 'dialler' ? ['onAccept osd.0', 'onReset osd.0'] : ['onAccept osd.0'])
      saysVersion1(t, written)
    }
  })

  t.test(`an acceptor of ${name} is dialled as ever`, async (t) => {
    for (const ends of ['dialler', 'acceptor'] as const) {
      const { got, told, written } = await play('dialler', tape(name, ends), async (connection, got) => {
        connection.send({ type: 17, front: 'one' })
        await connection.deliver({ type: 18, version: 2, priority: 200, tid: 42, front: 'two', data: 'urgent' })
        await connection.deliver({ type: 19, tid: 43, data: new Uint8Array(2500).fill(0x55) })
        while (got.length < 4) await new Promise(setImmediate)
        if (ends === 'dialler') await connection.close()
      })
      t.strictSame(
        got.map(({ type, tid }) => [type, tid]),
        [
          [118, 42],
          [117, 0],
          [119, 43],
          [20, 0],
        ],
      )
      t.strictSame(told, ends === 'acceptor' ? ['onConnect osd.1', 'onRemoteReset osd.1'] : ['onConnect osd.1'])
      saysVersion1(t, written)
    }
  })

  t.test(`of a handler that failed a sender of ${name} hears what it always heard: that it is done`, async (t) => {
    const script = async (connection: Connection, got: readonly Message[]): Promise<void> => {
      while (got.length < 3) await new Promise(setImmediate)
      await connection.deliver({ type: 20, middle: new Uint8Array(3) })
    }
    const fails: Handler = (message, from) => {
      reply(message, from)
      throw new Error('no such object')
    }
    const well = await play('acceptor', tape(name, 'dialler'), script)
    const ill = await play('acceptor', tape(name, 'dialler'), script, fails)
    t.strictSame(ill.written, well.written)
    const failures = ({ connection }: Played): unknown => connection?.dump().counters.failedHandlers
    t.strictSame([failures(well), failures(ill)], [0, 3], 'and it is counted here')
  })
}
