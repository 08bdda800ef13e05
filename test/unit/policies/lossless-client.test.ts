/** losslessClient(): what it keeps and what it refuses. */
import t from 'tap'
import { losslessClient } from '../../../src/policies/lossless-client.ts'
import type { LosslessClientOptions } from '../../../src/policies/lossless-client.ts'

t.test('it keeps on for ever, unless told', (t) => {
  t.match(losslessClient(), { kind: 'losslessClient', standbyMs: Infinity, probeMs: Infinity })
  t.match(losslessClient({ standbyMs: 60000, onReset: 'requeue' }), { standbyMs: 60000, onReset: 'requeue' })
  t.end()
})

t.test('it has no use for probeMs', (t) => {
  t.throws(() => losslessClient({ probeMs: 1 } as LosslessClientOptions), {
    code: 'INK_BAD_OPTION',
    message: /^losslessClient\(\) takes no probeMs: it dials/,
  })
  t.end()
})
