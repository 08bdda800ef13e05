/**
 * Bun and Deno, where they are: the packed package keeps the contract of transports there, and messages arrive both ways.
 *
 * They are looked for in the folder that INKWIRE_ELSEWHERE names, as `npm run elsewhere` makes it, then on the PATH.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { elsewhere, makeConsumer, run } from './consumer.ts'

const PROGRAM = `
import { Messenger, losslessClient, losslessServer, tcp } from 'inkwire'
import { transportConformance } from 'inkwire/testing'

const cases = []
transportConformance({ test: (name, body) => cases.push([name, body]) }, { make: tcp, address: () => 'tcp://127.0.0.1:0' })
for (const [name, body] of cases) await body().catch((error) => console.log(name + ': ' + error.message))
console.log(cases.length > 20 ? 'links: done' : 'where are the cases?')

const osd = new Messenger({ name: 'osd.0', policies: { client: losslessServer() } })
const client = new Messenger({ name: 'client.a', policies: { osd: losslessClient() } })
let answered = 0
client.use({ dispatch: ({ data }) => { answered += data.length } })
osd.use({ dispatch: (message, connection) => connection.deliver({ type: 2, data: message.data }) })
const connection = client.connect(await osd.bind('tcp://127.0.0.1:0'), { type: 'osd' })
for (const bytes of [0, 1, 1000, 10_000_000]) await connection.deliver({ type: 1, data: new Uint8Array(bytes) })
await client.shutdown()
await osd.shutdown()
console.log('messages: ' + answered)
`

const consumer = await makeConsumer()
t.teardown(() => {
  rmSync(consumer.directory, { recursive: true, force: true })
})
writeFileSync(join(consumer.directory, 'program.mjs'), PROGRAM)

for (const [name, args] of [
  ['node', []],
  ['bun', []],
  ['deno', ['run', '--allow-all']],
] as const) {
  const command = name === 'node' ? process.execPath : await elsewhere(name)
  t.test(`links and messages under ${name}`, { skip: command === null && `there is no ${name} here` }, async (t) => {
    const { code, output } = await run(consumer.directory, command!, [...args, 'program.mjs'])
    t.equal(output, 'links: done\nmessages: 10001001\n')
    t.equal(code, 0)
  })
}
