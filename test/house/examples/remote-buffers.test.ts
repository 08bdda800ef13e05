/** The example of remote buffers, run as a user runs it: built, over TCP, with files. */
import { existsSync } from 'node:fs'
import t from 'tap'
import { ROOT, run } from '../package/consumer.ts'

const MAIN = '.build/examples/remote-buffers/main.js'

t.test('a client lends its file, and three daemons pull it from there', async (t) => {
  t.ok(existsSync(`${ROOT}/${MAIN}`), 'built')
  const { code, output } = await run(ROOT, process.execPath, [MAIN])
  t.equal(code, 0, output)
  t.equal(output, '20000000 bytes, stored by 3 daemons, all alike\npulled from the client by osd.0, osd.1, osd.2\n')
})
