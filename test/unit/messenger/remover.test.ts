/** What takes back what was added: by a call, or by `using`. */
import t from 'tap'
import { Messenger, defineMessage, memory, peer } from '../../../src/index.ts'

t.test('dispatchers, typed handlers and services go with the block that declares them', async (t) => {
  const messenger = new Messenger({ name: 'osd.0', policies: { default: peer() }, transports: [memory()] })
  t.teardown(() => messenger.close())
  const Put = defineMessage({ type: 1, name: 'Put', codec: { encode: () => new Uint8Array(0), decode: String } })
  const got: string[] = []
  const service = { name: 'watch', types: [3] }
  for (const round of ['first', 'second']) {
    using _put = messenger.on(Put, () => got.push(`put ${round}`))
    using _other = messenger.use({ dispatch: ({ type }) => got.push(`${type} ${round}`) })
    using _service = messenger.useService(service)
    await messenger.loopback.deliver({ type: 1 })
    await messenger.loopback.deliver({ type: 2 })
  }
  t.strictSame(got, ['put first', '2 first', 'put second', '2 second'], 'a second one of each was no mistake')
  await t.rejects(messenger.loopback.deliver({ type: 2 }), { code: 'INK_UNHANDLED' })
})

t.test('a call does the same, and again does nothing', async (t) => {
  const messenger = new Messenger({ name: 'osd.0', policies: { default: peer() }, transports: [memory()] })
  t.teardown(() => messenger.close())
  const remove = messenger.use({ dispatch: () => undefined })
  await messenger.loopback.deliver({ type: 2 })
  remove()
  remove()
  remove[Symbol.dispose]()
  await t.rejects(messenger.loopback.deliver({ type: 2 }), { code: 'INK_UNHANDLED' })
})
