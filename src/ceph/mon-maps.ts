/**
 * The maps that a client holds, and how they grow from what monitors send: whole maps replace, changes are applied.
 *
 * Maps only grow: an older one, or one that is known, changes nothing. A gap asks for the whole map.
 */
import { InkwireError } from '../common/errors.ts'
import type { MonMap } from './messages/mon-map.ts'
import { applyIncremental, readOsdMap, type OsdMap } from './messages/osd-map.ts'
import type { OsdMapBody } from './messages/osd-map-message.ts'
import type { Subscription } from './messages/mon-subscribe.ts'

export class MonMaps {
  monMap: MonMap | null = null
  osdMap: OsdMap | null = null
  /** True when the client wants the map of OSDs. */
  wantsOsdMap = false

  /** What to subscribe to, from what is known on; `whole` asks for the map of OSDs anew. */
  topics(whole = false): Map<string, Subscription> {
    const from = (map: { readonly epoch: number } | null): Subscription => ({
      start: map === null ? 0 : map.epoch + 1,
      once: false,
    })
    const topics = new Map([
      ['config', from(null)],
      ['monmap', from(this.monMap)],
    ])
    if (this.wantsOsdMap) topics.set('osdmap', from(whole ? null : this.osdMap))
    return topics
  }

  /** True when the map is newer. Throws INK_INCOMPATIBLE for one of another cluster. */
  takeMonMap(map: MonMap): boolean {
    this.#check(map.fsid)
    if (this.monMap !== null && map.epoch <= this.monMap.epoch) return false
    this.monMap = map
    return true
  }

  /**
   * What came of a message with maps: nothing new, a newer map, or a gap before what it held.
   *
   * Throws INK_DECODE_FAILED, and INK_INCOMPATIBLE for maps of another cluster.
   */
  takeOsdMap(body: OsdMapBody): 'known' | 'newer' | 'gap' {
    this.#check(body.fsid)
    let map = this.osdMap
    const whole = Math.max(0, ...body.maps.keys())
    if (whole > (map?.epoch ?? 0)) map = readOsdMap(body.maps.get(whole)!)
    for (const epoch of [...body.changes.keys()].sort((a, b) => a - b)) {
      if (map === null) return 'gap'
      if (epoch <= map.epoch) continue
      const next = applyIncremental(map, body.changes.get(epoch)!)
      if (next === null) return 'gap'
      map = next
    }
    if (map === null || map.epoch === this.osdMap?.epoch) return 'known'
    this.osdMap = map
    return 'newer'
  }

  #check(fsid: string): void {
    const known = this.monMap?.fsid
    if (known === undefined || known === fsid) return
    throw new InkwireError('INK_INCOMPATIBLE', `this monitor is of the cluster ${fsid}, and the one before of ${known}`)
  }
}
