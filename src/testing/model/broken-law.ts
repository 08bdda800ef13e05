/** How a step of the model ends when it is not to be followed. */

/** A law does not hold. */
export class BrokenLaw extends Error {}

/** Thrown when a step leads out of the bounds: it is not explored. Made once, since it is thrown often. */
export const OUT_OF_BOUNDS = new Error('out of bounds')
