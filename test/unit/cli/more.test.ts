/** The commands that need no running process, and the bundle of those that do. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { losslessClient, losslessServer, memory, Messenger } from '../../../src/index.ts'
import { observe } from '../../../src/observe/index.ts'
import { within } from '../../support/until.ts'
import { EXIT, inkwire } from './shell.ts'

const run = mkdtempSync(join(tmpdir(), 'inkwire-more-'))
t.teardown(() => {
  rmSync(run, { recursive: true, force: true })
})

t.test('a load at a rate is handled, and what nobody handles fails', async (t) => {
  const line = ['bench', '--rate', '200', '--duration', '0.2', '--size', '100']
  const own = await inkwire([...line, '--handler-delay', '1', '--json'])
  t.equal(own.code, EXIT.ok, own.err)
  const result = JSON.parse(own.out) as Record<string, number>
  t.strictSame([result['sent'], result['handled'], result['failed']], [40, 40, 0])
  t.ok(result['p50Ms']! > 0 && result['p50Ms']! <= result['p100Ms']!)
  t.match((await inkwire(line)).out, /^40 of 40 messages handled in .*\nlatency: p50 ≤ .*p99\.9 ≤ /)
  const service = new Messenger({ name: 'osd.0', policies: { client: losslessServer() } })
  const address = await service.bind('tcp://127.0.0.1:0')
  t.match(await inkwire([...line, address]), {
    code: EXIT.unwell,
    out: /0 of 40 messages handled.*\n40 failed: /,
  })
  t.match(await inkwire(['bench', address, '--handler-delay', '1']), { code: EXIT.usage })
  await service.close()
  t.match(await inkwire(['bench', address, '--timeout', '0.3']), {
    code: EXIT.unreachable,
    err: /tcp:\/\/127\.0\.0\.1:\d+ was not reached in 0\.3 s: .*ECONNREFUSED/,
  })
})

t.test('a world is the same by its seed, and its story can be saved', async (t) => {
  const [one, other] = [await inkwire(['sim', '7', '--json']), await inkwire(['sim', '7', '--json'])]
  t.equal(one.code, EXIT.ok)
  t.equal(one.out, other.out)
  const file = join(run, 'story.txt')
  const told = await inkwire(['sim', '7', '--story', '--save', file])
  t.match(told.out, /^seed 7: every law held\n {2}\d+ messages in /)
  t.match(readFileSync(file, 'utf8'), /^seed 7: every law held\n\n/)
  t.match(await inkwire(['sim', 'seven']), { code: EXIT.usage, err: /a seed is a whole number/ })
})

t.test('a bundle holds what processes know, and names who is in trouble for several', async (t) => {
  const transports = [memory()]
  const clients = ['client.a', 'client.b'].map((name) => {
    return new Messenger({ name, transports, policies: { osd: losslessClient() } })
  })
  const observers = clients.map((one) => observe(one, { admin: join(run, `${one.name}.asok`), everyMs: 50 }))
  await Promise.all(observers.map(({ ready }) => ready))
  const refused = clients.map((client) => {
    return new Promise<void>((resolve) => {
      client.events$.subscribe(({ type }) => {
        if (type === 'fault') resolve()
      })
    })
  })
  for (const client of clients) client.connect('memory://osd.7', { name: 'osd.7' }).send({ type: 1, data: 'secret' })
  await within('dials that fail', Promise.all(refused))
  writeFileSync(join(run, 'gone.asok'), '')
  const file = join(run, 'bundle.json')
  t.match(await inkwire(['gather', file, '-a', run]), { code: EXIT.ok, out: /^3 processes, 1 of them silent/ })
  t.equal(statSync(file).mode & 0o077, 0, "it is its owner's alone")
  t.notMatch(readFileSync(file, 'utf8'), /secret/)
  const analyzed = await inkwire(['analyze', file])
  t.equal(analyzed.code, EXIT.unwell)
  t.match(analyzed.out, /^.*gone\.asok: .*ECONNREFUSED/m)
  t.match(analyzed.out, /^osd\.7 is in the way of 2 others \(client\.a, client\.b\): osd\.7 cannot be reached: /m)
  t.match(await inkwire(['analyze', join(run, 'gone.asok')]), { code: EXIT.unreachable })
  writeFileSync(join(run, 'other.json'), '{}')
  t.match(await inkwire(['analyze', join(run, 'other.json')]), { code: EXIT.usage })
  for (const client of clients) for (const connection of client.connections) connection.markDown()
  await Promise.all(clients.map((client) => client.close()))
})

t.test('the dashboard serves until Ctrl-C', async (t) => {
  const messenger = new Messenger({ name: 'osd.0', transports: [memory()], policies: { default: losslessServer() } })
  const observer = observe(messenger, { admin: join(run, 'dash.asok') })
  await observer.ready
  const enough = new AbortController()
  const said = new Promise<string>((resolve) => {
    const ended = inkwire(['dashboard', '-a', join(run, 'dash.asok')], { signal: enough.signal, out: resolve })
    t.teardown(() => ended)
  })
  const { origin, hash } = new URL((await said).trim())
  const headers = { authorization: `Bearer ${hash.replace('#token=', '')}`, connection: 'close' }
  const look = (await (await fetch(`${origin}/api/look`, { headers })).json()) as { snapshots: { name: string }[] }
  t.equal(look.snapshots[0]?.name, 'osd.0')
  enough.abort()
  await messenger.close()
})
