/** Node's time and chance, as the messenger wants them. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { allocate } from '../../../src/messenger/fresh-memory.ts'
import { nodeRuntime } from '../../../src/messenger/runtime.ts'

const { clock, random } = nodeRuntime

t.test('defer runs at the end of this turn, later in the next', async (t) => {
  const order: string[] = []
  await new Promise<void>((resolve) => {
    clock.later(() => {
      order.push('later')
      resolve()
    })
    clock.defer(() => order.push('defer'))
    order.push('now')
  })
  t.strictSame(order, ['now', 'defer', 'later'])
})

t.test('what is deferred comes after the promises of the turn, in order, and before the next one', async (t) => {
  const order: string[] = []
  await new Promise<void>((resolve) => {
    clock.later(() => {
      clock.later(() => {
        order.push('next turn')
        resolve()
      })
      clock.defer(() => {
        order.push('first')
        clock.defer(() => order.push('third'))
      })
      clock.defer(() => order.push('second'))
      void Promise.resolve()
        .then(() => Promise.resolve())
        .then(() => order.push('promise'))
    })
  })
  t.strictSame(order, ['promise', 'first', 'second', 'third', 'next turn'])
})

t.test('what is deferred and throws takes nothing from the others', async (t) => {
  const program = `
    import { nodeRuntime } from '${new URL('../../../src/messenger/runtime.ts', import.meta.url).href}'
    process.on('uncaughtException', (error) => process.stdout.write(error.message))
    nodeRuntime.clock.defer(() => { throw new Error('thrown,') })
    nodeRuntime.clock.defer(() => process.stdout.write('called'))`
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...process.execArgv,
    '--input-type=module',
    '-e',
    program,
  ])
  t.equal(stdout, 'thrown,called')
})

t.test('a timer calls once, never early; a cleared one does not', async (t) => {
  const startMs = clock.nowMs()
  const cleared = clock.setTimer(() => t.fail('cleared'), 1)
  clock.clearTimer(cleared)
  await new Promise<void>((resolve) => {
    clock.setTimer(resolve, 2.5)
  })
  t.ok(clock.nowMs() - startMs >= 2.5)
  await new Promise<void>((resolve) => {
    clock.setTimer(resolve, -5)
  })
})

t.test('a delay beyond what Node can do does not fire at once', async (t) => {
  const far = clock.setTimer(() => t.fail('fired'), 2 ** 40)
  const never = clock.setTimer(() => t.fail('fired'), Infinity)
  await new Promise((resolve) => setImmediate(resolve))
  clock.clearTimer(far)
  clock.clearTimer(never)
  clock.clearTimer(null)
})

t.test('wall time is that of the host, and chance is in range', (t) => {
  const before = Date.now()
  const wallMs = clock.wallMs()
  t.ok(before <= wallMs && wallMs <= Date.now())
  const value = random.next()
  t.ok(value >= 0 && value < 1)
  t.equal(random.bytes(16).length, 16)
  t.notSame(random.bytes(16), random.bytes(16))
  t.notOk(Buffer.isBuffer(random.bytes(1)), 'no memory is shared with anything')
  t.end()
})

t.test('memory is of its size, nobody else lives in it, and there is an end to it', (t) => {
  const bytes = allocate(5)
  t.equal(bytes.buffer.byteLength, 5)
  t.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype, 'not a Buffer')
  t.throws(() => allocate(2 ** 53), RangeError)
  t.end()
})
