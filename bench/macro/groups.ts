/**
 * A group of three processes: how many messages are told to all in one order, and how long one of them takes, beside what plain
 * messages do between two of the same processes in the same run.
 *
 * Each message of the sequencer travels twice, each of another member three times: to the sequencer and from it to both. So
 * `of plain` is the rate times the copies, as a part of the one-way rate. Members are processes of their own (harness/group-member.ts);
 * the half that drives tells them what to do and measures, the one that serves has nothing to do.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { runDirectly } from '../harness/direct.ts'
import type { MemberOrder, MemberReport } from '../harness/group-member.ts'
import { warmUp } from '../harness/warm-up.ts'
import type { Measured, RunOptions } from '../harness/run.ts'
import type { Workload } from '../harness/workload.ts'

const SCRIPT = fileURLToPath(new URL('../harness/group-member.js', import.meta.url))
/** In rising order of their ids: the first one becomes the sequencer. */
const NAMES = ['osd.0', 'osd.1', 'osd.2']
const RATE = 'messages/s'

type Stream = Extract<MemberOrder, { readonly kind: 'stream' }>
type Kind = MemberReport['kind']
type Of<K extends Kind> = Extract<MemberReport, { readonly kind: K }>

class Member {
  readonly #child: ChildProcess
  readonly #waiting = new Map<Kind, (report: MemberReport) => void>()

  constructor(name: string) {
    this.#child = fork(SCRIPT, [name], { execArgv: process.execArgv })
    this.#child.on('message', (report: MemberReport) => {
      const told = this.#waiting.get(report.kind)
      this.#waiting.delete(report.kind)
      told?.(report)
    })
  }

  tell(order: MemberOrder): void {
    this.#child.send(order)
  }

  /** The next report of this kind. */
  next<K extends Kind>(kind: K): Promise<Of<K>> {
    return new Promise((resolve) => this.#waiting.set(kind, (report) => resolve(report as Of<K>)))
  }

  ask<K extends Kind>(order: MemberOrder, kind: K): Promise<Of<K>> {
    const answer = this.next(kind)
    this.tell(order)
    return answer
  }

  async end(): Promise<void> {
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await exited
  }
}

/** A stream of these members, as fast as it goes; it is over when the last message has come to all who wait for it. */
async function stream(from: readonly Member[], to: readonly Member[], order: Omit<Stream, 'kind' | 'senders'>) {
  const startMs = performance.now()
  const ends = to.map((member) => member.next('ended'))
  for (const member of from) member.tell({ kind: 'stream', senders: from.length, ...order })
  const ended = await Promise.all(ends)
  const seconds = (performance.now() - startMs) / 1000
  const cpuSeconds = ended.reduce((sum, one) => sum + one.cpuSeconds, 0)
  const [{ count }] = ended as [Of<'ended'>, ...Of<'ended'>[]]
  return { [RATE]: count / seconds, 'CPU s per million': (cpuSeconds / count) * 1e6 }
}

async function measure(members: readonly Member[], options: RunOptions): Promise<Measured> {
  const [first, second] = members as [Member, Member, Member]
  const measured: Measured = {}
  const rates = new Map<string, number>()
  const series = async (name: string, from: readonly Member[], to: readonly Member[], how: Stream['how']) => {
    const { size } = options
    await warmUp((seconds) => stream(from, to, { how, size, seconds }), RATE)
    const found = await stream(from, to, { how, size, seconds: options.seconds })
    rates.set(name, found[RATE])
    measured[`${name} ${RATE}`] = found[RATE]
    if (how !== 'send') measured[`${name} CPU s per million`] = found['CPU s per million']
  }
  await series('plain', [second], [first], 'send')
  await series('agreed', [first], members, 'agreed')
  await series('agreed of another', [second], members, 'agreed')
  await series('agreed of all', members, members, 'agreed')
  await series('safe', [first], members, 'safe')
  const plain = rates.get('plain')!
  measured['agreed of plain'] = (rates.get('agreed')! * 2) / plain
  measured['agreed of another of plain'] = (rates.get('agreed of another')! * 3) / plain
  const trip = async (how: 'ping' | 'agreed' | 'safe', member: Member): Promise<number> => {
    const order = { kind: 'trips', how, seconds: options.seconds } as const
    await member.ask({ ...order, seconds: 1 }, 'trips')
    return (await member.ask(order, 'trips')).p50Us
  }
  const oneWayUs = (await trip('ping', second)) / 2
  measured['one trip µs'] = oneWayUs
  for (const how of ['agreed', 'safe'] as const) {
    measured[`${how} p50 µs`] = await trip(how, second)
    measured[`${how} trips`] = measured[`${how} p50 µs`]! / oneWayUs
  }
  return measured
}

export const workload: Workload = {
  serve() {
    return Promise.resolve({ address: 'no address', close: () => undefined })
  },

  async drive(_subject, _address, options): Promise<Measured> {
    const members = NAMES.map((name) => new Member(name))
    try {
      const bound = await Promise.all(members.map((member) => member.next('bound')))
      members.forEach((member, index) => {
        const addresses = bound.slice(0, index).map(({ address }) => address)
        member.tell({ kind: 'connect', addresses })
      })
      const together = members.map((member) => member.ask({ kind: 'join', members: NAMES.length }, 'joined'))
      await Promise.all(together)
      return await measure(members, options)
    } finally {
      await Promise.all(members.map((member) => member.end()))
    }
  },
}

await runDirectly(import.meta, 'groups', 'agreed of plain')
