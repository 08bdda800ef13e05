/**
 * Whether this process serves, in the words of gRPC's health protocol: for each service by name, and for all of them.
 *
 * The whole serves while its messenger takes peers and every service that was named serves. Limit: 64 services.
 */
import { InkwireError } from '../index.ts'

/** In the words of gRPC's health protocol. */
export type HealthStatus = 'SERVING' | 'NOT_SERVING'

/** Whether this process serves, as a whole and by service. */
export interface HealthReport {
  readonly status: HealthStatus
  readonly services: Readonly<Record<string, HealthStatus>>
}

const SERVICES_MAX = 64
const NAME = /^[\w.\-/]{1,100}$/

export class Health {
  readonly #services = new Map<string, HealthStatus>()
  readonly #isRunning: () => boolean

  constructor(isRunning: () => boolean) {
    this.#isRunning = isRunning
  }

  set(service: string, status: HealthStatus): void {
    if (typeof service !== 'string' || !NAME.test(service))
      throw wrong('the name of a service is 1 to 100 of letters, digits, "_", ".", "-" and "/"')
    if (status !== 'SERVING' && status !== 'NOT_SERVING') throw wrong("a status is 'SERVING' or 'NOT_SERVING'")
    if (!this.#services.has(service) && this.#services.size >= SERVICES_MAX)
      throw wrong(`there are ${SERVICES_MAX} services, the limit`)
    this.#services.set(service, status)
  }

  report(): HealthReport {
    const services = Object.fromEntries(this.#services)
    const serves = this.#isRunning() && [...this.#services.values()].every((status) => status === 'SERVING')
    return { status: serves ? 'SERVING' : 'NOT_SERVING', services }
  }
}

function wrong(text: string): InkwireError {
  return new InkwireError('INK_BAD_ARGUMENT', `setHealth(): ${text}`)
}
