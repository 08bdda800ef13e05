/**
 * Sessions through memory that two processes share: they come by TCP and go there, and when the memory is spoilt, or the other
 * process stops or dies, the session is on TCP again, with every message once. Nothing is left behind.
 */
import type { ChildProcess } from 'node:child_process'
import { ftruncateSync, closeSync, openSync, readdirSync, readlinkSync, writeSync } from 'node:fs'
import process from 'node:process'
import t, { type Test } from 'tap'
import { losslessClient } from '../../src/policies/lossless-client.ts'
import { losslessServer } from '../../src/policies/lossless-server.ts'
import { Messenger } from '../../src/transactions/messenger.ts'
import type { Connection, MessengerEvent } from '../../src/index.ts'
import { sharedMemory, type SharedMemoryOptions } from '../../src/transports/shared/shared-memory.ts'
import { tcp } from '../../src/transports/tcp.ts'
import type { Transport } from '../../src/transports/transport.ts'
import { forkInContainer, forkScript, noContainers } from '../support/forked.ts'
import { noMappedMemory, noSharedMemory } from '../support/hosts.ts'
import { orSkip } from '../support/or-skip.ts'
import { until, within } from '../support/until.ts'

const test = orSkip(t, noSharedMemory)
type Access = NonNullable<SharedMemoryOptions['access']>
const KINDS: readonly Access[] = noMappedMemory === false ? ['file', 'mapped'] : ['file']
let count = 0

/** Descriptors of this process that lead to memory without a name. */
function memories(): string[] {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return /^\/(dev\/shm\/#|memfd:inkwire)/.test(readlinkSync(`/proc/self/fd/${fd}`))
    } catch {
      return false
    }
  })
}

/** Mapped memory cannot be cut off; its words can be made nonsense. */
function spoil(t: Test, access: Access): void {
  const fd = openSync(`/proc/self/fd/${memories()[0]!}`, 'r+')
  if (access === 'file') ftruncateSync(fd, 0)
  else {
    t.throws(() => ftruncateSync(fd, 0), { code: 'EPERM' }, 'sealed')
    for (const ring of [128, 128 + 256 + 1024 * 1024]) writeSync(fd, Buffer.alloc(256, 0x5a), 0, 256, ring)
  }
  closeSync(fd)
}

const both = (access: Access): Transport[] => [tcp(), sharedMemory({ access })]

class Echo {
  readonly client: Messenger
  readonly connection: Connection
  readonly events: MessengerEvent[] = []
  readonly came: number[] = []
  #sent = 0

  constructor(t: Test, access: Access, address: string, more: { readonly paths?: readonly string[] } = {}) {
    this.client = new Messenger({
      name: 'client.a',
      policies: { osd: losslessClient({ keepalive: { intervalMs: 200, timeoutMs: 1000 } }) },
      transports: both(access),
      ...more,
    })
    t.teardown(() => this.client.close())
    this.client.use({
      dispatch: ({ data }) => void this.came.push(new DataView(data.buffer, data.byteOffset).getUint32(0)),
    })
    this.client.events$.subscribe((event) => this.events.push(event))
    this.connection = this.client.connect(address, { name: 'osd.0' })
  }

  get faults(): number {
    return this.connection.dump().counters.faults
  }

