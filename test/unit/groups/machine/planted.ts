/**
 * Mistakes of the group protocol, each planted in a copy of the code that ships: the explorer must find every one of them.
 *
 * The first six are those that the model of the protocol was tried with; one of them is a mistake of whoever carries the words.
 */
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { exploreGroup } from '../../../../src/testing/groups/explore.ts'
import type { GroupSearch } from '../../../../src/testing/model/groups/search.ts'

export interface Planted {
  readonly name: string
  readonly edits: readonly (readonly [file: string, find: string, replace: string])[]
  /** A seed near one that finds it, where few do. */
  readonly from?: number
}

const MACHINE = 'groups/machine/machine.ts'
const CHANGES = 'groups/machine/view-changes.ts'
const PROPOSAL = 'groups/machine/proposal.ts'
/** What would hide a mistake from who looks only at its end. */
const UNGUARDED = [CHANGES, 'own.length !== this.stream.log.length || ', ''] as const
const GAPS_PASS = ['groups/machine/follower.ts', 'word.index !== this.log.length', 'word.index > 9999'] as const
const WORLD = 'testing/groups/world.ts'
const NETWORK = 'testing/groups/world-network.ts'

export const PLANTED: readonly Planted[] = [
  {
    name: 'orders of the old view are accepted while it flushes',
    edits: [
      [MACHINE, "if (this.state.kind !== 'normal' || this.peers.isSevered", 'if (this.peers.isSevered'],
      UNGUARDED,
    ],
  },
  {
    name: 'a view is installed without the cut',
    from: 50,
    edits: [[PROPOSAL, 'run(at, answer.length, length)', 'run(at, length, length)'], UNGUARDED],
  },
  {
    name: 'the cut counts as stable',
    edits: [[PROPOSAL, 'answers.map(({ stable }) => stable)', 'answers.map(({ length }) => length)']],
  },
  {
    name: 'what was said on a link that is gone reaches the next one',
    from: 60,
    edits: [
      [NETWORK, 'isOfLink && at === from && about === to', 'false && isOfLink && at === from && about === to'],
      [MACHINE, 'this.peers.isSevered(from) || ', ''],
      ['groups/machine/view-stream.ts', 'isServed ? this.#outbox.next() : null', 'this.#outbox.next()'],
      GAPS_PASS,
    ],
  },
  {
    name: 'who is left behind in a superseded view stays there',
    from: 12,
    edits: [
      [
        'groups/machine/change.ts',
        'if (members.includes(self) ||',
        'if (members.length > 0 || members.includes(self) ||',
      ],
    ],
  },
  {
    name: 'an initiator handles its own PREPARE later',
    from: 24,
    edits: [
      [
        CHANGES,
        '    this.prepare(this.self, word)\n',
        "    this.actions.push({ kind: 'send', to: this.self, word })\n",
      ],
      [
        CHANGES,
        "else if (to === this.self && word.kind === 'install') this.install(word)",
        "else if (to === this.self) this.actions.push({ kind: 'send', to, word })",
      ],
      [
        MACHINE,
        'if (!this.peers.isUp(event.from)) break',
        'if (event.from !== this.self && !this.peers.isUp(event.from)) break',
      ],
      [WORLD, 'this.#members.set(id, member)\n', 'this.#members.set(id, member)\n    this.network.open(id, id)\n'],
      [NETWORK, '  #open(from: string', '  open(from: string'],
      [NETWORK, 'this.#open(one, other)', 'this.open(one, other)'],
      [NETWORK, 'this.#open(other, one)', 'this.open(other, one)'],
      UNGUARDED,
    ],
  },
  {
    name: 'SAFE is delivered as soon as it is here',
    edits: [
      [
        'groups/machine/delivery.ts',
        '&& !isTransitional && this.#next >= stable',
        '&& !isTransitional && this.#next < 0',
      ],
    ],
  },
  {
    name: 'a promise binds only against lower numbers',
    edits: [[CHANGES, 'if (!isAbove(ballot, this.promised))', 'if (ballot.number < this.promised.number)']],
  },
  {
    name: 'stable is what one member has',
    from: 25,
    edits: [
      [
        'groups/machine/sequencer.ts',
        'this.#stable = Math.min(this.#stable, each.received)',
        'this.#stable = Math.max(least, each.received)',
      ],
    ],
  },
  {
    name: 'own messages fail before the rest of the view is delivered',
    edits: [
      ['groups/machine/view-stream.ts', '    this.#outbox.changed(id, this.#act)\n', ''],
      [
        'groups/machine/view-stream.ts',
        '    this.#delivery.run(this.log, stable, false)\n    this.#act',
        '    this.#outbox.changed(id, this.#act)\n    this.#delivery.run(this.log, stable, false)\n    this.#act',
      ],
    ],
  },
  {
    name: 'a message that was handed over in part goes on in the next view',
    edits: [
      ['groups/machine/outbox.ts', 'if (publish === this.#partial?.publish) continue', 'if (number < 0) continue'],
    ],
  },
  {
    name: 'all who come into a view count as of one',
    from: 9,
    edits: [[CHANGES, 'lineages.find(({ view }) => sameView(view, previous.id))', 'lineages[0]'], UNGUARDED],
  },
  {
    name: 'who leaves counts as one who goes on',
    edits: [
      [
        PROPOSAL,
        'transitional: members.filter((member) => !this.#answers.get(member)!.isLeaving)',
        'transitional: members',
      ],
    ],
  },
  {
    name: 'entries are dropped before every member has them',
    edits: [['groups/machine/view-stream.ts', 'this.log.trim(stable)', 'this.log.trim(this.log.length)']],
  },
  {
    name: 'the cut is the shortest log',
    from: 50,
    edits: [
      [PROPOSAL, 'length: Math.max(', 'length: Math.min('],
      [CHANGES, 'own.length !== this.stream.log.length || ', ''],
      [CHANGES, 'own.stable > own.length', 'own.stable < 0'],
    ],
  },
  {
    name: 'what came back makes no room',
    edits: [['groups/machine/outbox.ts', 'this.#entries--', 'this.#entries -= 0']],
  },
  {
    name: 'pieces are put together in whatever order',
    edits: [['groups/machine/outbox.ts', 'if (this.#partial === null || this.#partial.publish === first) ', '']],
  },
  {
    name: 'a member that held on to the window is served first',
    edits: [
      ['groups/machine/sequencer.ts', 'this.#turnOf = (this.#turnOf + 1) % this.#turns.length', 'this.#turnOf = 0'],
    ],
  },
  {
    name: 'a member that moves forgets what it holds for others',
    from: 190,
    edits: [['groups/machine/view-stream.ts', 'entries: this.log.from(base), stable', 'entries: [], stable']],
  },
  {
    name: 'a member counts the acks of others as its own',
    edits: [
      [
        'groups/machine/follower.ts',
        'Math.min(this.log.length, ...this.#received.values())',
        'Math.max(0, ...this.#received.values())',
      ],
    ],
  },
]

