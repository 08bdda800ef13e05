/** A definition makes messages, and says at once what is wrong with it. */
import t from 'tap'
import { defineMessage } from '../../../src/messenger/typed-message.ts'
import type { MessageDefinition } from '../../../src/messenger/typed-message.ts'

const codec = {
  encode: (body: string) => Buffer.from(body),
  decode: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
}

t.test('a definition makes messages of its type', (t) => {
  const Put = defineMessage({ type: 0x101, name: 'Put', codec, version: 3 })
  t.strictSame([Put.type, Put.messageName, Put.codec], [0x101, 'Put', codec])
  const data = new Uint8Array(4)
  t.strictSame(Put('a', { data, tid: 9 }), { type: 0x101, version: 3, front: Buffer.from('a'), data, tid: 9 })
  t.equal(defineMessage({ type: 1, name: 'Get', codec })('a').version, 0)
  t.end()
})

t.test('a codec may return a writer, as protobufjs does', (t) => {
  const writer = { encode: (body: string) => ({ finish: () => Buffer.from(body) }), decode: codec.decode }
  t.strictSame(defineMessage({ type: 1, name: 'Put', codec: writer })('a').front, Buffer.from('a'))
  t.end()
})

t.test('a body that does not encode is the mistake of the caller', (t) => {
  const cause = new Error('oid: string expected')
  const picky = {
    encode: () => {
      throw cause
    },
    decode: codec.decode,
  }
  const Put = defineMessage<string>({ type: 1, name: 'Put', codec: picky })
  t.throws(() => Put('a'), { code: 'INK_BAD_ARGUMENT', message: /the body of Put does not encode/, cause })
  t.end()
})

t.test('a codec that gives no bytes says what it should', (t) => {
  const wrong: [encoded: unknown, message: RegExp][] = [
    ['text', /the codec of Odd gave "text": encode\(\) must give a Uint8Array, or a writer whose finish\(\) does/],
    [{}, /gave an object/],
    [undefined, /gave undefined/],
    [Promise.resolve(new Uint8Array(1)), /gave a promise/],
    [Promise.reject(new Error('nobody waits')), /gave a promise/],
    [{ finish: () => 'text' }, /gave "text"/],
    [new ArrayBuffer(4), /gave an object/],
  ]
  for (const [encoded, message] of wrong) {
    const Odd = defineMessage({ type: 1, name: 'Odd', codec: { encode: () => encoded as Uint8Array, decode: () => 0 } })
    t.throws(() => Odd(0), { code: 'INK_BAD_ARGUMENT', message })
  }
  t.end()
})

t.test('what is added to a message is known', (t) => {
  const Note = defineMessage({ type: 1, name: 'Note', codec: { encode: () => new Uint8Array(0), decode: () => 0 } })
  const code = 'INK_BAD_ARGUMENT'
  t.throws(() => Note(0, { dat: 'x' } as never), { code, message: /added to Note has no "dat"; did you mean "data"/ })
  t.throws(() => Note(0, { type: 2 } as never), { code, message: /has no "type"/ }, 'its own it has already')
  t.throws(() => defineMessage({ type: 1, name: 'A', kodec: {} } as never), { code, message: /did you mean "codec"/ })
  t.end()
})

t.test('a definition that is not complete says what is missing', (t) => {
  const wrong: [definition: unknown, message: RegExp][] = [
    [undefined, /defineMessage takes an object/],
    [null, /defineMessage takes an object/],
    [{ name: 'Put', codec }, /type must be a whole number/],
    [{ type: 65536, name: 'Put', codec }, /type must be a whole number/],
    [{ type: 1.5, name: 'Put', codec }, /type must be a whole number/],
    [{ type: 1, codec }, /name must be a string/],
    [{ type: 1, name: '', codec }, /name must be a string/],
    [{ type: 1, name: 'Put' }, /the codec of Put needs encode\(\) and decode\(\)/],
    [{ type: 1, name: 'Put', codec: { encode: codec.encode } }, /encode\(\) and decode\(\)/],
    [{ type: 1, name: 'Put', codec, version: -1 }, /version must be a whole number/],
  ]
  for (const [definition, message] of wrong) {
    const define = () => defineMessage(definition as MessageDefinition<string>)
    t.throws(define, { code: 'INK_BAD_ARGUMENT', message }, String(message))
  }
  t.end()
})
