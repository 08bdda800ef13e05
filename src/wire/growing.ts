/**
 * How much memory to take for bytes that a peer has only announced: as they come, not as they are said to.
 *
 * Whoever announces 64 MiB in 65 bytes would else have them, over and over, at the price of a handshake. Each array is a
 * multiple of what is there already, so a whole message is copied about a seventh more than if it had been believed.
 */

/** So much is taken at once: a link costs the kernel more than that. */
const ADVANCE_BYTES = 64 * 1024
const GROWTH = 8
/** What is less than this above twice the next step is not worth two steps. */
const REST_BYTES = 8 * 1024

/** The size of the array for `wanted` bytes, when `here` of them have come. */
export function roomFor(wanted: number, here: number): number {
  const next = Math.max(ADVANCE_BYTES, here * GROWTH)
  return wanted <= next * 2 + REST_BYTES ? wanted : next
}
