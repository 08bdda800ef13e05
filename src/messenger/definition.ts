/** What `defineMessage()` and `defineCall()` check alike: a number on the wire, a name for people, and codecs. */
import { InkwireError } from '../common/errors.ts'
import { describe, onlyKnown } from '../common/options.ts'

/** A kind of message or call, as its user defines it. */
interface Definition {
  readonly type: number
  readonly name: string
  readonly version?: number | undefined
}

/**
 * Throws `INK_BAD_ARGUMENT` for what is no definition.
 *
 * @param like a name for examples.
 * @param codecs where the codecs are, and what each is called in a sentence.
 */
export function checkDefinition(
  what: string,
  like: string,
  definition: Definition,
  codecs: Readonly<Record<string, string>>,
): void {
  const places = Object.keys(codecs)
  if (typeof definition !== 'object' || (definition as unknown) === null) {
    const example = `{ type: 1, name: '${like}', ${places.join(', ')} }`
    throw badArgument(`${what} takes an object such as ${example}, not ${describe(definition)}`)
  }
  onlyKnown(what, definition, ['type', 'name', ...places, 'version'])
  const { type, name, version = 0 } = definition
  uint16(what, 'type', type)
  uint16(what, 'version', version)
  if (typeof name !== 'string' || name === '') {
    throw badArgument(`${what}: name must be a string such as '${like}', not ${describe(name)}`)
  }
  const given = definition as unknown as Readonly<Record<string, { encode?: unknown; decode?: unknown } | undefined>>
  for (const [place, called] of Object.entries(codecs)) {
    const codec = given[place]
    if (typeof codec?.encode === 'function' && typeof codec.decode === 'function') continue
    throw badArgument(`${what}: ${called} of ${name} needs encode() and decode(), as every pbjs static class has`)
  }
}

function uint16(what: string, name: string, value: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= 0xffff) return
  throw badArgument(`${what}: ${name} must be a whole number from 0 to 65535, not ${describe(value)}`)
}

/** A caller's mistake. */
export function badArgument(message: string): InkwireError {
  return new InkwireError('INK_BAD_ARGUMENT', message)
}
