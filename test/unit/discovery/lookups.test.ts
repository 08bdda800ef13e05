/** The lookups one by one: a shared directory on a real disk, DNS by a resolver that is given, and records that anybody may have written. */
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { dnsHosts, dnsSrv, sharedDirectory, type Lookup, type PeerRecord } from '../../../src/discovery/index.ts'
import { Messenger, peer } from '../../../src/index.ts'
import { checkedRecord, decodeRecord, encodeRecord } from '../../../src/discovery/record.ts'

/** The world of a lookup, with a clock that a test moves. */
class World {
  nowMs = 0
  records: readonly PeerRecord[] = []
  readonly failures: string[] = []
  #due: (() => void)[] = []
  #told: () => void = () => undefined
  readonly #self: PeerRecord | null

  constructor(self: PeerRecord | null) {
    this.#self = self
  }

  start(lookup: Lookup): { stop(): Promise<void> } {
    return lookup.start({
      messenger: new Messenger({ name: 'osd.9', policies: { default: peer() } }),
      self: () => this.#self,
      seen: (records) => {
        this.records = records
        this.#told()
      },
      failed: (error) => {
        this.failures.push(error.message)
        this.#told()
      },
      timer: (run) => {
        this.#due.push(run)
        return () => {
          this.#due = this.#due.filter((one) => one !== run)
        }
      },
      nowMs: () => this.nowMs,
    })
  }

  /** The next round, and what it sees. */
  async round(): Promise<string[]> {
    while (this.#due.length === 0) await new Promise(setImmediate)
    const told = new Promise<void>((resolve) => {
      this.#told = resolve
    })
    const due = this.#due
    this.#due = []
    for (const run of due) run()
    await told
    return this.records.map(({ name }) => name).sort()
  }
}

function self(id: number, digit: string): PeerRecord {
  return { name: `osd.${id}`, instance: digit.repeat(32), sinceMs: id + 1, addresses: [`tcp://10.0.0.${id}:6800`] }
}

t.test('in a shared directory each sees the others, until one beats no more', async (t) => {
  const path = join(t.testdir(), 'peers')
  const [a, b] = [new World(self(0, 'a')), new World(self(1, 'b'))]
  const runs = [a, b].map((world) => world.start(sharedDirectory({ path, ttlMs: 3000 })))
  t.strictSame(await a.round(), ['osd.0'])
  t.strictSame(await b.round(), ['osd.0', 'osd.1'])
  t.strictSame(await a.round(), ['osd.0', 'osd.1'])
  t.strictSame(b.records[1], self(1, 'b'))
  // One beats no more, and is dead by the clock of the other alone.
  a.nowMs = 2999
  t.strictSame(await a.round(), ['osd.0', 'osd.1'])
  a.nowMs = 3000
  t.strictSame(await a.round(), ['osd.0'])
  await b.round()
  t.strictSame(await a.round(), ['osd.0', 'osd.1'], 'and is there again when it beats')
  await writeFile(join(path, 'junk.peer.json'), '{')
  await writeFile(join(path, 'large.peer.json'), 'x'.repeat(10_000))
  await writeFile(join(path, 'other.txt'), 'not for us')
  t.strictSame(await a.round(), ['osd.0', 'osd.1'], 'what is no record is none')
  await runs[1]?.stop()
  t.strictSame(await a.round(), ['osd.0'], 'who leaves takes its file along')
  const dead = new World(self(7, 'd'))
  dead.start(sharedDirectory({ path, ttlMs: 3000 }))
  await dead.round()
  await a.round()
  a.nowMs += 61_000
  await a.round()
  t.strictSame(
    (await readdir(path)).filter((file) => file.startsWith('osd')),
    [`osd.0.${'a'.repeat(32)}.peer.json`],
  )
  await runs[0]?.stop()
  t.strictSame(a.failures, [])
})

t.test('a directory that cannot be read is told, and looked at again', async (t) => {
  const path = join(t.testdir({ file: 'a file is no directory' }), 'file')
  const world = new World(self(0, 'a'))
  const run = world.start(sharedDirectory({ path }))
  await world.round()
  await world.round()
  t.equal(world.failures.length, 2)
  await run.stop()
  t.throws(() => sharedDirectory({ path: '' }), { code: 'INK_BAD_OPTION' })
  t.throws(() => sharedDirectory({ path: 'x', ttlMs: 1 }), { code: 'INK_BAD_OPTION' })
  await mkdir(t.testdir(), { recursive: true })
})

t.test('SRV records become peers by their targets, the first priority first', async (t) => {
  let answer: { name: string; port: number; priority: number; weight: number }[] | Error = []
  const resolver = {
    resolveSrv: () => (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)),
    resolve4: () => Promise.resolve([]),
    resolve6: () => Promise.resolve([]),
  }
  const world = new World(null)
  const run = world.start(dnsSrv({ service: '_osd._tcp.example', resolver }))
  t.strictSame(await world.round(), [])
  answer = [
    { name: 'osd-3.b.example', port: 2, priority: 20, weight: 1 },
    { name: 'osd-3.a.example', port: 1, priority: 10, weight: 1 },
    { name: 'www.example', port: 80, priority: 1, weight: 1 },
  ]
  t.strictSame(await world.round(), ['osd.3'])
  t.strictSame(world.records[0]?.addresses, ['tcp://osd-3.a.example:1', 'tcp://osd-3.b.example:2'])
  answer = Object.assign(new Error('SERVFAIL'), { code: 'ESERVFAIL' })
  await world.round()
  t.strictSame(world.failures, ['SERVFAIL'])
  t.equal(world.records.length, 1, 'what was seen last stays')
  answer = Object.assign(new Error('none'), { code: 'ENOTFOUND' })
  t.strictSame(await world.round(), [], 'that there is none is an answer')
  await run.stop()
  t.throws(() => dnsSrv({ service: 'x', resolver: {} as never }), { code: 'INK_BAD_OPTION' })
})

