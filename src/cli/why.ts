/** `inkwire why`: why a peer is slow, by what everybody says of it, and it of itself. */
import type { Snapshot, Why } from '../observe/index.ts'
import { blamed, blameText, rowsOf, worstFirst } from './blame.ts'
import { ABOUT_ASKING, ASKING, EXIT, type Command, type Context, type Values } from './command.ts'
import { bySeverity, json, plain } from './paint.ts'
import { answersOf, askAll, socketsOf } from './targets.ts'

/** A sentence, and whose it is. */
interface Said extends Why {
  readonly of: string
}

export const why: Command = {
  name: 'why',
  summary: 'why a peer is slow, in one sentence',
  usage: '[peer]',
  args: [0, 1],
  options: ASKING,
  about: ABOUT_ASKING,
  exits: {
    ok: 'nobody is slow',
    unwell: 'somebody is slow, or cannot be reached',
    unreachable: 'nobody answers, or knows that peer',
  },
  help: `The peer is a name (osd.3), an address, or the number of a connection (#7). Of several processes, each that knows it says its
sentence, and it says its own, when it is one of them. Without a peer: who is in the way of others, then every peer that is not fine.
The exit code is 1 when somebody is slow or cannot be reached. What each cause means is in docs/OBSERVE.md.

  inkwire why osd.3 -a /run/client.asok
  inkwire why osd.3 -a /run/inkwire
  inkwire why -a /run/inkwire`,
  async run({ context, values, args }) {
    const [peer] = args
    const told = peer === undefined ? await everybody(context, values) : await one(context, values, peer)
    if (values['json'] === true) context.out(json(told))
    else if (told.length === 0) context.out('every peer is fine\n')
    else
      for (const { severity, sentence } of told)
        context.out(`${bySeverity(context.terminal, severity, plain(sentence))}\n`)
    return told.some(({ severity }) => severity >= 2) ? EXIT.unwell : EXIT.ok
  },
}

/** Of one peer: what those say who know it. */
async function one(context: Context, values: Values, peer: string): Promise<Said[]> {
  const sockets = socketsOf(context, values)
  const [whys, snapshots] = await Promise.all([askAll(sockets, 'why', { peer }), askAll(sockets, 'snapshot')])
  const names = snapshots.map(({ answer, path }) => (answer as Snapshot | null)?.name ?? path)
  const asked = whys.flatMap(({ answer }, index): Said[] => {
    if (answer === null) return []
    const { cause, severity, sentence } = answer as Why
    const of = names[index]!
    return [{ of, cause, severity, sentence: sockets.length > 1 ? `${of}: ${sentence}` : sentence }]
  })
  const itself = snapshots.map(({ answer }) => answer as Snapshot | null).find((answer) => answer?.name === peer)
  const own = itself == null ? [] : ownOf(itself)
  // Who does not know it says nothing of it, as long as somebody does.
  if (asked.length + own.length === 0) answersOf(whys, context)
  return [...asked.sort((one, other) => other.severity - one.severity), ...own]
}

/** What it says itself: the worst of its own doing, or that it sees none. */
function ownOf(snapshot: Snapshot): Said[] {
  const of = snapshot.name
  const own = blamed([snapshot]).find(({ name }) => name === of)?.own ?? null
  return own === null
    ? [{ of, cause: 'fine', severity: 0, sentence: `${of} itself: nothing of its own is behind` }]
    : [{ of, cause: 'here-slow', severity: 2, sentence: `${of} itself: ${own}` }]
}

/** Who is in the way of others, then all that needs a look, the worst first. */
async function everybody(context: Context, values: Values): Promise<Said[]> {
  const answers = answersOf(await askAll(socketsOf(context, values), 'snapshot'), context)
  const snapshots = answers.map(({ answer }) => answer as Snapshot)
  const rows = rowsOf(snapshots).filter(({ why }) => why.severity > 0)
  const each = rows.sort(worstFirst).map(({ of, why: { cause, severity, sentence } }): Said => {
    return { of, cause, severity, sentence: snapshots.length > 1 ? `${of}: ${sentence}` : sentence }
  })
  const inTheWay = snapshots.length > 1 ? blamed(snapshots).filter(({ by }) => by.length > 1) : []
  const agreed = inTheWay.map((one): Said => {
    const worst = rows.find(({ peer, why }) => peer === one.name && why.sentence === one.sentence)
    return { of: one.by.join(', '), cause: worst?.why.cause ?? 'peer-slow', severity: 3, sentence: blameText(one) }
  })
  return [...agreed, ...each]
}
