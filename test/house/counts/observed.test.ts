/** Who is looked into pays nothing for a message: the same counts, to the last one, as without. */
import t from 'tap'
import { observe } from '../../../src/observe/index.ts'
import { CountingWorld } from './counting-world.ts'

const MESSAGES = 1000
const DATA = new Uint8Array(64)

/** What a thousand messages cost both ends, one a turn and all in one; time stands still. */
async function costs(looks: 'observed' | 'alone'): Promise<Record<string, number>[]> {
  const world = await CountingWorld.open(null)
  const observers = looks === 'alone' ? [] : world.messengers.map((messenger) => observe(messenger))
  world.run()
  world.client.reset()
  world.server.reset()
  for (let index = 0; index < MESSAGES; index++) {
    world.connection.send({ type: 1, data: DATA })
    world.run()
  }
  for (let index = 0; index < MESSAGES; index++) world.connection.send({ type: 1, data: DATA })
  world.run()
  t.equal(world.handled, 2 * MESSAGES)
  const costs = [world.client, world.server].map((counts) =>
    Object.fromEntries(Object.entries(counts) as [string, number][]),
  )
  for (const observer of observers) {
    t.equal(observer.snapshot().peers.length, 1, 'it looks')
    observer.close()
  }
  await world.close()
  return costs
}

t.test('a message of an observed messenger costs what it costs without', async (t) => {
  t.strictSame(await costs('observed'), await costs('alone'))
})
