/**
 * What the members of a group must agree on, as a short text: who has another one does not meet them.
 *
 * It goes with every introduction, so a long one (votes of many names) is said by its sums. They tell apart what differs by mistake; who
 * wants two to be the same has the right to join anyway.
 */
import type { Quorum } from './machine/quorum.ts'

/** Longer ones are summed up. */
const LENGTH_MAX = 512
/** Of a text, in UTF-8. */
export const CONFIG_BYTES_MAX = 3 * LENGTH_MAX
/** Four sums, each with an odd factor of its own. */
const FACTORS = [0x0100_0193, 0x85eb_ca6b, 0xc2b2_ae35, 0x27d4_eb2f] as const

export function configOf(isOpen: boolean, hasState: boolean, quorum: Quorum | null): string {
  const text = JSON.stringify({ open: isOpen, state: hasState, quorum: quorum && [...quorum.votes], ...quorum })
  return text.length <= LENGTH_MAX ? text : summed(text)
}

function summed(text: string): string {
  const sums = FACTORS.map((factor) => {
    let sum: number = factor
    for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), factor) ^ (sum >>> 15)
    return (sum >>> 0).toString(16)
  })
  return `${text.length}/${sums.join('.')}`
}
