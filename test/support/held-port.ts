/**
 * A port of 127.0.0.1 that is a test's own until it ends: for a peer that comes back at its address, and for an address
 * where certainly nobody listens.
 *
 * A port that was bound and freed is anybody's: other tests run beside this one, and the kernel gives it to the next who
 * asks for a free one. Here a connection to ourselves keeps it. Whoever names it can listen at it (Node sets SO_REUSEADDR,
 * also in other processes), as often as he likes; until somebody does, dials are refused; and nobody else is given it.
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface HeldPort {
  readonly port: number
  /** From now on the port is anybody's. */
  readonly release: () => void
}

/** Held until the test ends. */
export async function heldPort(t: Test): Promise<number> {
  const { port, release } = await holdPort()
  t.teardown(release)
  return port
}

export async function holdPort(): Promise<HeldPort> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const near = connect(port, '127.0.0.1')
  const [far] = (await once(server, 'connection')) as [Socket]
  server.close()
  for (const socket of [near, far]) socket.unref()
  return {
    port,
    release: () => {
      near.destroy()
      far.destroy()
    },
  }
}
