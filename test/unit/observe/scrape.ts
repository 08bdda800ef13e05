/** Reads the text of a scrape as Prometheus does, and throws at a line that is none, of no family, or there twice. */
/** By name and labels as they are written. */
export function scraped(text: string): Map<string, number> {
  const samples = new Map<string, number>()
  const types = new Map<string, string>()
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  for (const line of text
    .trimEnd()
    .split('\n')
    .filter((one) => one !== '')) {
    const typed = /^# TYPE ([a-z_]+) (counter|gauge|histogram)$/.exec(line)
    if (typed) {
      if (types.has(typed[1]!)) throw new Error(`twice: ${line}`)
      types.set(typed[1]!, typed[2]!)
    } else if (!/^# HELP [a-z_]+ \S/.test(line)) {
      const sample = /^([a-z_]+)(\{(?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? ([-+.\de]+)$/.exec(line)
      if (!sample) throw new Error(`no sample: ${line}`)
      const family = types.has(sample[1]!) ? sample[1]! : sample[1]!.replace(/_(bucket|sum|count)$/, '')
      if (!types.has(family)) throw new Error(`of no family: ${line}`)
      const key = sample[1]! + (sample[2] ?? '')
      if (samples.has(key)) throw new Error(`twice: ${key}`)
      samples.set(key, Number(sample[3]))
    }
  }
  return samples
}
