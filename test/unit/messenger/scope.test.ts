/** In which AsyncLocalStorage user code runs: that of its registration, whoever dialled, sent or woke it. */
import { AsyncLocalStorage } from 'node:async_hooks'
import t from 'tap'
import { defineMessage } from '../../../src/messenger/typed-message.ts'
import { Lab } from './lab.ts'

const storage = new AsyncLocalStorage<string>()
const codec = { encode: () => new Uint8Array(0), decode: () => storage.getStore() }
const Where = defineMessage({ type: 9, name: 'Where', codec })

t.test('handlers, notices and subscribers run where they were registered', async (t) => {
  const lab = new Lab()
  const seen: [what: string, where: string | undefined][] = []
  const note = (what: string): void => void seen.push([what, storage.getStore()])
  const server = lab.messenger('osd.0')
  storage.run('set up', () => {
    server.use({
      fastDispatch: () => {
        note('fastDispatch')
        return false
      },
      dispatch: () => note('dispatch'),
      onAccept: () => note('onAccept'),
      onReset: () => note('onReset'),
    })
  })
  storage.run('typed', () => server.on(Where, (body) => void seen.push(['typed', body])))
  storage.run('stream', () => server.messages$.subscribe(() => note('messages$')))
  storage.run('events', () => server.events$.subscribe(({ type }) => type === 'closed' && note('events$')))
  await storage.run('bind', () => server.bind('memory://osd.0'))
  const client = lab.messenger('osd.1')
  const connection = storage.run('a request', () => client.connect('memory://osd.0'))
  storage.run('another request', () => connection.send({ type: 1 }))
  storage.run('a third one', () => connection.send(Where(undefined)))
  await lab.clock.settle()
  storage.run('the end', () => server.connections[0]?.markDown())
  storage.run('loop', () => server.loopback.send({ type: 1 }))
  await lab.clock.settle()
  const wheres = new Map([
    ...['fastDispatch', 'dispatch', 'onAccept', 'onReset'].map((what) => [what, 'set up'] as const),
    ...([
      ['typed', 'typed'],
      ['messages$', 'stream'],
      ['events$', 'events'],
    ] as const),
  ])
  for (const [what, where] of seen) t.equal(where, wheres.get(what), what)
  t.strictSame([...new Set(seen.map(([what]) => what))].length, 6, 'all but onReset, which nobody is told of here')
  t.end()
})

t.test('a link does not keep the context of whoever dialled it first', async (t) => {
  const lab = new Lab()
  const dialled: (string | undefined)[] = []
  const transport = {
    ...lab.hub,
    dial: (...args: Parameters<typeof lab.hub.dial>) => {
      dialled.push(storage.getStore())
      return lab.hub.dial(...args)
    },
  }
  const client = storage.run('service', () => lab.messenger('osd.1', { transports: [transport] }))
  storage.run('a request', () => client.connect('memory://nobody'))
  await lab.clock.settle()
  t.equal(dialled[0], 'service')
})
