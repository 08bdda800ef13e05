/**
 * A group of real processes: every member hums while others are killed, stopped, cut off, and come and go, and nothing is lost or
 * altered. At the end all journals are held against the laws of virtual synchrony.
 *
 * `npm run soak:groups -- --processes` is the long form: seven members, a hundred changes, a stop of ten seconds, messages to 20 MiB.
 */
import t from 'tap'
import { checkGroup } from '../../src/testing/index.ts'
import { Choir } from '../support/choir.ts'
import { PATIENCE_MS, until } from '../support/until.ts'

const MEMBERS = Number(process.env['INKWIRE_GROUP_MEMBERS'] ?? 3)
/** Goings and comings that are asked for behind the troubles that are always there. */
const CHANGES = Number(process.env['INKWIRE_GROUP_CHANGES'] ?? 2)
/** How much longer than it takes to be put out a process stands still. */
const STOP_MS = Number(process.env['INKWIRE_GROUP_STOP_MS'] ?? 0)

/** Each so many-th message of a member is of the largest size; 0: none. */
const LARGE_EVERY = Number(process.env['INKWIRE_GROUP_LARGE_EVERY'] ?? 0)

const names = Array.from({ length: MEMBERS }, (_, index) => `osd.${index}`)

/** What becomes of a member, one after the other. */
const TROUBLES: readonly ((choir: Choir, name: string) => Promise<void>)[] = [
  async (choir, name) => {
    const hummer = choir.of(name)
    const { lefts, views } = hummer
    hummer.tell({ type: 'leave' })
    await until(`${name} has left`, () => hummer.lefts > lefts)
    hummer.tell({ type: 'join' })
    await until(`${name} is back`, () => hummer.views > views)
  },
  async (choir, name) => {
    for (const way of choir.ways(name)) way.cutAll()
    await choir.kill(name)
    await choir.start(name)
  },
]

t.test('members hum through kills, stops, cuts and changes: nothing is lost, doubled or altered', async (t) => {
  const choir = new Choir(t)
  await choir.start(...names)
  await choir.together('at first')

  await choir.kill('osd.0')
  await choir.together('the sequencer was killed')

  const frozen = choir.of('osd.1')
  frozen.child.kill('SIGSTOP')
  await choir.without(frozen, [choir.of('osd.2')], STOP_MS)
  frozen.child.kill('SIGCONT')
  await choir.together('it was stopped, and goes on')
  await choir.start('osd.0')
  await choir.together('the killed one has come back')

  // Sessions outlive their links, and the view with them.
  for (const name of names) for (const way of choir.ways(name)) way.cutAll()

  const [last, others] = [choir.of(names.at(-1)!), choir.living.filter(({ name }) => name !== names.at(-1))]
  const heal = choir.silence(last.name)
  await choir.without(last, others)
  await until('it goes on alone', () => last.members.join() === last.member)
  heal()
  await choir.together('one side of a partition was alone')

  // Whoever orders hears nothing of one of the others, and that one hears all the rest.
  const sequencer = choir.living.find(({ member }) => choir.living[0]!.view.endsWith(`.${member}`))!
  const follower = choir.living.find((hummer) => hummer !== sequencer)!
  const meet = choir.silence(sequencer.name, follower.name)
  await choir.without(follower, [sequencer])
  meet()
  await choir.together('two did not reach each other, and all others did')

  for (let change = 0; change < CHANGES; change += 2) {
    const trouble = TROUBLES[(change / 2) % TROUBLES.length]!
    await trouble(choir, choir.living[change % choir.living.length]!.name)
  }
  await choir.together('after many changes')

  for (const hummer of choir.living) hummer.tell({ type: 'finish' })
  // Up to twenty MiB of each go to each, over as many processes as there are processors for a few.
  const patienceMs = PATIENCE_MS * (LARGE_EVERY > 0 ? MEMBERS : 1)
  await until('all have said all, and were told it', () => choir.living.every(({ end }) => end !== null), patienceMs)
  for (const { name, end } of choir.living) {
    t.strictSame(end?.errors, [], `${name}: no counter, length or checksum is wrong`)
  }
  const told = choir.living.reduce((sum, { end }) => sum + (end?.told ?? 0), 0)
  t.ok(told > 20 * MEMBERS, `${told} messages were told`)
  const settled = choir.living.map(({ member }) => member)
  const history = choir.history()
  t.strictSame(checkGroup(history, { settled }), [])
  if (LARGE_EVERY === 0) return
  const large = history.facts.filter((fact) => fact.kind === 'message' && fact.number % LARGE_EVERY === 0)
  t.ok(large.length > 0, `${large.length} of the largest size were told`)
})
