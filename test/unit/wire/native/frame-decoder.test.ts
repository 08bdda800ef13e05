/** The incremental decoder: any split, bounded memory, and a named fault for whatever is wrong. */
import t, { type Test } from 'tap'
import { native } from '../../../../src/wire/native/native.ts'
import { FrameDecoder } from '../../../../src/wire/native/frame-decoder.ts'
import { writeUint32 } from '../../../../src/wire/native/bytes.ts'
import { ANSWER, context, encoded, header, message, openPair, pattern, queueOf } from './pair.ts'
import { frameStarts, fresh, seal, sessionBytes, type Role } from './session-bytes.ts'

const ROLES: Role[] = ['dialler', 'acceptor']

/** Feeds pieces and overwrites each afterwards: nothing may still need it. */
function feed(role: Role, pieces: Iterable<Uint8Array>) {
  const { wire, sink } = fresh(role)
  for (const piece of pieces) {
    const chunk = Buffer.from(piece)
    wire.receive(chunk)
    chunk.fill(0xaa)
  }
  return sink
}

for (const role of ROLES) {
  const stream = sessionBytes(role)
  const whole = feed(role, [stream]).told

  t.test(`every split of a session tells the ${role} the same`, (t) => {
    t.equal(whole.filter(([name]) => name === 'message').length, 7)
    t.notOk(whole.some(([name]) => name === 'fault'))
    const different: number[] = []
    for (let cut = 0; cut <= stream.length; cut++) {
      const { told } = feed(role, [stream.subarray(0, cut), stream.subarray(cut)])
      if (JSON.stringify(told) !== JSON.stringify(whole)) different.push(cut)
    }
    t.strictSame(different, [])
    t.end()
  })

  t.test(`pieces of every size tell the ${role} the same`, (t) => {
    for (const size of [1, 2, 3, 7, 11, 12, 13, 47, 48, 49, 100]) {
      const pieces: Uint8Array[] = []
      for (let at = 0; at < stream.length; at += size) pieces.push(stream.subarray(at, at + size))
      t.strictSame(feed(role, pieces).told, whole, `${size} bytes`)
    }
    t.end()
  })

  t.test(`a truncated session tells the ${role} a beginning and nothing wrong`, (t) => {
    for (let end = 0; end < stream.length; end += 3) {
      const { told } = feed(role, [stream.subarray(0, end)])
      if (JSON.stringify(told) !== JSON.stringify(whole.slice(0, told.length))) t.fail(`cut at ${end}`)
    }
    t.end()
  })

  t.test(`every altered byte of every frame is noticed by the ${role}`, (t) => {
    const starts = frameStarts(stream)
    for (let at = 0; at < stream.length; at++) {
      const altered = stream.slice()
      altered[at]! ^= 0x10
      const { wire, sink } = fresh(role)
      wire.receive(altered)
      // A length that grew only makes the decoder wait for more.
      wire.receive(new Uint8Array(1024 * 1024))
      const inChecksumMask = at === 10 || at === 11
      if (sink.all('fault').length !== 1 && !inChecksumMask)
        t.fail(`byte ${at} of a stream with frames at ${starts.join()}`)
    }
    t.end()
  })
}

/** A wire in a session, and what is wrong with a frame for it. */
function wrong(t: Test, frame: Uint8Array, reason: RegExp | string, protocol = native()) {
  const { acceptor } = openPair({ diallerProtocol: protocol, acceptorProtocol: protocol })
  acceptor.wire.receive(frame)
  t.match(acceptor.sink.faulted, reason)
  const told = acceptor.sink.told.length
  acceptor.wire.receive(encoded((out) => acceptor.wire.encodeKeepalive(out, 1)))
  t.equal(acceptor.sink.told.length, told, 'deaf after a fault')
}

const keepalive = () => encoded((out) => openPair().dialler.wire.encodeKeepalive(out, 1))
const run = () => {
  const { dialler } = openPair()
  return encoded((out) => dialler.wire.encodeBatch(out, header(), queueOf(message({ data: pattern(10) })), 0, 1))
}
const change = (frame: Uint8Array, ...changes: [at: number, value: number][]) => {
  for (const [at, value] of changes) frame[at] = value
  return frame
}

t.test('whatever is wrong with a frame has a name', (t) => {
  wrong(t, change(keepalive(), [0, 0]), /INK_INCOMPATIBLE: there is no frame with tag 0/)
  wrong(t, change(keepalive(), [0, 18]), /no frame with tag 18/)
  wrong(t, change(keepalive(), [0, 255]), /no frame with tag 255/)
  wrong(t, change(keepalive(), [1, 1]), /KEEPALIVE does not have the checksum kind agreed on/)
  wrong(t, change(keepalive(), [1, 4]), /reserved bits/)
  wrong(t, change(keepalive(), [2, 1]), /reserved bits/)
  wrong(t, change(keepalive(), [3, 1]), /reserved bits/)
  wrong(t, change(keepalive(), [8, 0], [9, 0], [10, 0]), /INK_RESET: the checksum of a frame KEEPALIVE does not match/)
  wrong(t, change(run(), [1, 1]), /MESSAGES does not have the checksum kind agreed on/)
  wrong(t, change(run(), [1, 8]), /reserved bits/)
  wrong(t, change(run(), [2, 4]), /no lane 4/)
  wrong(t, change(run(), [3, 1]), /reserved bits/)
  wrong(t, seal(change(run(), [14, 1])), /reserved bits/)
  wrong(t, change(run(), [60, 99]), /INK_RESET: the checksum of a frame MESSAGES/)
  t.end()
})

