/** Urgent messages beside large ones, over links whose buffers hold megabytes, as those of a kernel do. */
import t from 'tap'
import { losslessClient, losslessServer, Messenger } from '../../src/index.ts'
import { seededRandom } from '../../src/testing/simulator/random.ts'
import { SimulatedNetwork } from '../../src/testing/simulator/simulated-network.ts'
import { VirtualClock } from '../../src/testing/simulator/virtual-clock.ts'

const MIB = 1024 * 1024
const URGENT = 255

t.test('urgent messages do not wait for the megabytes in the buffers, and the link stays full', async (t) => {
  const clock = new VirtualClock()
  const network = new SimulatedNetwork({ clock, conditions: { bytesPerMs: 100_000 }, highWaterBytes: 16 * MIB })
  const life = (host: string) => ({
    transports: [network.transport(host)],
    runtime: { clock: clock.host(), random: seededRandom(host) },
  })
  const osd = new Messenger({ name: 'osd.0', policies: { default: losslessServer() }, ...life('osd.0') })
  const client = new Messenger({ name: 'client.1', policies: { default: losslessClient() }, ...life('client.1') })
  let bulkBytes = 0
  const tookMs: number[] = []
  osd.use({
    fastDispatch(message) {
      if (message.priority === URGENT) tookMs.push(clock.nowMs() - message.tid)
      else bulkBytes += message.bytes
      return true
    },
  })
  await clock.drive(
    (async () => {
      const connection = client.connect(await osd.bind('sim://osd.0:6800'))
      const data = new Uint8Array(4 * MIB)
      const urgent = (): void => void connection.send({ type: 2, priority: URGENT, tid: Math.floor(clock.nowMs()) })
      for (let message = 0; message < 16; message++) connection.send({ type: 1, data })
      await new Promise<void>((resolve) => void clock.setTimer(resolve, 100))
      await connection.deliver({ type: 2, priority: URGENT, tid: Math.floor(clock.nowMs()) })
      const [first] = tookMs
      t.ok(first! > 50, `the first one finds the buffers full: ${first} ms`)
      const startMs = clock.nowMs()
      const startBytes = bulkBytes
      for (let probe = 0; probe < 100; probe++) {
        if (probe % 4 === 0) connection.send({ type: 1, data })
        urgent()
        await new Promise<void>((resolve) => void clock.setTimer(resolve, 10))
      }
      await connection.deliver({ type: 2, priority: URGENT, tid: Math.floor(clock.nowMs()) })
      const rate = (bulkBytes - startBytes) / (clock.nowMs() - startMs)
      const later = tookMs.slice(11).sort((a, b) => a - b)
      // One chunk takes 1.3 ms here; the window lets two or three be ahead.
      t.ok(later.at(-1)! < 8, `the longest took ${later.at(-1)} ms`)
      t.ok(rate > 90_000, `${Math.round(rate)} bytes per ms`)
      await client.shutdown()
      await osd.shutdown()
    })(),
  )
})
