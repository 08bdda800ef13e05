/**
 * What a visitor does to the world, and when: data, so that the address bar has the whole story and anybody can see it again.
 *
 * As text, `1200:cut:osd.0:osd.1;1500:latency:40`: milliseconds of simulated time, the deed, what it is done to.
 */
export type Deed =
  | { readonly kind: 'cut'; readonly from: string; readonly to: string }
  | { readonly kind: 'crash' | 'start' | 'partition'; readonly host: string }
  | { readonly kind: 'latency'; readonly ms: number }
  | { readonly kind: 'heal' }

export interface Done {
  readonly atMs: number
  readonly deed: Deed
}

/** Of a story that came in an address. */
const DEEDS_MAX = 500
export const LATENCY_MAX_MS = 500

export function formatDeeds(deeds: readonly Done[]): string {
  return deeds.map(({ atMs, deed }) => [atMs, deed.kind, ...subjects(deed)].join(':')).join(';')
}

function subjects(deed: Deed): (string | number)[] {
  switch (deed.kind) {
    case 'cut':
      return [deed.from, deed.to]
    case 'crash':
    case 'start':
    case 'partition':
      return [deed.host]
    case 'latency':
      return [deed.ms]
    case 'heal':
      return []
  }
}

/** An address is written by anybody: what is no deed in it is left out. */
export function parseDeeds(text: string, hosts: readonly string[]): Done[] {
  const found: Done[] = []
  for (const part of text.split(';').slice(0, DEEDS_MAX)) {
    const [at = '', kind = '', one = '', two = ''] = part.split(':')
    const deed = parseDeed(kind, one, two, hosts)
    const atMs = Number(at)
    if (deed !== null && at !== '' && Number.isSafeInteger(atMs) && atMs >= 0) found.push({ atMs, deed })
  }
  return found.sort((a, b) => a.atMs - b.atMs)
}

function parseDeed(kind: string, one: string, two: string, hosts: readonly string[]): Deed | null {
  const ms = Number(one)
  if (kind === 'heal') return { kind }
  if (kind === 'latency') return one !== '' && ms >= 0 && ms <= LATENCY_MAX_MS ? { kind, ms } : null
  if (!hosts.includes(one)) return null
  if (kind === 'cut') return hosts.includes(two) && two !== one ? { kind, from: one, to: two } : null
  return kind === 'crash' || kind === 'start' || kind === 'partition' ? { kind, host: one } : null
}
