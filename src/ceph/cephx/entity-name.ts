/**
 * Entity names as cephx writes them, and what they say about who may be whom.
 *
 * A name is a type and an id: `client.admin`, `osd.3`. All monitors share one, `mon.`, and one key.
 */
import { AuthRefused } from '../../wire/auth-method.ts'
import type { Reader, Writer } from '../msgr2/codec.ts'
import { bitOf, entityType } from '../msgr2/format.ts'

/** What every monitor proves to be. */
export const MONITORS = 'mon.'

/** Type and id, as the protocol wants them. */
export function writeEntityName(writer: Writer, name: string): void {
  writer.u32(bitOf(name)).text(name.slice(name.indexOf('.') + 1))
}

/** Throws AuthRefused for a type that does not exist, or an id that cannot stand in a reason. */
export function readEntityName(reader: Reader): string {
  const bit = reader.u32()
  const id = reader.text()
  const type = entityType(bit)
  if (type === undefined) throw new AuthRefused(`an entity of type ${bit}, which does not exist`)
  if (!/^[\w.?-]{0,64}$/.test(id)) throw new AuthRefused('an entity name with an id that is none')
  return `${type}.${id}`
}
