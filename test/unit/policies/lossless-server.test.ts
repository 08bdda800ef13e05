/** losslessServer(): what it keeps and what it refuses. */
import t from 'tap'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import type { LosslessServerOptions } from '../../../src/policies/lossless-server.ts'

t.test('it forgets a client after ten minutes', (t) => {
  t.match(losslessServer(), { kind: 'losslessServer', standbyMs: 600000, probeMs: Infinity })
  t.match(losslessServer({ standbyMs: Infinity }), { standbyMs: Infinity })
  t.end()
})

t.test('what belongs to dialling is refused with the reason', (t) => {
  const cases: [unknown, RegExp][] = [
    [{ probeMs: 1000 }, /^losslessServer\(\) takes no probeMs: /],
    [{ backoff: {} }, /^losslessServer\(\) takes no backoff: it never dials; .*losslessClient\(\)/],
    [{ connectTimeoutMs: 1000 }, /^losslessServer\(\) takes no connectTimeoutMs: .*handshakeTimeoutMs/],
  ]
  for (const [options, message] of cases) {
    t.throws(() => losslessServer(options as LosslessServerOptions), { code: 'INK_BAD_OPTION', message })
  }
  t.end()
})
