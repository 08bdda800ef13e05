/** The example of paths, run as a user runs it: two processes, all kinds of paths between them, and one of the processes is killed. */
import t from 'tap'
import { ROOT, run } from '../package/consumer.ts'

t.test('a transfer goes on from path to path, and over the death of its peer', async (t) => {
  const { code, output } = await run(ROOT, process.execPath, ['.build/examples/paths/main.js', '32'])
  t.equal(code, 0, output)
  const told = output.split('\n').filter((line) => !line.includes(' MiB') && line !== '')
  t.match(told[0], /^now by unix \(asked\)$/)
  t.ok(told.indexOf('killed the peer') > 0)
  if (process.platform === 'linux') t.match(output, /now by shm \(asked\)/)
  t.match(output, /what it may not have is sent again/)
  t.match(output, /now by tcp \((asked)\)/)
  t.equal(told.at(-1), 'the file is there, byte for byte', output)
})
