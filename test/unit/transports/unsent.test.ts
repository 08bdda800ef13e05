/** What a link still holds when its caller takes bytes away: it is missed, whatever code has run before. */
import t from 'tap'
import { UnsentWrites } from '../../../src/transports/unsent.ts'
import { resizable } from '../../support/resizable.ts'

t.test('bytes that are gone or resized are missed, also after writes of memory that can be resized', (t) => {
  const calm = [new Uint8Array(8), new Uint8Array(resizable(8))]
  let missed = 0
  for (let round = 0; round < 20_000; round++) {
    const unsent = new UnsentWrites()
    const [data, buffer] = [new Uint8Array(8), resizable(8)]
    unsent.add(round % 2 === 0 ? [data] : [new Uint8Array(buffer)], false)
    unsent.add(calm, false)
    if (round % 100 < 2) {
      structuredClone(0, { transfer: [data.buffer] })
      buffer.resize(4)
    }
    const isWhole = unsent.pass()
    if (!isWhole) missed++
    if (isWhole !== round % 100 >= 2) break
    if (!unsent.pass()) break
  }
  t.equal(missed, 400)
  t.end()
})