t.test('a frame that is not expected now is refused before its payload is', (t) => {
  const { dialler } = openPair()
  const open = encoded((out) => dialler.wire.encodeGoodbye(out, ''))
  for (const tag of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) {
    const frame = change(open.slice(), [0, tag])
    writeUint32(frame, 4, 4000)
    wrong(t, frame, /must not come in a session/)
  }
  const early = fresh('acceptor')
  early.wire.receive(sessionBytes('acceptor').subarray(0, 16))
  early.wire.receive(run())
  t.match(early.sink.faulted, /MESSAGES must not come at this point of the handshake/)
  t.end()
})

t.test('limits are checked before memory is taken', (t) => {
  const huge = keepalive().subarray(0, 12)
  writeUint32(huge, 4, 4097)
  wrong(t, huge, /KEEPALIVE of 4097 bytes; the limit is 4096/)
  const head = run().subarray(0, 12)
  writeUint32(head, 4, 512 * 1024 + 1)
  wrong(t, head, /MESSAGES of 524289 bytes; the limit is 524288/)
  writeUint32(head, 4, 512 * 1024)
  const most = openPair().acceptor
  most.wire.receive(head)
  t.equal(most.sink.faulted, undefined, 'just as many are taken')
  writeUint32(head, 4, 0xffffffff)
  wrong(t, head, /MESSAGES of 4294967295 bytes/)
  t.end()
})

t.test('a stranger cannot make us hold more than its allowance', (t) => {
  const banner = sessionBytes('acceptor').subarray(0, 16)
  const hello = new Uint8Array(12)
  hello[0] = 1
  for (const [payloadBytes, faulted] of [
    [4096 - 28, false],
    [4096 - 27, true],
  ] as const) {
    writeUint32(hello, 4, payloadBytes)
    const { wire, sink } = fresh('acceptor')
    wire.receive(banner)
    wire.receive(hello)
    t.equal(sink.faulted !== undefined, faulted)
    if (faulted) t.match(sink.faulted, /INK_INCOMPATIBLE: more than 4096 bytes before authentication/)
  }
  const small = fresh('acceptor', { acceptor: { limits: { handshakeBytes: 100, frameBytes: 65536 } } })
  small.wire.receive(sessionBytes('acceptor'))
  t.match(small.sink.faulted, /more than 100 bytes/, 'all frames together count')
  const dialler = fresh('dialler', { dialler: { limits: { handshakeBytes: 60, frameBytes: 65536 } } })
  dialler.wire.receive(sessionBytes('dialler'))
  t.match(dialler.sink.faulted, /more than 60 bytes/, 'an acceptor is a stranger too')
  t.end()
})

t.test('what a stranger may send counts over all frames, to the byte', (t) => {
  const bytes = sessionBytes('acceptor')
  // The banner, then HELLO, AUTH_REQUEST and OPEN: the acceptor judges OPEN with what came before it.
  const needed = frameStarts(bytes)[3]!
  for (const [handshakeBytes, faulted] of [
    [needed, false],
    [needed - 1, true],
  ] as const) {
    const { wire, sink } = fresh('acceptor', { acceptor: { limits: { handshakeBytes, frameBytes: 65536 } } })
    wire.receive(bytes)
    t.equal(sink.faulted !== undefined, faulted, `${handshakeBytes} bytes`)
  }
  t.end()
})

t.test('what follows authentication in the same chunk is not held against the stranger', (t) => {
  const { wire, sink } = fresh('acceptor')
  const { dialler } = openPair()
  const much = encoded((out) =>
    dialler.wire.encodeBatch(out, header(), queueOf(message({ data: pattern(10_000) })), 0, 1),
  )
  wire.receive(Buffer.concat([sessionBytes('acceptor'), much]))
  t.equal(sink.faulted, undefined)
  t.end()
})

t.test('two sides without checksums check control frames only', (t) => {
  const protocol = native({ checksum: 'none' })
  const { dialler, acceptor } = openPair({ diallerProtocol: protocol, acceptorProtocol: protocol })
  const frame = encoded((out) => dialler.wire.encodeBatch(out, header(), queueOf(message({ data: pattern(10) })), 0, 1))
  t.strictSame([...frame.subarray(8, 12)], [0, 0, 0, 0])
  t.equal(frame[1], 1)
  acceptor.wire.receive(change(frame, [frame.length - 1, 0]))
  t.equal(acceptor.sink.all('message').length, 1)
  wrong(t, run(), /checksum kind agreed on/, protocol)
  const broken = encoded((out) => dialler.wire.encodeAck(out, ANSWER.marks, { messages: 1, bytes: 1 }))
  wrong(t, change(broken, [20, 99]), /INK_RESET/, protocol)
  const stated = frame.slice()
  stated[8] = 1
  wrong(t, stated, /INK_RESET/, protocol)
  t.end()
})

