/** Handlers that answer with a promise of another library, or with something that only looks like one. */
import t from 'tap'
import type { InkwireError } from '../../../src/common/errors.ts'
import { lossy } from '../../../src/policies/lossy.ts'
import { peer } from '../../../src/policies/peer.ts'
import { Lab } from './lab.ts'

type Settle = (value?: unknown) => void

/** No promise: whatever `then` does. */
function thenable(then: (resolve: Settle, reject: Settle) => void): unknown {
  return { then }
}

/** One whose `then` cannot be read after so many times. */
function unreadable(after: number): unknown {
  let reads = 0
  return {
    get then() {
      if (reads++ >= after) throw new Error('not readable')
      return (resolve: Settle): void => {
        resolve()
      }
    },
  }
}

function twice(first: 'resolve' | 'reject'): unknown {
  return thenable((resolve, reject) => {
    const calls = first === 'resolve' ? [resolve, reject, resolve] : [reject, resolve, reject]
    for (const call of calls) call(call === reject ? new Error('said once') : undefined)
    throw new Error('and thrown')
  })
}

const FAILED = 'INK_HANDLER_FAILED'
/** What a handler answers, and what its sender hears. */
const CASES: readonly (readonly [what: string, answer: () => unknown, fate: string])[] = [
  ['one that resolves at once', () => thenable((resolve) => resolve()), 'acked'],
  ['one that resolves later', () => thenable((resolve) => void setImmediate(resolve)), 'acked'],
  [
    'a function with then()',
    () =>
      Object.assign(
        () => undefined,
        thenable((resolve) => resolve()),
      ),
    'acked',
  ],
  ['one that resolves and says more', () => twice('resolve'), 'acked'],
  ['one that rejects', () => thenable((_resolve, reject) => reject(new Error('no'))), FAILED],
  ['one that rejects and says more', () => twice('reject'), FAILED],
  ['one that throws', () => throwing(), FAILED],
  ['one that resolves with one that rejects', () => thenable((resolve) => resolve(twice('reject'))), FAILED],
  ['a then that cannot be read', () => unreadable(0), FAILED],
  ['a then that can be read once', () => unreadable(1), FAILED],
  ['a then that is no function', () => ({ then: 7 }), 'acked'],
  ['false, later', () => thenable((resolve) => resolve(false)), 'INK_UNHANDLED'],
]

function throwing(): unknown {
  return thenable(() => {
    throw new Error('thrown')
  })
}

for (const policy of [peer(), lossy()]) {
  t.test(`${policy.kind}: each is waited for, once, and its failure is told as that of a promise`, async (t) => {
    const lab = new Lab()
    const policies = { default: policy }
    const server = lab.messenger('osd.1', { policies, runtime: { clock: lab.clock, warn: () => undefined } })
    const client = lab.messenger('client.1', { policies })
    let calls = 0
    server.use({
      dispatch({ tid }) {
        calls++
        return CASES[tid]?.[1]()
      },
    })
    const connection = client.connect(await server.bind('memory://osd.1'))
    for (const target of [connection, server.loopback]) {
      for (const [tid, [what, , fate]] of CASES.entries()) {
        const told = target.deliver({ type: 1, tid }).then(
          () => 'acked',
          (error: unknown) => (error as InkwireError).code,
        )
        await lab.clock.advance(100)
        t.equal(await told, fate, what)
      }
      t.match(target.dump(), { queuedMessages: 0 })
    }
    t.equal(calls, 2 * CASES.length)
    t.match(server.connections[0]?.dump(), { heldMessages: 0, heldBytes: 0 }, 'nothing is given back twice')
    await lab.clock.advance(0)
  })
}

t.test('one that never settles holds its place, and an end waits for it no longer than it may', async (t) => {
  const lab = new Lab()
  const server = lab.subject('osd.1', { policies: { default: peer() } })
  server.messenger.use({ dispatch: ({ tid }) => (tid === 1 ? thenable(() => undefined) : undefined) })
  const client = lab.subject('osd.0', { policies: { default: peer() } })
  const connection = client.messenger.connect(await server.messenger.bind('memory://osd.1'))
  const hangs = t.rejects(connection.deliver({ type: 1, tid: 1 }), { code: 'INK_DRAIN_TIMEOUT', outcome: 'unknown' })
  const goesOn = t.rejects(connection.deliver({ type: 1, tid: 2 }), { code: 'INK_DRAIN_TIMEOUT', outcome: 'unknown' })
  await lab.clock.advance(100)
  t.equal(server.messenger.connections[0]?.dump().heldMessages, 1)
  t.equal(connection.dump().queuedMessages, 2, 'what came behind it is handled, and acked with it')
  const late = t.rejects(connection.close({ timeoutMs: 500 }), { code: 'INK_DRAIN_TIMEOUT' })
  await lab.clock.advance(500)
  await Promise.all([hangs, late, goesOn])
  t.equal(connection.state, 'closed')
})
