/**
 * The storage daemon of the example, in a process of its own: it writes numbered chunks to their place in a file, and may be
 * killed at any moment. Its parent gives it a file and the addresses to listen at, and is told those that were bound.
 */
import { open } from 'node:fs/promises'
import { Messenger, losslessServer } from 'inkwire'
import { CHUNK_BYTES, transports } from './chunks.ts'

const [, , path = '', ...addresses] = process.argv
const file = await open(path, 'r+')
const osd = new Messenger({
  name: 'osd.0',
  transports,
  policies: { client: losslessServer() },
})
osd.use({
  // Acked when it is written. A chunk that comes twice, because we were killed, is written twice: to the same place.
  dispatch: async ({ tid, data }) => {
    await file.write(data, 0, data.length, tid * CHUNK_BYTES)
  },
})
const bound: string[] = []
for (const address of addresses) bound.push(await osd.bind(address))
process.send?.(bound)
process.on('message', () => {
  void osd.close().then(() => process.exit())
})
