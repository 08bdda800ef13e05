/** By which others learn what an observer knows: its admin socket, its stat file and its dashboard, as far as they were asked for. */
import { wordsOf } from '../common/errors.ts'
import { AdminServer } from './admin/admin-server.ts'
import type { Asked } from './admin/asked.ts'
import { StatFile } from './admin/stat-file.ts'
import { boundedSnapshot, boundedTraces } from './bounds.ts'
import { DashboardServer, type Look } from './dashboard/dashboard-server.ts'
import type { ResolvedObserve } from './options.ts'

export class Doors {
  readonly #asked: Asked
  readonly #stat: StatFile | null
  readonly #admin: AdminServer | null
  readonly #dashboard: DashboardServer | null

  /** @throws InkwireError `INK_BIND_FAILED` when the stat file cannot be made; nothing has begun then. */
  constructor(asked: Asked, { stat, admin, dashboard, dashboardToken }: ResolvedObserve) {
    this.#asked = asked
    this.#stat = stat === null ? null : new StatFile(stat)
    this.#admin = admin === null ? null : new AdminServer(asked, admin)
    this.#dashboard = dashboard === null ? null : new DashboardServer(dashboard, () => this.#look(), dashboardToken)
  }

  /** Where a browser finds the dashboard; '' where there is none, or it does not listen yet. */
  get dashboardUrl(): string {
    return this.#dashboard?.url ?? ''
  }

  /**
   * Resolves when whoever may ask can. Unheard, a failure is a warning of the process.
   *
   * @throws InkwireError as a rejection: `INK_ADDRESS_IN_USE`, `INK_BIND_FAILED`.
   */
  open(): Promise<void> {
    const ready = Promise.all([this.#admin?.listen(), this.#dashboard?.listen()]).then(() => undefined)
    ready.catch((error: unknown) => {
      process.emitWarning(`${this.#asked.messenger.name}: ${wordsOf(error)}`, 'InkwireWarning')
    })
    return ready
  }

  /** It was looked: who cannot ask reads this. */
  looked(): void {
    this.#stat?.write(this.#asked.snapshot())
  }

  close(): void {
    this.#admin?.close()
    this.#dashboard?.close()
    this.#stat?.close()
  }

  #look(): Look {
    const of = this.#asked.messenger.name
    return {
      snapshots: [boundedSnapshot(this.#asked.snapshot())],
      traces: boundedTraces(this.#asked.trace()).map((one) => ({ of, ...one })),
      errors: [],
    }
  }
}
