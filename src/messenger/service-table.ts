/**
 * Which services there are, and which of them a message is for: by its number, or by a type that one watches.
 *
 * No two have the same number or watch the same type. Limit: 64 services.
 */
import { InkwireError } from '../common/errors.ts'
import type { Service } from './service.ts'

const SERVICES_MAX = 64

export class ServiceTable {
  #all: readonly Service[] = []
  readonly #numbers = new Map<number, Service>()
  /** Those that wait in no queue; null while there are none. */
  #atOnce: Set<number> | null = null
  /** Null while nobody watches a type: then it costs a message nothing. */
  #types: Map<number, Service> | null = null

  get all(): readonly Service[] {
    return this.#all
  }

  has(service: Service): boolean {
    return this.#all.includes(service)
  }

  /** @throws InkwireError `INK_BAD_ARGUMENT`: no room, or something that it calls its own is another's. */
  add(service: Service): void {
    const taken = this.#taken(service)
    if (taken !== null) throw new InkwireError('INK_BAD_ARGUMENT', `useService(): ${taken}`)
    this.#set([...this.#all, service])
  }

  remove(service: Service): void {
    this.#set(this.#all.filter((other) => other !== service))
  }

  numbered(number: number): Service | undefined {
    return this.#numbers.get(number)
  }

  watching(type: number): Service | undefined {
    return this.#types?.get(type)
  }

  watches(type: number): boolean {
    return this.#types !== null && this.#types.has(type)
  }

  /** False while no service takes its messages at once. */
  get hasAtOnce(): boolean {
    return this.#atOnce !== null
  }

  isAtOnce(number: number): boolean {
    return this.#atOnce !== null && this.#atOnce.has(number)
  }

  /** Why there is no place for it; null: there is. */
  #taken(service: Service): string | null {
    if (this.#all.length >= SERVICES_MAX) return `there are ${SERVICES_MAX} services, the limit`
    const twin = service.number === undefined ? undefined : this.#numbers.get(service.number)
    if (twin !== undefined) return `the number ${service.number} of ${service.name} is that of ${twin.name} already`
    if (this.has(service)) return `${service.name} is used already: remove it first, or make another one`
    const type = service.types?.find((one) => this.#types?.has(one))
    if (type === undefined) return null
    return `${service.name} watches type ${type}, which is that of ${this.#types?.get(type)?.name} already`
  }

  #set(all: readonly Service[]): void {
    this.#all = all
    this.#numbers.clear()
    this.#types = this.#atOnce = null
    for (const service of all) {
      if (service.number !== undefined) this.#numbers.set(service.number, service)
      if (service.number !== undefined && service.atOnce === true) (this.#atOnce ??= new Set()).add(service.number)
      for (const type of service.types ?? []) (this.#types ??= new Map()).set(type, service)
    }
  }
}
