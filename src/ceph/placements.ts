/**
 * Which OSD answers for a placement group: asked of the monitors, and remembered as long as the map stays the same.
 *
 * Clients of Ceph compute this with CRUSH; this one asks `osd map` once per group and epoch, which is exact, costs a round
 * trip, and knows every exception (upmaps, temporary primaries) that the cluster has. What the monitor says about the
 * group is held against our own hash, so that a request never goes to the wrong one in silence.
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

export class Placements {
  readonly #monitors: MonClient
  #epoch = -1
  /** Of one epoch; at most one per group that is in use. */
  #known = new Map<string, Promise<Placement>>()

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
    if (known !== undefined) return known
    const asked = this.#ask(map, pool, place.group, object, namespace)
    this.#known.set(group, asked)
    const all = this.#known
    // What failed, or came from a monitor that is behind, is asked again.
    asked.then(
      ({ epoch }) => epoch < map.epoch && all.delete(group),
      () => all.delete(group),
    )
    return asked
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
