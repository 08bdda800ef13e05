/** Cases of banner, frames, HELLO, order and authentication: all that a stranger can say before there is a session. */
import { bannerChecksums } from '../../wire/native/banner.ts'
import { readUint16 } from '../../wire/native/bytes.ts'
import { decodeHello } from '../../wire/native/control-frames.ts'
import { TAG } from '../../wire/native/format.ts'
import * as say from './bytes.ts'
import type { SpecCase } from './case.ts'
import { NotMet } from './raw-dial.ts'

/** How long nothing comes when nothing may, in ms. */
const QUIET_MS = 150

const banner: SpecCase[] = [
  {
    ...{ section: 'banner', name: 'answer', rule: 'It begins with INKWIRE\\n, version 1, and takes CRC-32C.' },
    run: async (bench) => {
      const { link } = await bench.offer()
      const bytes = await link.banner()
      if (new TextDecoder().decode(bytes.subarray(0, 8)) !== 'INKWIRE\n')
        throw new NotMet('its banner has another magic')
      if (readUint16(bytes, 8) !== 1) throw new NotMet(`its banner says version ${readUint16(bytes, 8)}`)
      if ((bannerChecksums(bytes) & 1) === 0) throw new NotMet('its banner does not take crc32c, which all must')
    },
  },
  {
    ...{ section: 'banner', name: 'wrong-magic', rule: 'The first byte that differs ends the link.' },
    run: (bench) => bench.endsAfter(say.banner((bytes) => (bytes[7] = 0x20))),
  },
  {
    ...{
      section: 'banner',
      name: 'http',
      rule: 'Another protocol is seen at its first byte, before a whole banner is there.',
    },
    run: (bench) => bench.endsAfter(new TextEncoder().encode('GET /')),
  },
  {
    ...{
      section: 'banner',
      name: 'other-version',
      rule: 'Another version is told by its own banner, then the link ends.',
    },
    run: async (bench) => {
      const link = await bench.dial()
      link.say(say.banner((bytes) => (bytes[8] = 2)))
      const answer = await link.banner()
      if (readUint16(answer, 8) !== 1) throw new NotMet(`it answers with version ${readUint16(answer, 8)}`)
      await link.ends()
    },
  },
  {
    ...{ section: 'banner', name: 'last-four', rule: 'The last four bytes are not looked at.' },
    run: async (bench) => {
      await bench.offer(bench.self(), { banner: say.banner((bytes) => bytes.fill(255, 12)) })
    },
  },
  {
    ...{ section: 'banner', name: 'silent-before-hello', level: 'strict' },
    rule: 'An acceptor says nothing before it has seen a valid banner and HELLO.',
    run: async (bench) => {
      const link = await bench.dial()
      link.say(say.banner())
      await link.staysSilent(QUIET_MS)
    },
  },
]

/** A first frame that is wrong in its header. */
function badHello(name: string, rule: string, header: say.Header): SpecCase {
  return {
    ...{ section: 'frames', name, rule },
    run: (bench) => bench.endsAfter(say.banner(), say.control(TAG.HELLO, say.helloPayload(bench.self()), header)),
  }
}

const frames: SpecCase[] = [
  {
    ...{ section: 'frames', name: 'split', rule: 'Bytes may be split anywhere.' },
    run: async (bench) => {
      const self = bench.self()
      const link = await bench.dial()
      for (const byte of say.firstFlight(self)) link.say(new Uint8Array([byte]))
      await link.frame(TAG.HELLO)
    },
  },
  badHello('bad-checksum', 'A checksum that does not match ends the link.', { checksum: 'wrong' }),
  badHello('reserved-flags', 'Reserved bits of the flags are 0.', { flags: 0x80 }),
  badHello('reserved-bytes', 'Reserved bytes of the header are 0.', { reserved: 1 }),
  badHello('unchecked', 'Control frames are always checksummed: kind 1 ends the link.', { flags: 1 }),
  badHello('oversize', 'A length above the limit ends the link when 12 bytes are there.', { length: 0xffff_ffff }),
  {
    ...{ section: 'frames', name: 'unknown-tag', rule: 'A tag that there is not ends the link.' },
    run: (bench) => bench.endsAfter(say.banner(), say.hello(bench.self()), say.control(99, say.NOTHING)),
  },
  {
    ...{ section: 'frames', name: 'not-protobuf', rule: 'A payload that does not decode ends the link.' },
    run: (bench) => bench.endsAfter(say.banner(), say.control(TAG.HELLO, new Uint8Array(20).fill(0xff))),
  },
  {
    ...{ section: 'frames', name: 'unknown-field', rule: 'Fields that are not known are ignored.' },
    run: async (bench) => {
      const self = bench.self()
      await bench.offer(self, { hello: say.control(TAG.HELLO, say.withUnknownField(say.helloPayload(self))) })
    },
  },
  {
    ...{ section: 'frames', name: 'handshake-bytes', level: 'strict' },
    rule: 'All that comes before authentication is at most 4096 bytes, unless its operator has said more.',
    run: async (bench) => {
      const self = bench.self()
      const features = Array.from({ length: 60 }, (_, index) => ({ number: 1000 + index, value: new Uint8Array(250) }))
      await bench.endsAfter(say.firstFlight(self, { hello: say.hello(self, { features }) }))
    },
  },
]

/** A HELLO that ends the link. */
function hello(name: string, rule: string, make: (self: say.Self) => Uint8Array): SpecCase {
  return {
    ...{ section: 'hello', name, rule },
    run: async (bench) => {
      const self = bench.self()
      await bench.endsAfter(say.firstFlight(self, { hello: make(self) }))
    },
  }
}

