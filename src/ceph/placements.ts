/**
 * Which OSD answers for a placement group: asked of the monitors, and remembered as long as the map stays the same.
 *
 * Clients of Ceph compute this with CRUSH; this one asks `osd map` once per group and epoch, which is exact, costs a round
 * trip, and knows every exception (upmaps, temporary primaries) that the cluster has. While there is no monitor, what was
 * true of an older map is taken for true: OSDs serve without monitors, and the wrong one does not answer. What a monitor
 * says about the group is held against our own hash, so that a request never goes to the wrong one in silence.
 */
import { InkwireError } from '../common/errors.ts'
import type { NamedPool, OsdMap } from './messages/osd-map.ts'
import { formatPg, type PlacementGroup } from './messages/placement.ts'
import type { MonClient } from './mon-client.ts'
import type { ObjectPlace } from './object-hash.ts'

export interface Placement {
  /** Of the map that the monitor looked at. */
  readonly epoch: number
  /** Ids of the OSDs that serve the group now. */
  readonly acting: readonly number[]
  /** The one to ask; -1 when there is none now. */
  readonly primary: number
}

const GROUPS_MAX = 65_536

export class Placements {
  readonly #monitors: MonClient
  #epoch = -1
  /** Of one epoch; at most one per group that is in use. */
  #known = new Map<string, Promise<Placement>>()
  /** The last answer of every group that was ever in use. Limit: GROUPS_MAX, then all are forgotten. */
  readonly #last = new Map<string, Placement>()

  constructor(monitors: MonClient) {
    this.#monitors = monitors
  }

  /** Where an object is now. Rejects as `MonClient.command()`, and with INK_INCOMPATIBLE when the hashes differ. */
  async of(map: OsdMap, pool: NamedPool, place: ObjectPlace, object: string, namespace: string): Promise<Placement> {
    if (map.epoch !== this.#epoch) {
      this.#epoch = map.epoch
      this.#known = new Map()
    }
    const group = formatPg(place.group)
    const known = this.#known.get(group)
    const asked = known ?? this.#ask(map, pool, place.group, object, namespace)
    if (known === undefined) this.#remember(map, group, asked)
    const last = this.#last.get(group)
    return last === undefined ? asked : this.#unlessLost(asked, { ...last, epoch: map.epoch })
  }

  #remember(map: OsdMap, group: string, asked: Promise<Placement>): void {
    const all = this.#known
    all.set(group, asked)
    asked.then(
      (placement) => {
        if (this.#last.size >= GROUPS_MAX) this.#last.clear()
        this.#last.set(group, placement)
        // A monitor that is behind is asked again.
        if (placement.epoch < map.epoch) all.delete(group)
      },
      () => all.delete(group),
    )
  }

  /** The answer, or `guess` as soon as there is no monitor to give one. */
  #unlessLost(asked: Promise<Placement>, guess: Placement): Promise<Placement> {
    return new Promise((resolve, reject) => {
      const states = this.#monitors.state$.subscribe(({ name }) => {
        if (name === 'hunting') resolve(guess)
      })
      asked.then(resolve, reject).finally(() => states.unsubscribe())
    })
  }

  async #ask(
    map: OsdMap,
    pool: NamedPool,
    group: PlacementGroup,
    object: string,
    namespace: string,
  ): Promise<Placement> {
    const nspace = namespace === '' ? {} : { nspace: namespace }
    const command = { prefix: 'osd map', pool: pool.name, object, ...nspace, format: 'json' }
    // Whoever needs the answer has a deadline; that of the question would end others, too.
    const { output } = await this.#monitors.command(command, { timeoutMs: Infinity })
    const answer = readAnswer(output)
    const expected = formatPg(group)
    if (answer.epoch === map.epoch && answer.group !== expected) {
      const text = `the monitor puts ${object} into ${answer.group}, and this side into ${expected}`
      throw new InkwireError('INK_INCOMPATIBLE', `${text}: the hash of names is another one here`)
    }
    return answer
  }
}

interface OsdMapAnswer {
  readonly epoch?: unknown
  readonly pgid?: unknown
  readonly acting?: unknown
  readonly acting_primary?: unknown
}

function readAnswer(output: Uint8Array): Placement & { readonly group: string } {
  let answer: OsdMapAnswer
  try {
    answer = JSON.parse(new TextDecoder().decode(output)) as OsdMapAnswer
  } catch (cause) {
    throw new InkwireError('INK_DECODE_FAILED', 'the answer to `osd map` is no JSON', { cause })
  }
  const { epoch, pgid, acting, acting_primary: primary } = answer ?? {}
  const isAnswer = Number.isInteger(epoch) && Number.isInteger(primary) && typeof pgid === 'string'
  if (!isAnswer || !Array.isArray(acting) || !acting.every((id) => Number.isInteger(id))) {
    throw new InkwireError('INK_DECODE_FAILED', 'the answer to `osd map` lacks epoch, pgid, acting or acting_primary')
  }
  return { epoch: epoch as number, group: pgid, acting: acting as number[], primary: primary as number }
}
