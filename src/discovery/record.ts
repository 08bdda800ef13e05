/** Records as text, for files and stores that others write, too: whatever is no record is none. */
import { ADDRESSES_MAX, type PeerRecord } from './machine/sightings.ts'

const NAME = /^[a-z][a-z0-9_-]{0,31}\.[A-Za-z0-9_.?-]{1,64}$/
const INSTANCE = /^[0-9a-f]{32}$/
const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\/\S{1,240}$/
/** A record with sixteen addresses is below this. */
export const RECORD_BYTES_MAX = 8192

export function encodeRecord({ name, instance, sinceMs, addresses }: PeerRecord): string {
  return JSON.stringify({ name, instance, sinceMs, addresses: addresses.slice(0, ADDRESSES_MAX) })
}

/** Null: it is none. */
export function decodeRecord(text: string): PeerRecord | null {
  if (text.length > RECORD_BYTES_MAX) return null
  try {
    return checkedRecord(JSON.parse(text))
  } catch {
    return null
  }
}

/** What may have been written by anybody; null: no record. */
export function checkedRecord(given: unknown): PeerRecord | null {
  if (typeof given !== 'object' || given === null) return null
  const { name, instance = null, sinceMs = 0, addresses } = given as Partial<Record<string, unknown>>
  if (typeof name !== 'string' || !NAME.test(name)) return null
  if (instance !== null && (typeof instance !== 'string' || !INSTANCE.test(instance))) return null
  if (typeof sinceMs !== 'number' || !Number.isFinite(sinceMs) || sinceMs < 0) return null
  if (!Array.isArray(addresses) || addresses.length === 0 || addresses.length > ADDRESSES_MAX) return null
  if (!addresses.every((address): address is string => typeof address === 'string' && ADDRESS.test(address)))
    return null
  return { name, instance, sinceMs, addresses: [...addresses] }
}
