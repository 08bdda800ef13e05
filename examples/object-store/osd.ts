/**
 * A storage daemon.
 *
 * Why an answered put is never lost:
 * 1. The client has its answer only after the primary's copy is durable (durable-store.ts) and every replica has acked
 *    as *processed*; a replica's handler returns only when its copy is durable.
 * 2. The primary is killed: unanswered puts die with its memory, but the client's lossy session is reset, and the client
 *    sends them again. The primary writes what it lacks and replicates again, also what it finds on its own disk.
 * 3. A replica is killed: the primary gets its unacked messages back and sends them again (replicas.ts).
 * 4. A link is cut: `peer` replays and drops duplicates; `lossy` resets, and the client sends again.
 * So there is nothing to recover at a start but the staging directory: what one replica has and another lacks was never
 * answered, and somebody who remembers it is still trying.
 *
 * A handler that throws counts as handled, so a replica whose disk fails must not answer at all: it stops.
 */
import { lossy, peer } from 'inkwire'
import { runProcess, tell } from './control.ts'
import { DurableStore } from './durable-store.ts'
import { Get, Put, Replicate } from './messages.ts'
import { daemonNames, placementOf } from './placement.ts'
import { Replicas } from './replicas.ts'
import { BACKOFF, Service } from './service.ts'
import { OrderCheck } from './tally.ts'

/** Puts and gets that run at a time, of all clients: each has an object in memory. Others wait in their connections. */
const AT_ONCE = { concurrency: 32, waitingMax: 128 }

runProcess(async (config) => {
  const { name, daemons, copies } = config
  const store = await DurableStore.open(config.store)
  const service = new Service(config, {
    osd: peer({ backoff: BACKOFF }),
    client: lossy(),
  })
  const { messenger, tally } = service
  const replicas = new Replicas(messenger, tally)
  const order = new OrderCheck(tally, (line) => service.log(line))
  const everybody = daemonNames(daemons)
  messenger.use({
    onConnect: (connection) => order.restart(connection),
    onAccept: (connection) => order.restart(connection),
  })

  /** Durable here and on every other daemon of the object. */
  const putEverywhere = async (oid: string, sha256: Uint8Array, data: Uint8Array): Promise<void> => {
    const others = placementOf(oid, everybody, copies).filter((other) => other !== name)
    await Promise.all([
      store.put(oid, sha256, data),
      ...others.map((other) => replicas.replicate(other, oid, sha256, data)),
    ])
  }

  // A put that the client repeats joins the attempt that is still running, instead of doubling the work.
  const running = new Map<string, Promise<void>>()
  messenger.serve(
    Put,
    async ({ oid, sha256 }, { data }) => {
      const key = `${Buffer.from(sha256).toString('hex')} ${oid}`
      let put = running.get(key)
      if (put === undefined) {
        put = putEverywhere(oid, sha256, data).finally(() => running.delete(key))
        running.set(key, put)
      }
      await put
      return {}
    },
    AT_ONCE,
  )

  messenger.on(Replicate, async ({ oid, sha256, number }, { message, connection }) => {
    order.check(connection, connection.peer.name ?? '', number)
    try {
      await store.put(oid, sha256, message.data)
    } catch (thrown) {
      service.log(`cannot store ${oid}, and so cannot go on: ${String(thrown)}`)
      process.exit(1)
    }
  })

  messenger.serve(
    Get,
    async ({ oid }) => {
      const data = await store.get(oid)
      return data === null ? { body: { found: false } } : { body: { found: true }, data }
    },
    AT_ONCE,
  )

  const address = await service.bind()
  service.join(address, (addresses) => replicas.update(addresses))

  return {
    address,
    async onCommand({ type }) {
      if (type === 'quiet') {
        await service.quiet()
        tell({ type: 'quiet' })
      } else if (type === 'stop') {
        await messenger.shutdown()
        await store.close()
        process.exit(0)
      }
    },
  }
})
