/** Carries out the faults of a plan: each begins at its time, and ends by itself. */
import type { Simulation } from '../simulator/simulation.ts'
import { AWAY, HOME, hostOf, type Actor } from './actor.ts'
import type { Fault } from './plan.ts'

export class Mischief {
  readonly #sim: Simulation
  readonly #actors: readonly Actor[]

  constructor(sim: Simulation, actors: readonly Actor[]) {
    this.#sim = sim
    this.#actors = actors
  }

  begin(fault: Fault): void {
    const { network, clock } = this.#sim
    const on = 'network' in fault ? fault.network : ''
    const a = this.#host(fault.a, on)
    const b = 'b' in fault ? this.#host(fault.b, on) : a
    this.#sim.trace(`${clock.nowMs()} fault ${JSON.stringify(fault)}`)
    switch (fault.kind) {
      case 'cut':
        network.cut(a, b)
        break
      case 'cutOneSide':
        network.cutOneSide(a, b)
        break
      case 'silence':
        network.silence(a, b)
        break
      case 'stall':
        network.stall(fault.forMs, a, b)
        break
      case 'partition':
        network.partition(a, b)
        this.#end(fault.forMs, () => network.heal(a, b))
        break
      case 'blockDials':
        network.blockDials(a, b)
        this.#end(fault.forMs, () => network.heal(a, b))
        break
      case 'slow':
        network.slow(a, fault.bytesPerMs)
        this.#end(fault.forMs, () => network.slow(a, Infinity))
        break
      case 'readdress':
        this.#actors[fault.a]?.move(AWAY)
        this.#end(fault.forMs, () => this.#actors[fault.a]?.move(HOME))
        break
      case 'crash':
        this.#actors[fault.a]?.crash(fault.how)
        this.#end(fault.forMs, () => void this.#actors[fault.a]?.start())
        break
      case 'clockStep':
        this.#sim.processOn(a)?.clock.stepWall(fault.ms)
        break
    }
  }

  #end(ms: number, act: () => void): void {
    this.#sim.clock.setTimer(act, ms)
  }

  #host(index: number, on: '' | 'b'): string {
    return hostOf(this.#actors[index]?.plan.name ?? '', on)
  }
}
