/** Numbers as people read them: times, sizes and rates, for sentences and tables. */

/** `8.2 s`, `120 ms`, `3 min`, `2 h`. */
export function time(ms: number): string {
  if (!Number.isFinite(ms)) return 'for ever'
  if (ms < 1) return `${Math.round(ms * 1000)} µs`
  if (ms < 10) return `${ms.toFixed(1)} ms`
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`
  if (ms < 172_800_000) return `${Math.round(ms / 3_600_000)} h`
  return `${Math.round(ms / 86_400_000)} days`
}

/** `4.2 MB`, by thousands. */
export function bytes(count: number): string {
  return `${short(count)}B`
}

/** `12.3 k`, by thousands; a space before the unit. */
export function short(count: number): string {
  const units = ['', 'k', 'M', 'G', 'T']
  let unit = 0
  while (Math.abs(count) >= 1000 && unit < units.length - 1) {
    count /= 1000
    unit++
  }
  const digits = unit === 0 || Math.abs(count) >= 100 ? 0 : 1
  return `${count.toFixed(digits)} ${units[unit]!}`
}

/** `1 message`, `7 messages`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
