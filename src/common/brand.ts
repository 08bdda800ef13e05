/**
 * How objects of this package are known whichever installation of it made them: by a symbol of the whole process, not by class.
 *
 * Asked of whatever user code throws or hands over, also of a proxy that was revoked: so the question never throws.
 */
export function isBranded(value: unknown, brand: symbol): boolean {
  if (typeof value !== 'object' || value === null) return false
  try {
    return (value as Readonly<Record<symbol, unknown>>)[brand] === true
  } catch {
    return false
  }
}