  /** Numbered messages of all sizes. */
  send(messages: number): void {
    for (let sent = 0; sent < messages; sent++) {
      const data = new Uint8Array(4 + ((this.#sent * 2_654_435_761) % 30_000))
      new DataView(data.buffer).setUint32(0, this.#sent++)
      void this.connection.send({ type: 1, data })
    }
  }

  async allCame(t: Test): Promise<void> {
    await until(`${this.#sent} messages, and there are ${this.came.length}`, () => this.came.length >= this.#sent)
    t.ok(
      this.came.every((number, index) => number === index),
      'each once, and in order',
    )
    t.equal(this.came.length, this.#sent)
  }

  get isIdle(): boolean {
    return this.came.length === this.#sent
  }

  get scheme(): string | undefined {
    return this.connection.path?.scheme
  }
}

/** An echo in another process, by TCP, and where its memory is. */
async function another(
  t: Test,
  access: Access,
  { start = forkScript, more = {} }: { start?: typeof forkScript; more?: { readonly paths?: readonly string[] } } = {},
): Promise<{ echo: Echo; child: ChildProcess; shm: string }> {
  const shm = `shm://@inkwire-echo-${process.pid}-${++count}`
  const child = start('shared-process.ts', access, 'tcp://127.0.0.1:0', shm)
  t.teardown(() => child.kill('SIGKILL'))
  const bound = new Promise<string[]>((resolve) => child.once('message', resolve as () => void))
  const [address] = await within('the other process', bound)
  const echo = new Echo(t, access, address!, more)
  await echo.connection.opened()
  return { echo, child, shm }
}

for (const access of KINDS) {
  test(`a session goes to memory and back while messages flow: ${access}`, async (t) => {
    const { echo, shm } = await another(t, access)
    const tcpAddress = echo.connection.path!.address
    for (const address of [shm, tcpAddress, shm]) {
      echo.send(200)
      t.equal((await echo.connection.switchTo(address)).address, address)
    }
    echo.send(200)
    await echo.allCame(t)
    t.equal(echo.scheme, 'shm')
    t.equal(memories().length, 1)
    await echo.client.close()
    t.equal(memories().length, 0)
  })

  test(`whatever becomes of the memory, the session goes on over TCP: ${access}`, async (t) => {
    const osd = new Messenger({ name: 'osd.0', policies: { client: losslessServer() }, transports: both(access) })
    t.teardown(() => osd.close())
    osd.use({ dispatch: ({ data }, connection) => void connection.send({ type: 1, data }) })
    const addresses = [
      await osd.bind('tcp://127.0.0.1:0'),
      await osd.bind(`shm://@inkwire-osd-${process.pid}-${++count}`),
    ]
    const echo = new Echo(t, access, addresses[0]!, { paths: ['shm', 'tcp'] })
    const tookOver = (): boolean =>
      echo.events.some((event) => event.type === 'pathSwitched' && event.why === 'lost' && event.path.scheme === 'tcp')
    // Another link may not be ready yet: then the session is dialled anew, through other memory.
    for (let faults = 1; !tookOver(); faults++) {
      echo.send(100)
      await until('memory, and a link that is ready', () => echo.scheme === 'shm' && osd.dump().halfOpenLinks === 1)
      echo.send(100)
      spoil(t, access)
      await until('it is found out', () => echo.faults >= faults)
      await echo.allCame(t)
    }
    const lastFaults = [echo.client, osd].flatMap((messenger) =>
      messenger.dump().connections.map(({ lastFault }) => lastFault),
    )
    t.match(lastFaults.join(), /memory of the link is spoilt/, 'who sees it first says why')
  })

  test(`a process that stops is noticed, and goes on where it was: ${access}`, async (t) => {
    const { echo, child, shm } = await another(t, access)
    await echo.connection.switchTo(shm)
    echo.send(100)
    child.kill('SIGSTOP')
    echo.send(100)
    await until('its silence is a fault', () => echo.scheme === undefined)
    child.kill('SIGCONT')
    await echo.allCame(t)
  })

  test(`SW-4: a process that is killed leaves nothing behind: ${access}`, async (t) => {
    const before = readdirSync('/dev/shm')
    const { echo, child, shm } = await another(t, access)
    await echo.connection.switchTo(shm)
    echo.send(100)
    child.kill('SIGKILL')
    await until('the link is lost', () => echo.scheme === undefined)
    t.equal(memories().length, 0)
    t.strictSame(readdirSync('/dev/shm'), before)
  })
}

test('SW-3: in two containers that share no memory the session stays on TCP', { skip: noContainers() }, async (t) => {
  const { echo, shm } = await another(t, 'file', { start: forkInContainer, more: { paths: ['shm', 'tcp'] } })
  const failed = (): string[] => echo.events.flatMap((event) => (event.type === 'pathFailed' ? [event.reason] : []))
  while (failed().length < 2) {
    echo.send(20)
    await until('all of these', () => echo.isIdle)
  }
  const why = /cannot use the memory of this one: ENOENT.*both ends must be of one user and see one another's \/proc/
  t.match(failed(), [why, why], 'it was tried, and is tried again later')
  await t.rejects(echo.connection.switchTo(shm), { code: 'INK_PATH_FAILED', message: /stays on tcp:/ })
  echo.send(100)
  await echo.allCame(t)
  t.equal(echo.scheme, 'tcp')
  t.match(echo.connection.dump().counters, { sessions: 1, resumes: 0, switches: 0, replayedMessages: 0 })
})