t.test('hosts are peers at all addresses that they have now', async (t) => {
  const resolver = {
    resolveSrv: () => Promise.resolve([]),
    resolve4: (host: string) => Promise.resolve(host === 'a.example' ? ['10.0.0.1', '10.0.0.2'] : []),
    resolve6: () => Promise.resolve(['fd00::1']),
  }
  const world = new World(null)
  const run = world.start(dnsHosts({ peers: { 'mon.a': 'a.example:6789' }, resolver }))
  t.strictSame(await world.round(), ['mon.a'])
  t.strictSame(world.records[0]?.addresses, ['tcp://10.0.0.1:6789', 'tcp://10.0.0.2:6789', 'tcp://[fd00::1]:6789'])
  await run.stop()
  t.throws(() => dnsHosts({ peers: { 'mon.a': 'a.example' }, resolver }), { code: 'INK_BAD_OPTION' })
})

t.test('a record survives its way as text, and nothing else is one', (t) => {
  const record = self(0, 'a')
  t.strictSame(decodeRecord(encodeRecord(record)), record)
  const wrong: readonly object[] = [
    { ...record, name: 'osd' },
    { ...record, name: '../../etc' },
    { ...record, instance: 'A' },
    { ...record, sinceMs: -1 },
    { ...record, sinceMs: '1' },
    { ...record, addresses: [] },
    { ...record, addresses: ['tcp://a b'] },
    { ...record, addresses: [3] },
    { ...record, addresses: Array<string>(17).fill('tcp://a:1') },
  ]
  for (const one of wrong) t.equal(checkedRecord(one), null, JSON.stringify(one))
  for (const text of ['', '[]', 'null', '3', 'x'.repeat(9000)]) t.equal(decodeRecord(text), null)
  t.end()
})
