/**
 * Patterns over entity names: `osd.3` (one name), `osd.*` (a type), `*` (everybody). The most exact one decides.
 */

/** A type as in entity names, a dot, and an id without `*`, blanks or control characters; or the patterns above. */
const PATTERN = /^(\*|[A-Za-z][A-Za-z0-9_-]{0,31}\.(\*|[^*\s\p{C}]{1,200}))$/u

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
