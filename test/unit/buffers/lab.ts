/** Messengers that lend each other buffers, in the simulator. */
import {
  BufferError,
  buffers,
  type BufferReason,
  type Buffers,
  type BuffersOptions,
} from '../../../src/buffers/index.ts'
import { peer, type Messenger, type Policy } from '../../../src/index.ts'
import { Simulation, type CrashKind, type SimulationOptions } from '../../../src/testing/index.ts'

export interface Party {
  readonly messenger: Messenger
  readonly buffers: Buffers
}

export class Lab {
  readonly sim: Simulation
  readonly messengers: Messenger[] = []

  constructor(options: SimulationOptions = { seed: 1 }) {
    this.sim = new Simulation(options)
  }

  /** One that listens on the host of its name. */
  async party(name: string, options: BuffersOptions = {}, policy: Policy = peer()): Promise<Party> {
    const messenger = this.sim.messenger(name, { policies: { default: policy } })
    this.messengers.push(messenger)
    await messenger.bind(`sim://${name}:6800`)
    return { messenger, buffers: buffers(messenger, options) }
  }

  /** The process of this name is no more. */
  crash(name: string, kind: CrashKind = 'reset'): void {
    this.sim.crash(name, kind)
    this.messengers.splice(
      this.messengers.findIndex((messenger) => messenger.name === name),
      1,
    )
  }

  settle(ms = 50): Promise<void> {
    return new Promise((resolve) => void this.sim.clock.host().setTimer(resolve, ms))
  }

  async close(): Promise<void> {
    await Promise.all(this.messengers.map((messenger) => messenger.close()))
  }
}

/** Runs `body` in simulated time. */
export async function inLab(body: (lab: Lab) => Promise<void>, options?: SimulationOptions): Promise<void> {
  const lab = new Lab(options)
  await lab.sim.run(async () => {
    await body(lab)
    await lab.close()
  })
}

/** Bytes of which each tells its place. */
export function pattern(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let index = 0; index < length; index++) bytes[index] = index * 31 + (index >> 8) * 7 + seed
  return bytes
}

/** The error of a transfer that must fail. */
export async function failureOf(transfer: Promise<unknown>): Promise<BufferError> {
  try {
    await transfer
  } catch (thrown) {
    if (thrown instanceof BufferError) return thrown
    throw thrown
  }
  throw new Error('the transfer did not fail')
}

export async function reasonOf(transfer: Promise<unknown>): Promise<BufferReason | 'done'> {
  try {
    await transfer
    return 'done'
  } catch (thrown) {
    if (thrown instanceof BufferError) return thrown.reason
    throw thrown
  }
}