interface Transpile {
  readonly transpileRooms: (root: string, rooms: readonly string[], to: string) => void
  readonly put: (path: string, text: string) => void
}

const ROOT = join(import.meta.dirname, '../../../..')
const ROOMS = ['src/common', 'src/groups/machine', 'src/testing/groups', 'src/testing/model', 'src/testing/simulator']

async function transpile(): Promise<Transpile> {
  const { href } = new URL('../../../../scripts/transpile.mjs', import.meta.url)
  return (await import(href)) as Transpile
}

/** The code as it is, as JavaScript, to be copied from. */
export async function transpiled(directory: string): Promise<string> {
  const { transpileRooms } = await transpile()
  transpileRooms(ROOT, ROOMS, directory)
  return directory
}

export interface Hunters {
  readonly exploreGroup: typeof exploreGroup
  readonly GroupSearch: typeof GroupSearch
}

/** A copy of the code with the mistake in it; null: without any. */
export async function huntersWith(base: string, directory: string, planted: Planted | null): Promise<Hunters> {
  cpSync(base, directory, { recursive: true })
  const texts = new Map<string, string>()
  for (const [file, find, replace] of planted?.edits ?? []) {
    const text = texts.get(file) ?? readFileSync(join(ROOT, 'src', file), 'utf8')
    if (text.split(find).length !== 2) throw new Error(`${planted?.name}: its text is not in src/${file} exactly once`)
    texts.set(
      file,
      text.replace(find, () => replace),
    )
  }
  const { put } = await transpile()
  for (const [file, text] of texts) put(join(directory, 'src', file), text)
  const load = async <T>(file: string): Promise<T> =>
    (await import(pathToFileURL(join(directory, 'src/testing', file)).href)) as T
  return {
    ...(await load<Pick<Hunters, 'exploreGroup'>>('groups/explore.js')),
    ...(await load<Pick<Hunters, 'GroupSearch'>>('model/groups/search.js')),
  }
}
