/**
 * Discovery through a real etcd, which the test starts itself. Where there is none (Debian: `etcd-server`) it says so and skips.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { discovery, etcd, type PeerRecord } from '../../src/discovery/index.ts'
import { Messenger, peer } from '../../src/index.ts'

const there = spawnSync('etcd', ['--version']).status === 0
const skip = !there && 'there is no etcd here: install etcd-server'

/** Two ports that are free now. */
async function freePorts(): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()]
  const ports: number[] = []
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    ports.push((server.address() as { port: number }).port)
  }
  for (const server of servers) await new Promise((resolve) => server.close(resolve))
  return ports as [number, number]
}

class Etcd {
  readonly endpoint: string
  readonly #args: readonly string[]
  #process: ChildProcess | null = null

  constructor(directory: string, [client, peers]: readonly [number, number]) {
    this.endpoint = `http://127.0.0.1:${client}`
    const peerUrl = `http://127.0.0.1:${peers}`
    this.#args = [
      ...['--data-dir', directory, '--name', 'a', '--initial-cluster', `a=${peerUrl}`],
      ...['--listen-client-urls', this.endpoint, '--advertise-client-urls', this.endpoint],
      ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
    ]
  }

  async start(): Promise<void> {
    this.#process = spawn('etcd', this.#args, {
      stdio: 'ignore',
      env: { ...process.env, ETCD_UNSUPPORTED_ARCH: process.arch },
    })
    for (;;) {
      const answer = await fetch(`${this.endpoint}/health`).then(
        (response) => response.text(),
        () => '',
      )
      if (answer.includes('true')) return
      if (this.#process.exitCode !== null) throw new Error(`etcd has ended with ${this.#process.exitCode}`)
      await new Promise(setImmediate)
    }
  }

  async stop(): Promise<void> {
    const running = this.#process
    this.#process = null
    if (running === null || running.exitCode !== null) return
    const ended = new Promise((resolve) => running.once('exit', resolve))
    running.kill('SIGKILL')
    await ended
  }
}

async function started(t: Test): Promise<Etcd> {
  const server = new Etcd(t.testdir(), await freePorts())
  t.teardown(() => server.stop())
  await server.start()
  return server
}

/** What is told of one name, with somebody who waits for it. */
class Watched {
  readonly told: string[] = []
  #wake: () => void = () => undefined

  readonly watching = {
    found: (record: PeerRecord): void => this.#add(`found ${record.instance}`),
    moved: (record: PeerRecord): void => this.#add(`moved ${record.instance}`),
    lost: (record: PeerRecord): void => this.#add(`lost ${record.instance}`),
  }

  async until(what: string): Promise<void> {
    while (!this.told.includes(what)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #add(what: string): void {
    this.told.push(what)
    this.#wake()
  }
}

t.test('peers find each other in etcd, and whoever dies or leaves is lost', { skip }, async (t) => {
  const server = await started(t)
  const lookup = (): ReturnType<typeof etcd> =>
    etcd({ endpoints: ['http://127.0.0.1:1', server.endpoint], ttlMs: 3000 })
  const options = { policies: { default: peer() } }
  const client = new Messenger({ name: 'client.a', ...options })
  const failures: string[] = []
  const here = discovery(client, { lookups: [lookup()], onFailure: (_name, error) => failures.push(error.message) })
  const watched = new Watched()
  here.watch({ name: 'osd.0' }, watched.watching)
  const connecting = here.connect({ name: 'osd.0' })

  const osd = new Messenger({ name: 'osd.0', ...options })
  await osd.bind('tcp://127.0.0.1:0')
  const there = discovery(osd, { lookups: [lookup()], onFailure: () => undefined })
  const connection = await connecting
  await connection.opened()
  t.equal(connection.peer.instance, osd.instance)
  t.ok(
    failures.every((text) => text.includes('127.0.0.1:1')),
    'the endpoint that is not there was told of',
  )

  await connection.close()
  await there.close()
  await watched.until(`lost ${osd.instance}`)
  await osd.close()

  // One that dies takes nothing back: its lease runs out.
  const dead = await fetch(`${server.endpoint}/v3/lease/grant`, { method: 'POST', body: JSON.stringify({ TTL: '2' }) })
  const { ID: lease } = (await dead.json()) as { ID: string }
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  const record = { name: 'osd.0', instance: 'd'.repeat(32), sinceMs: 1, addresses: ['tcp://127.0.0.1:9'] }
  const put = { key: base64(`/inkwire/peers/osd.0/${record.instance}`), value: base64(JSON.stringify(record)), lease }
  await fetch(`${server.endpoint}/v3/kv/put`, { method: 'POST', body: JSON.stringify(put) })
  await fetch(`${server.endpoint}/v3/kv/put`, {
    method: 'POST',
    body: JSON.stringify({ key: base64('/inkwire/peers/junk'), value: base64('{') }),
  })
  await watched.until(`found ${record.instance}`)
  await watched.until(`lost ${record.instance}`)
  t.strictSame(watched.told, [
    `found ${osd.instance}`,
    `lost ${osd.instance}`,
    `found ${record.instance}`,
    `lost ${record.instance}`,
  ])
  await client.close()
})

t.test('etcd that is down loses nobody, and whoever comes meanwhile is found when it is back', { skip }, async (t) => {
  const server = await started(t)
  const lookup = (): ReturnType<typeof etcd> => etcd({ endpoints: [server.endpoint], ttlMs: 3000 })
  const options = { policies: { default: peer() } }
  const [client, osd, late] = ['client.a', 'osd.0', 'osd.1'].map((name) => new Messenger({ name, ...options })) as [
    Messenger,
    Messenger,
    Messenger,
  ]
  await osd.bind('tcp://127.0.0.1:0')
  await late.bind('tcp://127.0.0.1:0')
  let down: () => void = () => undefined
  const failed = new Promise<void>((resolve) => {
    down = resolve
  })
  const here = discovery(client, {
    lookups: [lookup()],
    onFailure: () => {
      down()
    },
  })
  discovery(osd, { lookups: [lookup()], onFailure: () => undefined })
  const [first, second] = [new Watched(), new Watched()]
  here.watch({ name: 'osd.0' }, first.watching)
  here.watch({ name: 'osd.1' }, second.watching)
  await first.until(`found ${osd.instance}`)
  await server.stop()
  await failed
  t.match(here.peers, [{ name: 'osd.0' }])
  discovery(late, { lookups: [lookup()], onFailure: () => undefined })
  await server.start()
  await second.until(`found ${late.instance}`)
  t.strictSame(
    first.told.filter((text) => text.startsWith('moved')),
    [],
  )
  await Promise.all([client.close(), osd.close(), late.close()])
})
