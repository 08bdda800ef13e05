/**
 * Whoever sits at an address for a moment, without any key: what it says is a fault of its link. The session that somebody
 * wants to resume there goes on when the right one is back, and nothing of it is lost.
 */
import t from 'tap'
import { sharedSecret } from '../../../src/auth/shared-secret.ts'
import { losslessClient } from '../../../src/policies/lossless-client.ts'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import { peer } from '../../../src/policies/peer.ts'
import { parseAddress } from '../../../src/transports/address.ts'
import { encodeBanner } from '../../../src/wire/native/banner.ts'
import * as frames from '../../../src/wire/native/control-frames.ts'
import { TAG } from '../../../src/wire/native/format.ts'
import { Lab } from './lab.ts'

const auth = () => sharedSecret({ secret: 'k'.repeat(32) })
const POLICY = { backoff: { firstMs: 10, maxMs: 50 } }
const SELF = { name: 'osd.1', instance: 'e'.repeat(32), addresses: [] }
const hello = frames.controlFrame(
  TAG.HELLO,
  frames.encodeHello({ version: 1, identity: SELF, frameBytesMax: 524_288, features: [] }),
)
const banner = encodeBanner(1)
const wrongBanner = Uint8Array.from(banner, (byte, at) => (at === 8 ? 2 : byte))
const said = (tag: number, payload: Uint8Array): Uint8Array[] => [banner, hello, frames.controlFrame(tag, payload)]
const reject = (code: 'INK_TAKEN_OVER' | 'INK_POLICY_MISMATCH' | 'INK_AUTH_REFUSED' | 'INK_INCOMPATIBLE') =>
  said(TAG.REJECT, frames.encodeReject({ code, reason: 'go away' }))

const STRANGERS: Readonly<Record<string, Uint8Array[]>> = {
  AUTH_REJECTED: said(TAG.AUTH_REJECTED, frames.encodeReason('no')),
  'REJECT INK_TAKEN_OVER': reject('INK_TAKEN_OVER'),
  'REJECT INK_POLICY_MISMATCH': reject('INK_POLICY_MISMATCH'),
  'REJECT INK_AUTH_REFUSED': reject('INK_AUTH_REFUSED'),
  'REJECT INK_INCOMPATIBLE': reject('INK_INCOMPATIBLE'),
  'a wrong proof': said(TAG.AUTH_CHALLENGE, frames.encodeAuthStep(new Uint8Array(64))),
  'AUTH_DONE without a challenge': said(TAG.AUTH_DONE, frames.encodeAuthStep(new Uint8Array(0))),
  GOODBYE: said(TAG.GOODBYE, frames.encodeReason('bye')),
  'YIELD at the end of the numbers': said(TAG.YIELD, frames.encodeYield(0xffff0000)),
  'another version': [wrongBanner],
  'another language': [new TextEncoder().encode('HTTP/1.1 400 Bad Request\r\n\r\n')],
  nothing: [],
}

for (const [what, bytes] of Object.entries(STRANGERS)) {
  for (const policy of [losslessClient(POLICY), peer(POLICY)]) {
    t.test(`${what}, to a ${policy.kind}`, async (t) => {
      const lab = new Lab()
      const server = policy.kind === 'peer' ? peer(POLICY) : losslessServer()
      const daemon = lab.subject('osd.1', { policies: { default: server }, auth: auth() })
      const client = lab.subject('osd.0', { policies: { default: policy }, auth: auth() })
      await daemon.messenger.bind('memory://osd.1')
      const connection = client.messenger.connect('memory://osd.1', { name: 'osd.1' })
      connection.send({ type: 1, tid: 1 })
      await lab.clock.advance(100)
      const { session } = connection.dump()
      let asked = 0
      const listener = await lab.hub.listen(parseAddress('memory://stranger'), (link) => {
        asked++
        link.handlers = { opened: () => {}, data: () => false, writable: () => {}, closed: () => {} }
        link.write(bytes)
        if (bytes.length === 0) link.close()
      })
      const dial = lab.hub.dial.bind(lab.hub)
      lab.hub.dial = (address) => dial({ ...address, host: 'stranger' })
      lab.cut()
      connection.send({ type: 1, tid: 2 })
      await lab.clock.advance(1000)
      lab.hub.dial = dial
      t.ok(asked > 1, `it answered ${asked} dials`)
      t.not(connection.state, 'closed')
      t.equal(connection.dump().session, session)
      await lab.clock.advance(1000)
      t.strictSame(daemon.got, [1, 2])
      t.equal(connection.dump().session, session, 'the same session')
      t.notOk(client.told.some((one) => /^on(Remote)?Reset/.test(one)))
      await listener.close()
    })
  }
}
