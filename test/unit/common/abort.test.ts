/** That a signal has one listener of ours, however many wait on it, and none when nobody does. */
import { getEventListeners } from 'node:events'
import t from 'tap'
import { onAbort } from '../../../src/common/abort.ts'

function listeners(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length
}

t.test('many waits, one listener; the last to go takes it away', (t) => {
  const { signal } = new AbortController()
  const releases = Array.from({ length: 50 }, () => onAbort(signal, () => t.fail('it did not fire')))
  t.equal(listeners(signal), 1)
  const [first, ...others] = releases
  first?.()
  first?.()
  t.equal(listeners(signal), 1, 'a wait ends once')
  for (const release of others) release()
  t.equal(listeners(signal), 0)
  onAbort(signal, () => undefined)
  t.equal(listeners(signal), 1, 'and it can be waited on again')
  t.end()
})

t.test('when it fires, all act once, in order; one may end the wait of another', (t) => {
  const controller = new AbortController()
  const acted: string[] = []
  onAbort(controller.signal, () => {
    acted.push('a')
    releaseB()
  })
  const releaseB = onAbort(controller.signal, () => acted.push('b'))
  const releaseC = onAbort(controller.signal, () => acted.push('c'))
  controller.abort()
  releaseC()
  t.strictSame(acted, ['a', 'c'])
  t.equal(listeners(controller.signal), 0)
  t.doesNotThrow(onAbort(undefined, () => t.fail('there is no signal')))
  t.end()
})
