/** The usual stage of a test of objects: a monitor, OSDs and a client of the pool, closed when the test is through. */
import type { MonClient, ObjectClient, ObjectClientOptions } from '../../../src/ceph/index.ts'
import type { Messenger } from '../../../src/index.ts'
import { FakeCluster } from './fake-cluster.ts'
import type { FakeMonitor, FakeOsd } from './fake-cluster.ts'

export interface Lab {
  readonly cluster: FakeCluster
  readonly monitor: FakeMonitor
  /** The first OSD, and all of them. */
  readonly osd: FakeOsd
  readonly osds: readonly FakeOsd[]
  readonly messenger: Messenger
  readonly monitors: MonClient
  readonly objects: ObjectClient
}

export interface LabOptions {
  /** How many OSDs; default 1. */
  readonly osds?: number
  /** Of the client of objects. */
  readonly client?: Partial<ObjectClientOptions>
}

/** Runs `body` in simulated time, and closes the clients after it. */
export async function inLab(body: (lab: Lab) => Promise<void>, options: LabOptions = {}): Promise<void> {
  const cluster = new FakeCluster()
  await cluster.sim.run(async () => {
    const monitor = await cluster.monitor()
    const osd = await cluster.osd()
    for (let id = 1; id < (options.osds ?? 1); id++) await cluster.osd()
    const { messenger, monitors, objects: open, close } = cluster.client()
    const objects = open(options.client)
    await body({ cluster, monitor, osd, osds: cluster.osds, messenger, monitors, objects })
    await objects.close()
    await close()
  })
}

/** The bytes of a text. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
