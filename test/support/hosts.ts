/** What not every machine has: why a test of it is skipped here, as tap's `skip` takes it. */
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import process from 'node:process'
import { nativeMemory } from '../../src/transports/shared/native-memory.ts'

/** False where `::1` is an address of this machine. */
export const missingIPv6 = await missing('::1')

/** False where there is a second address that leads here; only Linux has all of 127.0.0.0/8. */
export const missingSecondLoopback = await missing('127.0.0.2')

function missing(host: string): Promise<string | false> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(`${host} is no address of this machine`))
    server.listen(0, host, () => server.close(() => resolve(false)))
  })
}

/** Windows has named pipes instead, which the unix transport does not serve. */
export const noUnixSockets = process.platform === 'win32' && 'there are no Unix sockets with paths here'

/** Memory between processes goes through /proc and /dev/shm of Linux. */
export const noSharedMemory = process.platform !== 'linux' && 'only Linux shares memory without a name'

/** False where koffi is installed, or Node has node:ffi. */
export const noMappedMemory = nativeMemory() === null && 'neither koffi nor node:ffi is here'

/** Where the browser is in which pages are looked at; undefined: there is none. */
export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
)

/** False where a page can be looked at. */
export const noChromium = CHROMIUM === undefined && 'there is no Chromium here (Debian: apt-get install chromium)'

/** False where this shell can be asked; it has the same name in Debian. */
export function noShell(name: string): string | false {
  const isHere = ['/usr/bin', '/bin', '/usr/local/bin'].some((folder) => existsSync(`${folder}/${name}`))
  return !isHere && `there is no ${name} here (Debian: apt-get install ${name})`
}
