/**
 * The attempts that a messenger has heard of, and when: by them an old one is told from a new one.
 *
 * Limit: the last attempts of 16384 instances; one that was forgotten counts as never heard of. What makes room is the
 * oldest of whoever has most of them, so that nobody is forgotten because somebody else wears one address after another.
 */

const HEARD_MAX = 16384

interface Attempt {
  readonly globalSeq: bigint
  readonly moment: number
}

export class Heard {
  /** How many attempts were heard of: the clock by which they are told apart from what was said between them. */
  #moment = 0
  #size = 0
  /** By name, then by instance, the oldest first. */
  readonly #byName = new Map<string, Map<string, Attempt>>()

  get moment(): number {
    return this.#moment
  }

  /** A peer took part in an establishment: it has reached this number. */
  hear(name: string, instance: string, globalSeq: bigint): void {
    const of = this.#byName.get(name) ?? new Map<string, Attempt>()
    this.#byName.set(name, of)
    if (!of.delete(instance)) this.#size++
    of.set(instance, { globalSeq, moment: ++this.#moment })
    if (this.#size > HEARD_MAX) this.#forgetOne()
  }

  /** The last attempt of this instance of the name, if it was heard of after `moment`. */
  since(moment: number, name: string, instance: string): bigint | null {
    const attempt = this.#byName.get(name)?.get(instance)
    return attempt !== undefined && attempt.moment > moment ? attempt.globalSeq : null
  }

  #forgetOne(): void {
    let largest = { name: '', size: 0 }
    for (const [name, { size }] of this.#byName) if (size > largest.size) largest = { name, size }
    const of = this.#byName.get(largest.name)
    for (const oldest of of?.keys() ?? []) {
      of?.delete(oldest)
      break
    }
    this.#size--
    if (of?.size === 0) this.#byName.delete(largest.name)
  }
}
