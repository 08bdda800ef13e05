/** A lookup whose sight a test decides, and messengers that find each other in the simulator. */
import type { Lookup, LookupWorld, PeerRecord } from '../../../src/discovery/index.ts'
import type { Simulation } from '../../../src/testing/index.ts'

/** Says what it is told to say. */
export class Oracle implements Lookup {
  readonly name: string
  world: LookupWorld | null = null
  stops = 0

  constructor(name = 'oracle') {
    this.name = name
  }

  start(world: LookupWorld): { stop: () => Promise<void> } {
    this.world = world
    return {
      stop: () => {
        this.stops++
        return Promise.resolve()
      },
    }
  }

  says(...records: PeerRecord[]): void {
    this.world?.seen(records)
  }
}

export function settle(sim: Simulation, ms = 50): Promise<void> {
  return new Promise((resolve) => void sim.clock.host().setTimer(resolve, ms))
}
