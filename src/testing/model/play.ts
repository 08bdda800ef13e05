/**
 * One step of the model's world, as it is made: a scene, and the connections that act in it. Each is a driver made from its
 * plain data when the step comes to it, and becomes plain data again in the state that the step leads to.
 */
import { BrokenLaw } from './broken-law.ts'
import { ModelDriver } from './model-driver.ts'
import { Scene } from './scene.ts'
import type { DriverState, TableEntry, WorldState } from './state.ts'

export class Play extends Scene {
  readonly #drivers = new Map<string, ModelDriver>()

  override driver(index: number, uid: number): ModelDriver {
    const key = `${index}/${uid}`
    const known = this.#drivers.get(key)
    if (known !== undefined) return known
    const state = this.node(index).drivers.find((one) => one.uid === uid)
    if (state === undefined) throw new BrokenLaw(`node ${index} has no connection ${uid}`)
    const driver = new ModelDriver(this, index, { ...state, inbox: [...state.inbox] })
    this.#drivers.set(key, driver)
    return driver
  }

  override driversOf(index: number): ModelDriver[] {
    return this.node(index).drivers.map(({ uid }) => this.driver(index, uid))
  }

  addDriver(index: number, role: DriverState['role'], target: number | null, expectName: string | null): ModelDriver {
    const node = this.node(index)
    const uid = node.nextDriver++
    const dialled = role === 'initiator' ? target : null
    const fresh: TableEntry = { uid, role, dialled, expectName, life: 'running', peer: null, standing: 'waits' }
    node.table = [...node.table, fresh]
    const driver = new ModelDriver(this, index, {
      uid,
      role,
      target,
      shown: role === 'initiator',
      life: 'running',
      inbox: [],
      session: null,
    })
    this.#drivers.set(`${index}/${uid}`, driver)
    node.drivers.push(driver.save())
    return driver
  }

  /** The state that the step leads to. */
  override finish(): WorldState {
    for (const [key, driver] of this.#drivers) {
      const [index, uid] = key.split('/').map(Number) as [number, number]
      const node = this.node(index)
      const at = node.drivers.findIndex((one) => one.uid === uid)
      if (at >= 0) node.drivers[at] = driver.save()
    }
    return super.finish()
  }
}
