/**
 * Ceph's method "none": a name without proof, in both roles. Real monitors and daemons still want the name in the form
 * that they know; two messengers of Ceph's own tests send nothing at all, and that is taken too.
 */
import { AuthRefused } from '../../wire/auth-method.ts'
import type { CephAuthClient, CephAuthServer, ServerStep } from '../msgr2/auth.ts'
import { Reader, Writer } from '../msgr2/codec.ts'
import type { AuthRequest } from '../msgr2/control-frames.ts'
import type { LinkSecrets } from '../msgr2/crypto.ts'
import { AUTH_METHOD, CON_MODE, ENTITY_MON } from '../msgr2/format.ts'
import { ERRNO } from '../msgr2/refusals.ts'
import { MODE_AUTHORIZER } from './authorizer.ts'
import { MODE_MON } from './cephx-client.ts'
import { writeEntityName } from './entity-name.ts'

/** Without keys there is nothing to encrypt with. */
const SECRETS: LinkSecrets = Object.freeze({ mode: CON_MODE.CRC, sessionKey: null, connectionSecret: null })

/** The number that a monitor gave, shared by the links of a messenger. */
export interface GlobalId {
  globalId: bigint | null
}

export function noneClient(name: string, shared: GlobalId): CephAuthClient {
  let toMonitor = false
  let given: bigint | null = null
  return {
    request(peerBit) {
      toMonitor = peerBit === ENTITY_MON
      const writer = new Writer().u8(toMonitor ? MODE_MON : MODE_AUTHORIZER)
      writeEntityName(writer, name)
      // A monitor is asked for the same number again: by it an OSD knows a request that it has carried out.
      const payload = writer.u64(shared.globalId ?? 0n).done()
      return { method: AUTH_METHOD.NONE, modes: [CON_MODE.CRC], payload }
    },
    more() {
      throw new AuthRefused('the peer asks for a proof, and authentication is "none" here')
    },
    done(globalId, mode) {
      if (mode !== CON_MODE.CRC) throw new AuthRefused('the peer wants secure mode, which needs cephx')
      if (toMonitor) given = globalId
      return SECRETS
    },
    proved() {
      if (given !== null) shared.globalId = given
    },
    refused() {},
    note: null,
  }
}

/** `next` gives numbers to those who have none. */
export function noneServer(next: () => bigint): CephAuthServer {
  return {
    request({ method, modes, payload }: AuthRequest): ServerStep {
      if (method !== AUTH_METHOD.NONE || !modes.includes(CON_MODE.CRC)) {
        const reason = 'the peer wants to prove its name, or to encrypt; authentication is "none" here'
        return { kind: 'bad', result: ERRNO.EOPNOTSUPP, methods: [AUTH_METHOD.NONE], modes: [CON_MODE.CRC], reason }
      }
      const globalId = claimed(payload) || next()
      return { kind: 'done', globalId, payload: new Uint8Array(0), secrets: SECRETS, proven: null }
    },
    more() {
      throw new AuthRefused('nothing was asked')
    },
  }
}

/** The number that the peer says it has; 0 for none. */
function claimed(payload: Uint8Array): bigint {
  if (payload.length === 0) return 0n
  const reader = new Reader(payload)
  reader.u8()
  reader.u32()
  reader.text()
  return reader.u64()
}
