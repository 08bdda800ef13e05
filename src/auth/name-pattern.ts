/**
 * Patterns over entity names: `osd.3` (one name), `osd.*` (a type), `*` (everybody). The most exact one decides.
 */

/** An entity name as the wire allows it, or one of the patterns above. */
const PATTERN = /^(\*|[a-z][a-z0-9_-]{0,31}\.(\*|[A-Za-z0-9_.?-]{1,64}))$/

/** Whether `text` is a pattern or a name. */
export function isNamePattern(text: unknown): text is string {
  return typeof text === 'string' && PATTERN.test(text)
}

/** Whether `text` names one entity. */
export function isName(text: string): boolean {
  return isNamePattern(text) && !text.endsWith('*')
}

/** The patterns that cover `name`, the most exact first. */
export function patternsFor(name: string): [exact: string, type: string, all: string] {
  const dot = name.indexOf('.')
  return [name, `${dot < 0 ? name : name.slice(0, dot)}.*`, '*']
}
