/** A Unix socket that moves much gets more room in the kernel than the 208 KiB that Linux gives to each. */
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { connect, createServer, Socket, type Server } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import t from 'tap'
import { widenSendBuffer } from '../../../src/transports/send-buffer.ts'
import { orSkip } from '../../support/or-skip.ts'
import { socketDirectory } from '../../support/socket-directory.ts'

const SOL_SOCKET = 1
const SO_SNDBUF = 7

type Ask = (fd: number, level: number, name: number, value: [number], bytes: [number]) => number

const ask = asker()
const isLinux = process.platform === 'linux'
const test = orSkip(t, (!isLinux || ask === null) && 'this needs Linux and koffi')

test('it has more room after it was asked for, and still carries bytes', async (t) => {
  const path = join(socketDirectory(t), 'wide')
  const server = createServer((socket) => void socket.pipe(socket)).listen(path)
  await once(server, 'listening')
  const socket = connect(path)
  await once(socket, 'connect')
  t.teardown(() => end(socket, server))
  const before = roomOf(socket)
  widenSendBuffer(socket)
  t.ok(roomOf(socket) > before, `${roomOf(socket)} bytes after ${before}`)
  socket.write('still here')
  const [echo] = (await once(socket, 'data')) as [Buffer]
  t.equal(echo.toString(), 'still here')
})

test('a socket that is gone, or not there yet, is left alone', async (t) => {
  const socket = new Socket()
  widenSendBuffer(socket)
  socket.destroy()
  await once(socket, 'close')
  widenSendBuffer(socket)
  t.pass('nothing was thrown')
})

function end(socket: Socket, server: Server): void {
  socket.destroy()
  server.close()
}

function roomOf(socket: Socket): number {
  const { fd } = (socket as Socket & { _handle: { fd: number } })._handle
  const room: [number] = [0]
  t.equal(ask!(fd, SOL_SOCKET, SO_SNDBUF, room, [4]), 0)
  return room[0]
}

function asker(): Ask | null {
  try {
    const koffi = createRequire(import.meta.url)('koffi') as { load(library: null): { func(declaration: string): Ask } }
    return koffi
      .load(null)
      .func('int getsockopt(int fd, int level, int name, _Out_ int *value, _Inout_ unsigned int *bytes)')
  } catch {
    return null
  }
}
