/**
 * Two messengers in one file: a storage daemon and a client, over TCP. `npm run build && node .build/examples/hello/main.js`
 *
 * In a service the two would be two processes; nothing else would change.
 */
import { Messenger, losslessClient, losslessServer } from 'inkwire'

const osd = new Messenger({ name: 'osd.0', policies: { client: losslessServer() } })
osd.use({
  dispatch(message, connection) {
    console.log(`${connection.peer.name ?? 'somebody'}: ${Buffer.from(message.data).toString()}`)
  },
})
const address = await osd.bind('tcp://127.0.0.1:0')

const client = new Messenger({ name: 'client.a', policies: { osd: losslessClient() } })
const connection = client.connect(address, { type: 'osd' })
connection.send({ type: 1, data: 'hello' })
await connection.deliver({ type: 1, data: 'the handler of this one has finished' })

await client.shutdown()
await osd.shutdown()
