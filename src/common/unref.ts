/** Lets a timer keep no process awake. Node's can be let go of; those of other clocks keep nobody awake. */
export function unref(timer: unknown): void {
  const { unref: letGo } = (timer ?? {}) as { unref?: unknown }
  if (typeof letGo === 'function') letGo.call(timer)
}
