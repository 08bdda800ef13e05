/** `inkwire stat`: the counters of a process that hangs or is dead, from its stat file. */
import { resolve } from 'node:path'
import { wordsOf } from '../common/errors.ts'
import type { Stat, StatPeer } from '../observe/admin/stat-layout.ts'
import { bytes, time } from '../observe/words.ts'
import { EXIT, Unreachable, type Command, type Terminal } from './command.ts'
import { bySeverity, json, plain, table } from './paint.ts'
import { socketsOf } from './targets.ts'
import { judge, sentenceOf, statAt, type Verdict } from './verdict.ts'

export const stat: Command = {
  name: 'stat',
  summary: 'counters of a process also when it hangs or is dead, without asking it',
  usage: '[file or admin socket …]',
  args: [0, 100],
  options: { admin: { type: 'string', multiple: true, short: 'a' }, json: { type: 'boolean' } },
  about: {
    admin: 'the admin socket beside which the file lies (its name with .stat behind it), or a directory with some',
    json: 'JSON for machines',
  },
  exits: {
    ok: 'the process is well, or ended in order',
    unwell: 'it hangs, or died',
    unreachable: 'there is no such file',
  },
  help: `A process that is observed with an admin socket writes its counters into a file at each look. So they are there when its event
loop stands still, and after a crash: what was queued, who was slow, what it held. Exit code 1: it hangs, or died.

  inkwire stat /run/osd.0.asok
  inkwire stat -a /run/inkwire --json`,
  run({ context, values, args }) {
    const given = args.length > 0 ? args.map((path) => resolve(context.cwd, path)) : socketsOf(context, values)
    const stats = given.map(read)
    const judged = stats.map((one) => ({ ...one, verdict: judge(one, Date.now()) }))
    if (values['json'] === true) context.out(json(judged))
    else for (const one of judged) context.out(told(context.terminal, one))
    const unwell = judged.some(({ verdict }) => verdict === 'hangs' || verdict === 'dead')
    return Promise.resolve(unwell ? EXIT.unwell : EXIT.ok)
  },
}

function read(path: string): Stat {
  try {
    return statAt(path)
  } catch (thrown) {
    throw new Unreachable(wordsOf(thrown))
  }
}

function told(terminal: Terminal, one: Stat & { readonly verdict: Verdict }): string {
  const { verdict, totals: all, peers } = one
  const [sent, received] = [bytes(all.sentBytes), bytes(all.receivedBytes)]
  const [queued, held] = [bytes(all.queuedBytes), bytes(all.heldBytes)]
  const severity = verdict === 'hangs' || verdict === 'dead' ? 2 : 0
  const lines = [
    bySeverity(terminal, severity, plain(sentenceOf(one, Date.now()))),
    `  sent ${all.sentMessages} messages (${sent}), received ${all.receivedMessages} (${received})`,
    `  queued ${all.queuedMessages} (${queued}), held by handlers ${all.heldMessages} (${held})`,
    `  ${all.open} of ${all.peers} peers connected, ${all.faults} faults, ${all.resumes} resumed`,
    `  ${all.failedHandlers} handlers failed, rss ${bytes(all.rssBytes)}, heap ${bytes(all.heapBytes)}`,
  ]
  return `${lines.join('\n')}\n${peers.length === 0 ? '' : table(terminal, COLUMNS, [...peers].sort(bySlowness))}`
}

function bySlowness(one: StatPeer, other: StatPeer): number {
  return other.severity - one.severity || other.peerMs + other.hereMs - one.peerMs - one.hereMs
}

const COLUMNS = [
  { title: '  PEER', align: 'left', text: ({ name }: StatPeer) => `  ${name}` },
  { title: 'LINK', align: 'left', text: ({ open }: StatPeer) => (open === 1 ? 'open' : 'none') },
  { title: 'QUEUED', align: 'right', text: ({ queuedMessages }: StatPeer) => String(queuedMessages) },
  { title: 'HELD', align: 'right', text: ({ heldMessages }: StatPeer) => String(heldMessages) },
  { title: 'IT IS BEHIND', align: 'right', text: ({ peerMs }: StatPeer) => time(peerMs) },
  { title: 'WE ARE BEHIND', align: 'right', text: ({ hereMs }: StatPeer) => time(hereMs) },
  { title: 'FAULTS', align: 'right', text: ({ faults }: StatPeer) => String(faults) },
] as const
