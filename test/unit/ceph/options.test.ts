/** Options of the clients: what is wrong throws at once, with a sentence that helps. */
import t from 'tap'
import { commandText, monClientOptions, objectClientOptions, type MonClientOptions } from '../../../src/ceph/options.ts'

t.test('defaults are filled in', (t) => {
  const monitors = ['v2:10.0.0.1:3300/0']
  t.match(monClientOptions({ monitors }), { monitors, huntMs: 3000, timeoutMs: 30_000, pendingMax: 1024 })
  t.match(objectClientOptions({ pool: 'lab', timeoutMs: Infinity }), {
    pool: 'lab',
    namespace: '',
    timeoutMs: Infinity,
  })
  t.end()
})

t.test('what is wrong is named', (t) => {
  const wrong: [options: object, message: RegExp][] = [
    [{}, /monitors must be a list of addresses/],
    [{ monitors: [] }, /at least one/],
    [{ monitors: [1] }, /list of addresses/],
    [{ monitors: ['x'], hunt: 1 }, /no option "hunt"; did you mean "huntMs"/],
    [{ monitors: ['x'], huntMs: 1 }, /huntMs must be a whole number from 10/],
    [{ monitors: ['x'], timeoutMs: 0 }, /timeoutMs must be a whole number from 1/],
    [{ monitors: ['x'], pendingMax: 0 }, /pendingMax/],
  ]
  for (const [options, message] of wrong) {
    t.throws(() => monClientOptions(options as MonClientOptions), { code: 'INK_BAD_OPTION', message })
  }
  t.throws(() => objectClientOptions({ pool: 'x', namespace: 1 as unknown as string }), { code: 'INK_BAD_OPTION' })
  t.end()
})

t.test('a command has a prefix', (t) => {
  t.equal(commandText({ prefix: 'status', format: 'json' }), '{"prefix":"status","format":"json"}')
  for (const wrong of ['status', null, undefined, {}, { prefix: '' }, { prefix: 5 }]) {
    t.throws(() => commandText(wrong), { code: 'INK_BAD_ARGUMENT', message: /\{ prefix: 'status' \}/ })
  }
  t.end()
})
