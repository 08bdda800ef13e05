/**
 * Who is who: a messenger's identity as Ceph's addresses, and a Ceph peer's addresses as an identity.
 *
 * Ceph has no instance ids; what stands for one is the name, and everything that an incarnation's addresses say, nonce
 * included. Addresses are only said and anybody can say them, so without the name they are nobody's. A monitor's nonce is
 * always 0, so a restarted monitor looks the same; its cookies tell. Our own nonce is taken from our instance.
 */
import { crc32c } from '../../wire/crc32c.ts'
import type { AddressNotation, Identity } from '../../wire/wire.ts'
import {
  BLANK,
  entityAddress,
  formatEntity,
  hostOf,
  parseEntity,
  parseVector,
  portOf,
  raceKey,
  sameEntity,
  sameSocket,
  writeVector,
  type EntityAddress,
} from './address.ts'
import { Writer } from './codec.ts'
import { ENTITY_MON, entityType } from './format.ts'

const WILDCARDS = ['0.0.0.0', '::']

/** The nonce of an instance: its first 32 bits, and never 0, which is for monitors. */
export function nonceOf(instance: string): number {
  return Number.parseInt(instance.slice(0, 8), 16) || 1
}

/** What we call ourselves: where we are bound, or, when nobody can dial us, the IP that the peer sees. */
export function ourAddresses(self: Identity, seen: EntityAddress): EntityAddress[] {
  const bound = boundAddresses(self, seen)
  if (bound.length > 0) return bound
  return [entityAddress('any', hostOf(seen) || '0.0.0.0', 0, nonceOf(self.instance)) ?? BLANK]
}

/**
 * The same, for who dialled us: diallers go only on with who says that it is where they dialled. So that is among them
 * also when it has no nonce, or when we are bound to a wildcard.
 */
export function addressesDialled(self: Identity, seen: EntityAddress, dialled: EntityAddress): EntityAddress[] {
  if (portOf(dialled) === 0) return ourAddresses(self, seen)
  const own = boundAddresses(self, seen)
  return own.some((address) => sameEntity(address, dialled)) ? own : [...own, dialled]
}

/** Where we are bound. For a wildcard stands the IP that the peer sees; while it has seen none, nothing does. */
function boundAddresses(self: Identity, seen: EntityAddress): EntityAddress[] {
  return self.addresses
    .map(parseEntity)
    .map((bound) => {
      if (bound === null || !isAnywhere(bound)) return bound
      return entityAddress(bound.type, hostOf(seen), portOf(bound), bound.nonce)
    })
    .filter((address) => address !== null)
}

/** True for whom a dialler means. Only what is certainly another address is refused: behind a wildcard any place may be ours. */
export function isOurs(self: Identity, target: EntityAddress): boolean {
  const own = self.addresses.map(parseEntity).filter((address) => address !== null)
  if (own.length === 0 || own.some(isAnywhere)) return target.nonce === 0 || target.nonce === nonceOf(self.instance)
  return own.some((address) => sameSocket(address, target) && (target.nonce === 0 || target.nonce === address.nonce))
}

/** A wildcard: every address of a host. */
function isAnywhere(address: EntityAddress): boolean {
  return WILDCARDS.includes(hostOf(address))
}

/** What such an acceptor calls itself to everybody: without the address that has no nonce, where the same has one. */
export function withoutDialled(addresses: readonly EntityAddress[]): readonly EntityAddress[] {
  const isNamed = (bare: EntityAddress): boolean => addresses.some((one) => one.nonce !== 0 && sameSocket(one, bare))
  return addresses.filter((address) => address.nonce !== 0 || !isNamed(address))
}

/** The number of an entity name such as `osd.3`; null for `client.admin`. */
export function numberOf(name: string): bigint | null {
  const id = name.slice(name.indexOf('.') + 1)
  return /^\d{1,18}$/.test(id) ? BigInt(id) : null
}

/**
 * The number that we call ourselves by. A daemon has it in its name. A client's is the one that a monitor gave it: to OSDs a
 * write is known by that number, so a name of which there may be another run is taken only while there is nothing better.
 */
export function ourNumber(name: string, globalId: bigint | null): bigint {
  const own = numberOf(name)
  return (name.startsWith('client.') ? (globalId ?? own) : (own ?? globalId)) ?? -1n
}

/** The number of a peer that proved a name; null when what it says counts: nothing was proved, or any monitor was. */
export function numberProven(entityBit: number, name: string | null, globalId: bigint): bigint | null {
  if (name === null || entityBit === ENTITY_MON) return null
  return (entityType(entityBit) === 'client' ? null : numberOf(name)) ?? globalId
}

/** A peer, from what its handshake said and proved. */
export function identityOf(entityBit: number, gid: bigint, addresses: readonly EntityAddress[]): Identity {
  const type = entityType(entityBit) ?? `type${entityBit}`
  const name = `${type}.${gid < 0n ? '?' : gid}`
  const dialled = addresses.filter((address) => address.type === 'v2' && portOf(address) > 0)
  const writer = new Writer().text(name)
  writeVector(writer, addresses)
  return {
    name,
    instance: digest(writer.done()),
    addresses: dialled.slice(0, 8).map(formatEntity),
  }
}

/** Under which name its attempts are remembered. A client has another number with each login, and one key for all. */
export function accountOf({ name, principal = null }: Identity): string {
  return principal !== null && name.startsWith('client.') ? principal : name
}

/** Not a secret, and not proof of anything: 128 bits that differ where the bytes differ. */
function digest(bytes: Uint8Array): string {
  return [0, 1, 2, 3]
    .map((seed) => crc32c(bytes, 0, bytes.length, salted(seed, bytes.length)).toString(16).padStart(8, '0'))
    .join('')
}

/** One CRC is linear in its seed, so each of the four gets bytes of its own in front. */
function salted(seed: number, length: number): number {
  return crc32c(Uint8Array.of(seed * 85, length & 0xff, seed), 0, 3)
}

/** `v2:10.0.0.1:3300/0`, `[v2:…,v1:…]`, and `tcp://10.0.0.1:3300` for the same. */
export const NOTATION: AddressNotation = Object.freeze({
  example: 'v2:10.0.0.1:3300/0',
  parse(text: string) {
    const vector = parseVector(text)
    const address = vector === null ? ofTransport(text, 0) : vector.find(({ type }) => type === 'v2')
    if (address === null || address === undefined) return null
    return { text: formatEntity(address), dial: `tcp://${bracketed(hostOf(address))}:${portOf(address)}` }
  },
  format(address: string, instance: string, name: string) {
    // Everybody knows a monitor by its address alone.
    const entity = ofTransport(address, name.startsWith('mon.') ? 0 : nonceOf(instance))
    return entity === null ? address : formatEntity(entity)
  },
  entity(addresses: readonly string[]) {
    return raceKey(addresses.map(parseEntity).filter((address) => address !== null))
  },
})

function ofTransport(text: string, nonce: number): EntityAddress | null {
  const match = /^tcp:\/\/(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text)
  return match === null ? null : entityAddress('v2', match[1] ?? match[2] ?? '', Number(match[3]), nonce)
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
