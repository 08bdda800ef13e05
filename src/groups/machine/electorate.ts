/**
 * Last man standing: whose votes count follows who was in the last primary view, so that a group may shrink to two of five, step by step.
 *
 * Each member remembers the last primary view of which it knows that all its members were in it (its electors), and the later ones of
 * which it does not (attempts). A view is primary with the majority of the electors and of every attempt: any two primary views in a row
 * share a member that remembers. Who starts again remembers nothing, and counts once it was in a primary view, or in one of all
 * names. After Yeger Lotem, Keidar and Dolev, "Dynamic voting for consistent primary components". Pure.
 */
import { FieldReader, FieldWriter } from '../../common/fields.ts'

/** A primary view: its number, and the names in it that have votes. */
export interface Electors {
  readonly era: number
  readonly names: readonly string[]
}

export interface Memory {
  readonly electors: Electors
  readonly attempts: readonly Electors[]
}

/** Beyond it no view is primary before one has all names, or one of the attempts is known to have been whole. */
export const ATTEMPTS_MAX = 16

/** What several remember together; null: nothing. */
export function merged(memories: readonly Memory[]): Memory | null {
  const [first] = memories
  if (first === undefined) return null
  const electors = memories.reduce((most, { electors: each }) => (each.era > most.era ? each : most), first.electors)
  const attempts = memories.flatMap((memory) => memory.attempts).filter(({ era }) => era > electors.era)
  return { electors, attempts: distinct(attempts) }
}

/** Behind a primary view that was entered, and is not known to have been entered by all its members. */
export function attempted(memory: Memory, view: Electors): Memory {
  return { ...memory, attempts: distinct([...memory.attempts, view]) }
}

/** A view is primary when these sets all have their majority in it. */
export function electorates({ electors, attempts }: Memory): readonly Electors[] {
  return [electors, ...attempts]
}

/** Of those with the same names the last one counts. */
function distinct(attempts: readonly Electors[]): readonly Electors[] {
  const by = new Map<string, Electors>()
  for (const attempt of attempts) {
    const key = attempt.names.join('\n')
    const known = by.get(key)
    if (known === undefined || known.era < attempt.era) by.set(key, attempt)
  }
  return [...by.values()].sort((one, other) => one.era - other.era)
}

/** Names are written as bits, in the order of `voters`, in which all members agree. */
export function memoryBytes(memory: Memory | null, voters: readonly string[]): Uint8Array {
  const out = new FieldWriter()
  if (memory === null) return out.take()
  writeElectors(out, memory.electors, voters)
  out.uint16(memory.attempts.length)
  for (const attempt of memory.attempts) writeElectors(out, attempt, voters)
  return out.take()
}

/** Null: it remembers nothing, or writes what is no memory. */
export function readMemory(bytes: Uint8Array, voters: readonly string[]): Memory | null {
  const from = new FieldReader(bytes)
  const electors = readElectors(from, voters)
  const attempts = from.list(() => readElectors(from, voters))
  return from.isAtEnd && attempts.length <= ATTEMPTS_MAX ? { electors, attempts } : null
}

function writeElectors(out: FieldWriter, { era, names }: Electors, voters: readonly string[]): void {
  const bits = new Uint8Array(Math.ceil(voters.length / 8))
  voters.forEach((name, at) => {
    if (names.includes(name)) bits[at >> 3]! |= 1 << (at & 7)
  })
  out.uint48(era).raw(bits)
}

function readElectors(from: FieldReader, voters: readonly string[]): Electors {
  const era = from.uint48()
  const bits = from.raw(Math.ceil(voters.length / 8))
  return { era, names: voters.filter((_, at) => ((bits[at >> 3] ?? 0) & (1 << (at & 7))) !== 0) }
}
