/**
 * What daemons and the client have in common: a messenger over a transport that is cut at random, and a lossless session
 * with the monitor, to which the process reports several times a second and from which it hears where the daemons are.
 */
import { losslessClient, Messenger, tcp } from 'inkwire'
import type { Connection, PolicyMap } from 'inkwire'
import { ChaosTransport } from './chaos-transport.ts'
import { look } from './control.ts'
import type { ProcessConfig } from './control.ts'
import { addressesOf, Boot, OsdMap, Report } from './messages.ts'
import type { Addresses } from './messages.ts'
import { hashOf, seededRandom } from './random.ts'
import { Tally } from './tally.ts'

const REPORT_EVERY_MS = 250

/** The monitor and the daemons are on this host, and a killed daemon is back within a second: waiting long is no use. */
export const BACKOFF = { firstMs: 20, maxMs: 500 }

export class Service {
  readonly messenger: Messenger
  readonly tally: Tally
  readonly chaos: ChaosTransport
  readonly #config: ProcessConfig
  #monitor: Connection | null = null
  #reports = 0
  #timer: NodeJS.Timeout | undefined

  constructor(config: ProcessConfig, policies: PolicyMap) {
    this.#config = config
    const { name, cutEveryMs, seed } = config
    this.chaos = new ChaosTransport(tcp(), cutEveryMs, seededRandom(seed ^ hashOf(name)))
    this.messenger = new Messenger({
      name,
      policies: { ...policies, mon: losslessClient({ backoff: BACKOFF }) },
      transports: [this.chaos],
    })
    look(this.messenger, config)
    this.tally = new Tally(this.messenger, this.chaos, (line) => this.log(line))
  }

  log(line: string): void {
    process.stderr.write(`${this.#config.name}: ${line}\n`)
  }

  /** Listens at the wanted address, or anywhere when somebody else has it by now: the monitor's map tells everybody. */
  async bind(): Promise<string> {
    const wanted = this.#config.address
    if (wanted !== null) {
      try {
        return await this.messenger.bind(wanted)
      } catch (error) {
        this.log(`${String(error)}; taking another port`)
      }
    }
    return this.messenger.bind('tcp://127.0.0.1:0')
  }

  /** Reports to the monitor from now on, and cuts links. `address` is empty for who does not listen. */
  join(address: string, onMap: (addresses: Addresses) => void): void {
    this.messenger.on(OsdMap, (map) => onMap(addressesOf(map)))
    this.#monitor = this.messenger.connect(this.#config.monitor ?? '', { name: 'mon.0' })
    this.#monitor.send(Boot({ name: this.#config.name, address }))
    this.#timer = setInterval(() => this.#monitor?.send(this.#report()), REPORT_EVERY_MS)
    this.chaos.start()
  }

  /** Cuts no more links, and resolves when the monitor has the last report. */
  async quiet(): Promise<void> {
    this.chaos.stop()
    clearInterval(this.#timer)
    await this.#monitor?.deliver(this.#report())
  }

  #report(): ReturnType<typeof Report> {
    this.#reports++
    return Report({ number: this.#reports, counters: this.tally.read() })
  }
}
