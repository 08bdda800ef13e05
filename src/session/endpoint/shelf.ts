/** Sessions by key, where several may have the same one: in the order in which they came. Most keys have one. */
export class Shelf<S extends object> {
  readonly #byKey = new Map<string, S | S[]>()

  add(key: string, member: S): void {
    const there = this.#byKey.get(key)
    if (there === undefined) this.#byKey.set(key, member)
    else if (!Array.isArray(there)) this.#byKey.set(key, there === member ? member : [there, member])
    else if (!there.includes(member)) there.push(member)
  }

  remove(key: string, member: S): void {
    const there = this.#byKey.get(key)
    if (there === member) this.#byKey.delete(key)
    if (!Array.isArray(there)) return
    const left = there.filter((one) => one !== member)
    if (left.length === 0) this.#byKey.delete(key)
    else this.#byKey.set(key, left.length === 1 ? (left[0] as S) : left)
  }

  has(key: string): boolean {
    return this.#byKey.has(key)
  }

  /** All under this key, the oldest first. */
  all(key: string): readonly S[] {
    const there = this.#byKey.get(key)
    return there === undefined ? [] : Array.isArray(there) ? there : [there]
  }

  /** The oldest one under this key that is wanted. */
  find(key: string, wanted: (member: S) => boolean): S | undefined {
    const there = this.#byKey.get(key)
    if (there === undefined) return undefined
    if (Array.isArray(there)) return there.find(wanted)
    return wanted(there) ? there : undefined
  }
}
