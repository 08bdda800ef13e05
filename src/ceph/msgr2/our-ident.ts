/** What either end says of itself when a session begins or goes on, and how one that cannot is refused. */
import { unreachable } from '../../common/errors.ts'
import type { Resumable } from '../../wire/wire.ts'
import type { EntityAddress } from './address.ts'
import { writeBool, writeNumber, type ClientIdent, type Ident, type Reconnect } from './control-frames.ts'
import type { Say } from './decision-tables.ts'
import { ourAddresses, ourNumber } from './entity.ts'
import { IDENT_LOSSY, TAG } from './format.ts'
import type { HandshakeHost } from './handshake.ts'
import { knownPeer } from './known-peer.ts'
import { cookieOf } from './registry.ts'

type Self = Pick<HandshakeHost, 'context' | 'shared'>

/** Of a session; a lossy one has no cookie. */
interface Beginning {
  readonly lossy: boolean
  readonly cookie: bigint
}

/** `addresses`: those that whoever dialled knows us by. */
export function serverIdent(
  { context, shared }: Self,
  addresses: EntityAddress[],
  { lossy, cookie }: Beginning,
): Ident {
  return {
    addresses,
    gid: ourNumber(context.self.name, shared.auth.globalId),
    globalSeq: shared.registry.nextGlobalSeq(),
    supported: shared.supported,
    required: shared.required,
    flags: lossy ? IDENT_LOSSY : 0n,
    cookie,
  }
}

/** `seen`: ourselves, as the peer sees us. */
export function clientIdent(of: Self, seen: EntityAddress, target: EntityAddress, beginning: Beginning): ClientIdent {
  return { ...serverIdent(of, ourAddresses(of.context.self, seen), beginning), target }
}

/** Above `seenGlobalSeq`, which the peer has heard of already. */
export function reconnect(
  { context, shared }: Self,
  seen: EntityAddress,
  session: Resumable,
  { connectSeq, seenGlobalSeq }: { readonly connectSeq: bigint; readonly seenGlobalSeq: bigint },
): Reconnect {
  return {
    addresses: ourAddresses(context.self, seen),
    clientCookie: cookieOf(session.id),
    serverCookie: knownPeer(session.peer)?.serverCookie ?? 0n,
    globalSeq: shared.registry.nextGlobalSeq(seenGlobalSeq),
    connectSeq,
    // What was received and not handled yet may come again: the session knows it as a duplicate.
    messageSeq: BigInt(session.marks[0]?.processed ?? 0),
  }
}

/** To a peer that may ask again. */
export function sayAgain(say: Say): { readonly tag: number; readonly payload: Uint8Array } {
  switch (say.kind) {
    case 'reset':
      return { tag: TAG.SESSION_RESET, payload: writeBool(say.full) }
    case 'retry':
      return { tag: TAG.SESSION_RETRY, payload: writeNumber(BigInt(say.connectSeq)) }
    case 'retryGlobal':
      return { tag: TAG.SESSION_RETRY_GLOBAL, payload: writeNumber(say.globalSeq) }
    default:
      return unreachable(say)
  }
}
