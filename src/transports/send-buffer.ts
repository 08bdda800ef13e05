/**
 * How much of what a Unix socket sends waits in the kernel, which Node cannot set, and the C library can.
 *
 * Linux gives 208 KiB to each (`net.core.wmem_default`), where TCP grows as it likes, and wakes a sender that waits when three
 * quarters of that are read. So large messages go in turns: one side sleeps while the other works. With room for a mebibyte both
 * work at once.
 *
 * The way there is the optional package koffi; without it sockets stay as they are. The kernel gives as much as
 * `net.core.wmem_max` allows, and no error where that is less. Limit: SEND_BYTES of kernel memory per socket.
 */
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'

/** The kernel doubles it, for its own account of each piece. */
const SEND_BYTES = 1024 * 1024

// <asm-generic/socket.h>: the same on all of Linux's architectures that Node is built for.
const SOL_SOCKET = 1
const SO_SNDBUF = 7

type SetSocketOption = (fd: number, level: number, name: number, value: readonly [number], bytes: number) => number

interface Koffi {
  load(library: null): { func(declaration: string): SetSocketOption }
}

/** What Node's sockets carry inside, and other runtimes' may not. */
interface SocketInside {
  readonly _handle?: { readonly fd?: number } | null
}

/** Undefined: nobody has asked yet. */
let found: SetSocketOption | null | undefined

/** Gives a connected socket more room in the kernel, where that can be done. */
export function widenSendBuffer(socket: Socket): void {
  const fd = (socket as Socket & SocketInside)._handle?.fd
  if (fd === undefined || fd < 0) return
  if (found === undefined) found = process.platform === 'linux' ? byKoffi() : null
  found?.(fd, SOL_SOCKET, SO_SNDBUF, [SEND_BYTES], Int32Array.BYTES_PER_ELEMENT)
}

function byKoffi(): SetSocketOption | null {
  try {
    const koffi = createRequire(import.meta.url)('koffi') as Koffi
    return koffi.load(null).func('int setsockopt(int fd, int level, int name, const int *value, unsigned int bytes)')
  } catch {
    return null
  }
}
