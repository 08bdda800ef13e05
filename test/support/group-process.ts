/**
 * A member of a group in a process of its own, told over IPC what to do; made and killed by test/sockets/groups.test.ts.
 *
 * It hums: publishes messages of many sizes with a counter, their length and a checksum, and checks all that it is told: of one
 * sender, within one view, no counter is missing, doubled or out of order. Everything is journalled before it goes on, so that
 * a kill at any instant leaves the truth on disk. It uses the built package by its name, as a user would.
 */
import { appendFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { Messenger, peer } from 'inkwire'
import { groups, type Group, type GroupEvent } from 'inkwire/groups'
import type { GroupFact } from 'inkwire/testing'
import { endWithParent } from './forked.ts'

export type HumOrder =
  { readonly type: 'connect'; readonly address: string } | { readonly type: 'join' | 'leave' | 'finish' }

export type HumReport =
  | { readonly type: 'bound'; readonly address: string }
  | { readonly type: 'view'; readonly id: string; readonly member: string; readonly members: readonly string[] }
  | { readonly type: 'left'; readonly reason: string }
  | { readonly type: 'finished'; readonly told: number; readonly errors: readonly string[] }

const HEADER_BYTES = 12
const HUM = 1
/** Its sender will say nothing more. */
const LAST = 2
/** Messages that one member has under way, and the pause behind them: all processes share what cores there are. */
const AHEAD = 4
const PAUSE_MS = 150
const SIZES = [0, 1, 100, 1000, 5000, 0, 70_000]
/** Each so many-th message is of the largest size; 0: none. */
const LARGE_EVERY = Number(process.env['INKWIRE_GROUP_LARGE_EVERY'] ?? 0)
const LARGE_BYTES = 20 * 1024 * 1024 - HEADER_BYTES
const QUICK = { suspectAfterMs: 1500, flushTimeoutMs: 2000 }

const [name = '', journal = ''] = process.argv.slice(2)
const messenger = new Messenger({ name, policies: { default: peer({ backoff: { firstMs: 10, maxMs: 200 } }) } })
const errors: string[] = []
let told = 0
let humming: 'on' | 'off' = 'on'
let group: Group | null = null
/** Who has said all. */
const silent = new Set<string>()

function say(report: HumReport): void {
  process.send?.(report)
}

function note(fact: GroupFact): void {
  appendFileSync(journal, `${JSON.stringify(fact)}\n`)
}

/** Enough to see a byte that is wrong or in the wrong place. */
function sumOf(bytes: Uint8Array): number {
  let sum = 7
  for (const byte of bytes) sum = (Math.imul(sum, 31) + byte) >>> 0
  return sum
}

function messageOf(counter: number): Uint8Array {
  const isLarge = humming === 'on' && LARGE_EVERY > 0 && counter % LARGE_EVERY === 0
  const size = isLarge ? LARGE_BYTES : SIZES[counter % SIZES.length]!
  const bytes = Buffer.alloc(HEADER_BYTES + size, counter & 0xff)
  bytes.writeUInt32LE(counter, 0)
  bytes.writeUInt32LE(size, 4)
  bytes.writeUInt32LE(sumOf(bytes.subarray(HEADER_BYTES)), 8)
  return bytes
}

/** The counters of each sender in this view. */
let counters = new Map<string, number>()

function check(event: Extract<GroupEvent, { kind: 'message' }>): number {
  const bytes = Buffer.from(event.data.buffer, event.data.byteOffset, event.data.byteLength)
  const counter = bytes.readUInt32LE(0)
  const before = counters.get(event.from)
  if (before !== undefined && counter !== before + 1) errors.push(`${event.from}: ${counter} behind ${before}`)
  counters.set(event.from, counter)
  if (bytes.readUInt32LE(4) !== bytes.length - HEADER_BYTES) errors.push(`${event.from}: ${counter} has a wrong length`)
  if (bytes.readUInt32LE(8) !== sumOf(bytes.subarray(HEADER_BYTES))) errors.push(`${event.from}: ${counter} is altered`)
  told++
  return counter
}

async function listen(member: Group): Promise<void> {
  for await (const event of member.events()) {
    const own = member.id
    if (event.kind === 'transitional') note({ kind: 'transitional', member: own, view: event.view })
    else if (event.kind === 'message') {
      const number = check(event)
      const { view, from, isTransitional } = event
      note({
        kind: 'message',
        member: own,
        view,
        from,
        number,
        digest: String(number),
        isSafe: event.order === 'safe',
        isTransitional,
      })
      if (event.type === LAST) silent.add(from)
      if (member.view.members.every((one) => silent.has(one))) say({ type: 'finished', told, errors })
    } else {
      counters = new Map()
      const { id, members } = event.view
      const [left, joined] = [event.left.map((one) => one.member), event.joined.map((one) => one.member)]
      note({ kind: 'view', member: own, view: id, members, transitional: event.transitional, left, joined })
      say({ type: 'view', id, member: own, members })
    }
  }
  note({ kind: 'left', member: member.id })
}

/** Publishes, and writes down what becomes of it. False: it was not told. */
async function publish(member: Group, number: number, type: number): Promise<boolean> {
  note({ kind: 'sent', member: member.id, number, digest: String(number) })
  try {
    const { view } = await member.publish(
      { type, data: messageOf(number) },
      { order: number % 3 === 0 ? 'safe' : 'agreed' },
    )
    note({ kind: 'published', member: member.id, number, view })
    return true
  } catch {
    note({ kind: 'failed', member: member.id, number })
    return false
  }
}

/** One message after the other, for as long as it is a member; at last that it has said all. */
async function hum(member: Group): Promise<void> {
  let counter = 1
  for (; humming === 'on' && group === member; counter += AHEAD) {
    await Promise.all(Array.from({ length: AHEAD }, (_, index) => publish(member, counter + index, HUM)))
    await pause(PAUSE_MS)
  }
  // Of one that the end of its view has met nobody would hear that it was the last.
  while (group === member && !(await publish(member, counter, LAST))) counter++
}

async function obey(order: HumOrder): Promise<void> {
  switch (order.type) {
    case 'connect':
      messenger.connect(order.address)
      break
    case 'join': {
      const member = groups(messenger).join('hum', QUICK)
      group = member
      void listen(member)
      void hum(member)
      void member.closed.then(({ reason }) => {
        if (group === member) group = null
        say({ type: 'left', reason })
      })
      break
    }
    case 'leave': {
      const leaver = group
      group = null
      await leaver?.leave()
      break
    }
    case 'finish':
      humming = 'off'
      break
    default:
  }
}

process.on('message', (order: HumOrder) => void obey(order))
endWithParent()
// Nobody dials back to where it says that it is: all ways between two go through the proxy of whoever was told to connect.
say({ type: 'bound', address: await messenger.bind('tcp://127.0.0.1:0', { advertise: 'tcp://127.0.0.2:0' }) })
