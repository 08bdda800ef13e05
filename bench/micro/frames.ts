/** Encoding and decoding runs of messages, header and checksum included; per message. */
import { Deque } from '../../src/common/deque.ts'
import type { OutboundMessage } from '../../src/wire/message.ts'
import { OutBuffer } from '../../src/wire/out-buffer.ts'
import type { BatchHeader } from '../../src/wire/wire.ts'
import { payload } from '../harness/subject.ts'
import type { Case, Suite } from './suite.ts'
import { openWires } from './wires.ts'

export function frameSuite(): Suite {
  return { name: 'frames', cases: [...framesOf(64, 1), ...framesOf(64, 256), ...framesOf(4096, 16)] }
}

function framesOf(size: number, count: number): Case[] {
  let decoded = 0
  const { dialler, acceptor } = openWires((message) => (decoded += message.bytes))
  const queue = new Deque<OutboundMessage>()
  for (let index = 0; index < count; index++) queue.push(outbound(payload(size)))
  const header = headerOf(count)
  const out = new OutBuffer()
  dialler.encodeBatch(out, header, queue, 0, count)
  const frame = Buffer.concat(out.take())
  out.lend({ takenBytes: 0, passedBytes: 0 })
  acceptor.receive(frame)
  if (decoded !== size * count) throw new Error('the frame of a micro bench did not come through')
  return [
    {
      name: `encode ${count} × ${size} B`,
      operations: count,
      run() {
        dialler.encodeBatch(out, header, queue, 0, count)
        out.take()
        out.lend({ takenBytes: 0, passedBytes: 0 })
      },
    },
    { name: `decode ${count} × ${size} B`, operations: count, run: () => acceptor.receive(frame) },
  ]
}

export function outbound(data: Uint8Array): OutboundMessage {
  const bytes = data.length
  return {
    type: 17,
    version: 0,
    priority: 127,
    tid: 0,
    front: null,
    middle: null,
    data,
    extension: null,
    frontBytes: 0,
    middleBytes: 0,
    bytes,
    settle: null,
  }
}

function headerOf(count: number): BatchHeader {
  return { lane: 1, firstSeq: 1, count, received: 0, processed: 0, stampMs: 1, stampCounter: 0, ackNow: false }
}
