/**
 * What is remembered about names beyond their sessions: a few strings each, the newest ones.
 *
 * What one name does makes nothing of another's forgotten, as long as that has a session here: a list is full by itself,
 * and of too many names only those go that have none. Limits: `perName` strings of a name, `namesMax` names without a
 * session beside those with one.
 */
export class Memory {
  /** In the order in which a name came, or was last found to have a session. */
  readonly #byName = new Map<string, string[]>()
  readonly #perName: number
  readonly #namesMax: number
  #count = 0

  constructor(perName: number, namesMax: number) {
    this.#perName = perName
    this.#namesMax = namesMax
  }

  /** How many strings there are, of all names. */
  get count(): number {
    return this.#count
  }

  has(name: string, what: string): boolean {
    return this.#byName.get(name)?.includes(what) === true
  }

  /** `isLive` says of a name whether it has a session. */
  add(name: string, what: string, isLive: (name: string) => boolean): void {
    const list = this.#byName.get(name)
    if (list?.includes(what) === true) return
    this.#count++
    if (list === undefined) this.#byName.set(name, [what])
    else if (list.push(what) > this.#perName) {
      list.shift()
      this.#count--
    }
    this.#forget(isLive)
  }

  /** Looks at a few of the oldest names, so that no one call costs much: those with a session go to the end. */
  #forget(isLive: (name: string) => boolean): void {
    let looks = 4
    for (const [name, list] of this.#byName) {
      if (this.#byName.size <= this.#namesMax || looks-- === 0) return
      this.#byName.delete(name)
      if (isLive(name)) this.#byName.set(name, list)
      else this.#count -= list.length
    }
  }
}
