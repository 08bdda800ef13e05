/**
 * The monitor: knows where the daemons are, tells everybody, and gathers their reports.
 *
 * Its sessions are `losslessServer`: it never dials, and keeps what it has for a daemon until that daemon is back. A
 * daemon that was killed comes back as a new instance; what the old one reported last stays in the sum.
 */
import { losslessServer, Messenger, tcp } from 'inkwire'
import type { Connection } from 'inkwire'
import { ChaosTransport } from './chaos-transport.ts'
import { look, runProcess, tell } from './control.ts'
import type { Row } from './control.ts'
import { Boot, OsdMap, Report } from './messages.ts'
import { hashOf, seededRandom } from './random.ts'
import { NO_COUNTERS, OrderCheck, Tally } from './tally.ts'
import type { Counters } from './tally.ts'

const TELL_EVERY_MS = 250

runProcess(async (config) => {
  const chaos = new ChaosTransport(tcp(), config.cutEveryMs, seededRandom(config.seed ^ hashOf(config.name)))
  const policies = { osd: losslessServer(), client: losslessServer() }
  const messenger = new Messenger({ name: config.name, policies, transports: [chaos] })
  look(messenger, config)
  const log = (line: string): void => {
    process.stderr.write(`${config.name}: ${line}\n`)
  }
  const tally = new Tally(messenger, chaos, log)
  const order = new OrderCheck(tally, log)
  const daemons = new Map<string, string>()
  const audience = new Map<string, Connection>()
  const reports = new Map<string, Row>()
  let epoch = 0

  messenger.use({ onAccept: (connection) => order.restart(connection) })
  messenger.on(Boot, ({ name, address }, { connection }) => {
    audience.set(name, connection)
    if (address !== '') daemons.set(name, address)
    epoch++
    const known = [...daemons].map(([daemon, at]) => ({ name: daemon, address: at }))
    for (const listener of audience.values()) {
      if (listener.state !== 'closed') listener.send(OsdMap({ epoch, daemons: known }))
    }
  })
  messenger.on(Report, ({ number, counters }, { connection }) => {
    const { name, instance } = connection.peer
    order.check(connection, name ?? '', number)
    const row = {
      name: name ?? '',
      instance: instance ?? '',
      counters: { ...NO_COUNTERS, ...(counters as Partial<Counters>) },
    }
    reports.set(row.instance, row)
  })

  const rows = (): Row[] => [
    ...reports.values(),
    { name: config.name, instance: messenger.instance, counters: tally.read() },
  ]
  const address = await messenger.bind('tcp://127.0.0.1:0')
  chaos.start()
  setInterval(() => tell({ type: 'rows', rows: rows() }), TELL_EVERY_MS)

  return {
    address,
    async onCommand({ type }) {
      if (type === 'quiet') {
        chaos.stop()
        tell({ type: 'rows', rows: rows() })
        tell({ type: 'quiet' })
      } else if (type === 'stop') {
        await messenger.shutdown()
        process.exit(0)
      }
    },
  }
})
