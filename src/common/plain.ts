/**
 * A sentence of somebody else, made fit for people and logs: cut short, and with nothing that a terminal obeys, that turns or
 * hides what stands beside it, or that begins a line of its own.
 */
export function plain(text: string, charsMax: number): string {
  // Also the half of a character that was cut.
  return text.slice(0, charsMax).replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
}
