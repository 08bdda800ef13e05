/** Two wires of the native protocol in one process, through their handshake: what frames are encoded and decoded with. */
import { none } from '../../src/auth/none.ts'
import type { InboundMessage } from '../../src/wire/message.ts'
import { native } from '../../src/wire/native/native.ts'
import type { Grant, SessionAnswer, Wire, WireContext, WireSink } from '../../src/wire/wire.ts'

const GRANT: Grant = { window: { messages: 65536, bytes: 2 ** 26 }, free: { messages: 65536, bytes: 2 ** 26 } }
const MARKS = [0, 1, 2].map(() => ({ received: 0, processed: 0 }))

export interface Wires {
  readonly dialler: Wire
  readonly acceptor: Wire
}

/** An open pair; `onMessage` is told what the acceptor gets. */
export function openWires(onMessage: (message: InboundMessage) => void): Wires {
  const fresh = '0123456789abcdef'.repeat(2)
  const answer: SessionAnswer = { id: fresh, resumed: false, marks: MARKS, policy: 'losslessServer', grant: GRANT }
  const protocol = native()
  const acceptor: Wire = protocol.acceptor(
    context('osd.0', '0a'),
    sink({ offer: () => acceptor.answer(answer), message: onMessage }),
  )
  const dialler: Wire = protocol.dialler(context('client.1', '0b'), sink({ opened: () => dialler.confirm() }))
  dialler.open({
    ballot: { epoch: 1, dialler: '00' },
    channel: 0,
    policy: 'losslessClient',
    fresh,
    resume: [],
    grant: GRANT,
  })
  for (let flight = 0; flight < 3; flight++) {
    for (const chunk of dialler.takeHandshake()) acceptor.receive(chunk)
    for (const chunk of acceptor.takeHandshake()) dialler.receive(chunk)
  }
  return { dialler, acceptor }
}

function context(name: string, digits: string): WireContext {
  return {
    self: { name, instance: digits.repeat(16), addresses: [] },
    auth: none(),
    randomBytes: (count) => new Uint8Array(count),
    allocate: (bytes: number) => new Uint8Array(bytes),
    limits: { handshakeBytes: 4096, frameBytes: 512 * 1024 },
  }
}

function sink(overrides: Partial<WireSink>): WireSink {
  const ignore = (): void => {}
  return {
    offer: ignore,
    opened: ignore,
    yielded: ignore,
    rejected: ignore,
    confirmed: ignore,
    batch: () => 0,
    admit: () => true,
    message: ignore,
    marks: ignore,
    credit: ignore,
    keepalive: ignore,
    verdicts: ignore,
    keepaliveAck: ignore,
    goodbye: ignore,
    fault(code, reason) {
      throw new Error(`${code}: ${reason}`)
    },
    ...overrides,
  }
}
