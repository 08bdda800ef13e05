/** lossy(): what it keeps and what it refuses. */
import t from 'tap'
import { lossy } from '../../../src/policies/lossy.ts'
import type { LossyOptions } from '../../../src/policies/lossy.ts'

t.test('no session of it ever stands by', (t) => {
  t.match(lossy(), { kind: 'lossy', standbyMs: 0, probeMs: Infinity, onReset: 'hand-back' })
  t.match(lossy({ backoff: { firstMs: 10 } }), { backoff: { firstMs: 10 } }, 'it still dials again until it is open')
  t.end()
})

t.test('options that make no sense are refused with the reason', (t) => {
  const cases: [unknown, RegExp][] = [
    [{ standbyMs: 1000 }, /^lossy\(\) takes no standbyMs: its sessions end with their link/],
    [{ probeMs: 1000 }, /^lossy\(\) takes no probeMs: /],
    [{ onReset: 'requeue' }, /^lossy\(\) takes no onReset: it never sends a message twice/],
  ]
  for (const [options, message] of cases) {
    t.throws(() => lossy(options as LossyOptions), { code: 'INK_BAD_OPTION', message })
  }
  t.end()
})
