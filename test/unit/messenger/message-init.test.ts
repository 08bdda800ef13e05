/** What callers hand over is checked at the edge. */
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { checkTimeout, outboundMessage } from '../../../src/messenger/message-init.ts'
import type { MessageInit } from '../../../src/messenger/message-init.ts'

t.test('only the type is needed', (t) => {
  t.strictSame(outboundMessage({ type: 17 }, null), {
    ...{
      type: 17,
      version: 0,
      priority: 127,
      tid: 0,
      front: null,
      middle: null,
      data: null,
      extension: null,
      bytes: 0,
      frontBytes: 0,
      middleBytes: 0,
      settle: null,
    },
  })
  t.end()
})

t.test('strings become UTF-8, bytes stay where they are', (t) => {
  const data = new Uint8Array(5)
  const message = outboundMessage({ type: 0, front: 'é', middle: new Uint8Array(1), data }, null)
  t.strictSame([...(message.front ?? [])], [0xc3, 0xa9])
  t.equal(message.data, data)
  t.equal(message.bytes, 8)
  const text = outboundMessage({ type: 0, front: null, data: Buffer.from('abc') }, null)
  t.equal(text.bytes, 3)
  t.end()
})

t.test('the bounds of every number are taken, and what lies beyond is not', (t) => {
  const most: MessageInit = { type: 65535, priority: 255, tid: Number.MAX_SAFE_INTEGER, version: 65535 }
  t.match(outboundMessage(most, null), most)
  const wrong: [init: unknown, what: RegExp][] = [
    [undefined, /a message is an object/],
    [null, /a message is an object/],
    ['ping', /a message is an object/],
    [{}, /message\.type must be a whole number from 0 to 65535, not undefined/],
    [{ type: '17' }, /message\.type/],
    [{ type: 65536 }, /message\.type/],
    [{ type: 1.5 }, /message\.type/],
    [{ type: -1 }, /message\.type/],
    [{ type: NaN }, /message\.type/],
    [{ type: 1, priority: 256 }, /message\.priority .* 255/],
    [{ type: 1, tid: 2 ** 53 }, /message\.tid/],
    [{ type: 1, tid: 1n }, /message\.tid .* not 1n/],
    [{ type: 1, version: 65536 }, /message\.version/],
    [{ type: 1, data: [1, 2] }, /message\.data must be a Uint8Array or a string, not an array/],
    [{ type: 1, front: new ArrayBuffer(1) }, /message\.front/],
    [{ type: 1, middle: 5 }, /message\.middle/],
  ]
  for (const [init, message] of wrong) {
    t.throws(() => outboundMessage(init as MessageInit, null), { code: 'INK_BAD_ARGUMENT', message })
  }
  t.end()
})

t.test('a misspelled field is told of any literal, whatever realm it is of, and of no object of a class', (t) => {
  const misspelled = { type: 1, dta: 'x' }
  const bare = Object.assign(Object.create(null) as object, misspelled)
  for (const init of [misspelled, bare, runInNewContext('({ type: 1, dta: "x" })') as object])
    t.throws(() => outboundMessage(init as MessageInit, null), { code: 'INK_BAD_ARGUMENT', message: /"dta"/ })
  class Letter {
    readonly type = 1
    readonly dta = 'x'
  }
  t.equal(outboundMessage(new Letter(), null).type, 1)
  t.end()
})

t.test('a timeout is a number of milliseconds, or left out', (t) => {
  t.strictSame(
    [undefined, 0, 1.5, Infinity].map((value) => checkTimeout('close()', value)),
    [undefined, 0, 1.5, Infinity],
  )
  for (const value of [-1, NaN, '5', null]) {
    t.throws(() => checkTimeout('close()', value), { code: 'INK_BAD_ARGUMENT', message: /close\(\): timeoutMs/ })
  }
  t.end()
})
