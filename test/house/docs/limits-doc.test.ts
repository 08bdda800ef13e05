/** docs/LIMITS.md and the doc comments against the table in the code: every limit, once, with its default. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { BUFFERS } from '../../../src/buffers/machine/limits.ts'
import { GROUPS } from '../../../src/groups/machine/limits.ts'
import { LIMITS, MESSENGER_LIMIT_NAMES, resolveLimits, type MessengerLimits } from '../../../src/policies/limits.ts'

const UNITS: Record<string, number> = { KiB: 1024, MiB: 1024 ** 2, ms: 1, s: 1000, min: 60_000 }

t.test('the page states every default, and none that does not exist', (t) => {
  const page = readFileSync(new URL('../../../docs/LIMITS.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| `([\w.]+)` *\| (.+?) *\| (.+?) *\| (.+?) *\|$/gm)]
  const stated = rows.map(([, name = '', value = '']) => [name, parse(value)] as const)
  t.equal(new Set(stated.map(([name]) => name)).size, stated.length, 'each once')
  t.strictSame(
    Object.fromEntries(stated),
    Object.fromEntries([...flatten(LIMITS), ...flatten(BUFFERS, 'buffers.'), ...flatten(GROUPS, 'groups.')]),
  )
  for (const [, name, , why = '', then = ''] of rows)
    t.ok(why.length > 8 && then.length > 8, `${name}: why and what then`)
  t.end()
})

t.test('the doc comments of limits state their ranges and defaults as the code has them', (t) => {
  const source = readFileSync(new URL('../../../src/policies/limits.ts', import.meta.url), 'utf8')
  const table = source.slice(0, source.indexOf('\n}\n'))
  const stated = [
    ...table.matchAll(
      /: ([\d,]+)\s+\*?\s*to\s+\*?\s*([\d,]+),\s+\*?\s*default\s+\*?\s*([\d,]+)\.[\s*/]+readonly (\w+): number/g,
    ),
  ]
  t.strictSame(stated.map(([, , , , name]) => name).sort(), [...MESSENGER_LIMIT_NAMES].sort())
  for (const [, min = '', max = '', fallback = '', name = ''] of stated) {
    const limits = (value: number): MessengerLimits => resolveLimits({ [name]: value })
    t.equal(parse(fallback), resolveLimits()[name as keyof MessengerLimits], `${name}: default`)
    for (const value of [parse(min), parse(max)]) t.equal(limits(value)[name as keyof MessengerLimits], value, name)
    for (const value of [parse(min) - 1, parse(max) + 1])
      t.throws(() => limits(value), { code: 'INK_BAD_OPTION' }, name)
  }
  t.end()
})

/** `64 MiB`, `10 min`, `4,096`, `Infinity`. */
function parse(text: string): number {
  const [number = '', unit] = text.split(' ')
  return Number(number.replaceAll(',', '')) * (unit === undefined ? 1 : (UNITS[unit] ?? NaN))
}

function flatten(table: object, prefix = ''): [string, number][] {
  return Object.entries(table as Record<string, unknown>).flatMap(([name, value]) => {
    return typeof value === 'number'
      ? [[prefix + name, value] as [string, number]]
      : flatten(value as object, `${prefix}${name}.`)
  })
}