/** One that is taken. */
function goodHello(name: string, rule: string, change: Parameters<typeof say.hello>[1]): SpecCase {
  return {
    ...{ section: 'hello', name, rule },
    run: async (bench) => {
      const self = bench.self()
      await bench.offer(self, { hello: say.hello(self, change) })
    },
  }
}

const identity = ({ name, instance }: say.Self, addresses: readonly string[] = []) => ({ name, instance, addresses })

const greetings: SpecCase[] = [
  {
    ...{
      section: 'hello',
      name: 'answer',
      rule: 'Its HELLO has a version, a name, 16 bytes of instance and a size of frames.',
    },
    run: async (bench) => {
      const link = await bench.dial()
      link.say(say.firstFlight(bench.self()))
      const { payload } = await link.frame(TAG.HELLO)
      // Throws what is wrong with it.
      decodeHello(payload)
    },
  },
  hello('bad-name', 'A name is type.id.', (self) => say.hello({ ...self, name: 'Nobody' })),
  hello('control-characters', 'A name has no control characters.', (self) =>
    say.hello({ ...self, name: 'client.a\u001b[2J' }),
  ),
  hello('short-instance', 'An instance has 16 bytes.', (self) => say.hello({ ...self, instance: '00ff' })),
  hello('version-0', 'Versions count from 1.', (self) => say.hello(self, { version: 0 })),
  hello('many-addresses', 'At most 8 addresses.', (self) => {
    const addresses = Array.from({ length: 9 }, (_, index) => `tcp://127.0.0.1:${index + 1}`)
    return say.hello(self, { identity: identity(self, addresses) })
  }),
  hello('long-address', 'An address has at most 256 characters.', (self) =>
    say.hello(self, { identity: identity(self, [`tcp://${'a'.repeat(300)}:1`]) }),
  ),
  hello('many-features', 'At most 64 features, known or not.', (self) =>
    say.hello(self, {
      features: Array.from({ length: 65 }, (_, number) => ({ number: 100 + number, value: say.NOTHING })),
    }),
  ),
  hello('long-feature', 'The value of a feature has at most 256 bytes.', (self) =>
    say.hello(self, { features: [{ number: 1000, value: new Uint8Array(257) }] }),
  ),
  hello('small-frames', 'Everybody takes frames of 4096 bytes.', (self) => say.hello(self, { frameBytesMax: 4095 })),
  goodHello('newer-version', 'A version above 1 is taken.', { version: 7 }),
  goodHello('unknown-feature', 'A feature that is not known is ignored.', {
    features: [{ number: 4242, value: new Uint8Array(9) }],
  }),
]

/** Frames in an order that ends the link. */
function order(name: string, rule: string, make: (self: say.Self) => readonly Uint8Array[]): SpecCase {
  return {
    ...{ section: 'order', name, rule },
    run: (bench) => bench.endsAfter(say.banner(), ...make(bench.self())),
  }
}

const orders: SpecCase[] = [
  order('auth-first', 'HELLO comes before AUTH_REQUEST.', (self) => [say.authRequest(), say.hello(self)]),
  order('open-first', 'AUTH_REQUEST comes before OPEN.', (self) => [say.hello(self), say.open(self)]),
  order('hello-twice', 'HELLO comes once.', (self) => [say.hello(self), say.hello(self)]),
  order('auth-twice', 'AUTH_REQUEST comes once.', (self) => [say.hello(self), say.authRequest(), say.authRequest()]),
  order('messages-first', 'MESSAGES come in a session alone.', (self) => [say.hello(self), say.messages()]),
  order('ack-first', 'ACK comes in a session alone.', (self) => [say.hello(self), say.control(TAG.ACK, say.NOTHING)]),
  order('acceptors-frame', 'AUTH_DONE is no word of a dialler.', (self) => [
    ...[say.hello(self), say.authRequest(), say.control(TAG.AUTH_DONE, say.NOTHING)],
  ]),
  {
    ...{ section: 'order', name: 'waits-for-open', level: 'strict' },
    rule: 'AUTH_REQUEST is answered when OPEN is there, too: proofs cover the whole first flight.',
    run: async (bench) => {
      const self = bench.self()
      const link = await bench.dial()
      link.say(say.joined([say.banner(), say.hello(self), say.authRequest()]))
      await link.frame(TAG.HELLO)
      await link.staysSilent(QUIET_MS)
      link.say(say.open(self))
      await link.frame(TAG.AUTH_DONE, TAG.AUTH_REJECTED, TAG.AUTH_CHALLENGE)
    },
  },
]

const auth: SpecCase[] = [
  {
    ...{
      section: 'auth',
      name: 'other-method',
      rule: 'Another method is answered by AUTH_REJECTED, which is the last frame.',
    },
    run: async (bench) => {
      const link = await bench.dial()
      link.say(say.firstFlight(bench.self(), { auth: say.authRequest('no-such-method') }))
      await link.frame(TAG.HELLO)
      await link.frame(TAG.AUTH_REJECTED)
      await link.ends()
    },
  },
  {
    ...{ section: 'auth', name: 'bad-method', rule: 'A method is 1 to 32 of lower-case letters, digits and "-".' },
    run: (bench) => bench.endsAfter(say.firstFlight(bench.self(), { auth: say.authRequest('NO METHOD') })),
  },
]

export const GREETING_CASES: readonly SpecCase[] = [...banner, ...frames, ...greetings, ...orders, ...auth]