t.test('where the transport protects the bytes nothing is checked twice, unless somebody asked for it', (t) => {
  const isProtected = { isProtected: true }
  const cases = [
    [{ dialler: isProtected, acceptor: isProtected }, false],
    [{ dialler: isProtected }, true],
    [{ dialler: isProtected, acceptor: isProtected, acceptorProtocol: native({ checksum: 'crc32c' }) }, true],
    [{}, true],
  ] as const
  for (const [options, isChecked] of cases) {
    const { dialler } = openPair(options)
    const frame = encoded((out) =>
      dialler.wire.encodeBatch(out, header(), queueOf(message({ data: pattern(10) })), 0, 1),
    )
    t.equal(
      frame.subarray(8, 12).some((byte) => byte !== 0),
      isChecked,
    )
  }
  t.end()
})

t.test('a large frame that dribbles in costs time in proportion to its size', (t) => {
  let delivered = 0
  const decoder = new FrameDecoder(
    {
      banner: () => {},
      refuses: () => null,
      control: () => {},
      messages: (bytes, at, end, stable) => {
        delivered++
        t.ok(stable)
        t.equal(end - at, bytes.length)
      },
      place: () => null,
      placed: () => t.fail('nothing was placed'),
      fault: (code, reason) => t.fail(`${code}: ${reason}`),
    },
    context('osd.0'),
  )
  decoder.receive(sessionBytes('acceptor').subarray(0, 16))
  decoder.authenticated()
  const { dialler } = openPair()
  const queue = queueOf(message({ data: pattern(500_000) }))
  const frame = encoded((out) => dialler.wire.encodeBatch(out, header(), queue, 0, 1))
  // Quadratic work would be some 10^11 byte copies here: this test would not end.
  for (let at = 0; at < frame.length; at++) decoder.receive(frame.subarray(at, at + 1))
  t.equal(delivered, 1)
  t.end()
})

t.test('the body of a frame goes straight to its place, and counts only when the checksum holds', (t) => {
  const { dialler } = openPair()
  const large = message({ data: pattern(3000) })
  const frame = encoded((out) => dialler.wire.encodeChunk(out, header(), large, 1000, 1500))
  const headBytes = frame.length - 1500
  for (const harm of [false, true]) {
    const body = new Uint8Array(3000)
    const told: string[] = []
    const decoder = new FrameDecoder(
      {
        banner: () => {},
        refuses: () => null,
        control: () => {},
        messages: () => t.fail('it was collected'),
        place: (bytes, at, have, total) => {
          t.strictSame(bytes.subarray(at, have), frame.subarray(0, 100))
          t.equal(total, frame.length)
          return { headBytes, body, offset: 1000, isWarm: false }
        },
        placed: (head) => told.push(`placed ${head.length}`),
        fault: (code) => told.push(code),
      },
      context('osd.0'),
    )
    decoder.receive(sessionBytes('acceptor').subarray(0, 16))
    decoder.authenticated()
    decoder.receive(frame.slice(0, 100))
    decoder.receive(frame.slice(100, 900))
    t.strictSame(told, [])
    const last = frame.slice(900)
    if (harm) last[7]! ^= 1
    decoder.receive(last)
    t.strictSame(told, harm ? ['INK_RESET'] : [`placed ${headBytes}`])
    if (!harm) t.strictSame(body.subarray(1000, 2500), large.data?.subarray(1000, 2500))
    t.strictSame(body.subarray(0, 1000), new Uint8Array(1000), 'nothing before it')
    t.strictSame(body.subarray(2500), new Uint8Array(500), 'nothing behind it')
  }
  t.end()
})

t.test('a frame that is only announced takes memory for what is there', (t) => {
  const taken: number[] = []
  const { acceptor, dialler } = openPair({
    acceptor: {
      allocate: (bytes) => {
        taken.push(bytes)
        return new Uint8Array(bytes)
      },
    },
  })
  acceptor.sink.admit = () => true
  const queue = queueOf(message({ data: pattern(500_000) }))
  const frame = encoded((out) => dialler.wire.encodeBatch(out, header(), queue, 0, 1))
  acceptor.wire.receive(frame.subarray(0, 20))
  t.strictSame(taken, [65_536])
  for (let at = 20; at < frame.length; at += 10_000) acceptor.wire.receive(frame.subarray(at, at + 10_000))
  t.strictSame(taken, [65_536, frame.length])
  t.strictSame(acceptor.sink.all('message').length, 1)
  t.end()
})
