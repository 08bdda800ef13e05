/** Transfers over real sockets: what is lent while it is read is used again at once, and no byte of it gets mixed up. */
import { createHash } from 'node:crypto'
import t from 'tap'
import { buffers } from '../../src/buffers/index.ts'
import { Messenger, lossy, peer, type Policy } from '../../src/index.ts'
import { pattern } from '../unit/buffers/lab.ts'

const SIZE = 3 * 2 ** 20 + 12_345

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

for (const policy of [peer(), lossy({ bodies: 'lend' })] satisfies Policy[]) {
  t.test(`two transfers each way beside messages: ${policy.kind}, ${policy.bodies}`, async (t) => {
    const [owner, holder] = ['osd.0', 'client.a'].map((name) => new Messenger({ name, policies: { default: policy } }))
    const connection = holder!.connect(await owner!.bind('tcp://127.0.0.1:0'))
    let others = 0
    owner!.use({
      dispatch: ({ data }) => {
        if (data.every((byte) => byte === 5)) others++
      },
    })
    const memory = [pattern(SIZE), pattern(SIZE, 2), new Uint8Array(SIZE), new Uint8Array(SIZE)]
    const refs = memory.map((one) => buffers(owner!).register(one, { rights: 'read-write' }))
    const lender = buffers(holder!)
    const messages = (async () => {
      for (let sent = 0; sent < 200; sent++) {
        if (!connection.send({ type: 1, data: new Uint8Array(30_000).fill(5) })) await connection.drained()
        await new Promise(setImmediate)
      }
    })()
    const [one, other] = await Promise.all([
      lender.receive(refs[0]!),
      lender.receive(refs[1]!),
      lender.send(refs[2]!, { from: pattern(SIZE, 3) }),
      lender.send(refs[3]!, { from: pattern(SIZE, 4) }),
      messages,
    ])
    t.equal(hash(one), hash(memory[0]!))
    t.equal(hash(other), hash(memory[1]!))
    t.equal(hash(memory[2]!), hash(pattern(SIZE, 3)))
    t.equal(hash(memory[3]!), hash(pattern(SIZE, 4)))
    await holder!.close()
    await owner!.close()
    t.equal(others, 200)
  })
}
