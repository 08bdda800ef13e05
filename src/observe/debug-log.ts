/** `NODE_DEBUG=inkwire`: every event and state as a line on stderr, as Node's own modules log. Costs nothing where it is not asked for. */
import { debuglog } from 'node:util'

const log = debuglog('inkwire')

export function debugLine(messenger: string, peer: string, what: string, detail: string): void {
  if (log.enabled) log('%s %s %s%s', messenger, peer, what, detail === '' ? '' : `: ${detail}`)
}
