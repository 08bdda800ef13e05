/**
 * shared-secret: both ends prove that they know the secret of the dialler's name, and neither sends it.
 *
 *   request    dialler  → a nonce
 *   challenge  acceptor → a nonce and the acceptor's proof, so the dialler never answers a stranger
 *   response   dialler  → the dialler's proof
 *   done       acceptor → proof that the response was accepted
 *
 * A proof is an HMAC-SHA256 over its role, both names, both nonces and both transcripts, each with its length before
 * it. The roles keep a proof from being sent back to its maker, the names from being relayed, the nonces from being
 * used again, and the transcripts from belonging to another greeting. The first proof is made over what was said
 * before the challenge; each later one covers the one before it. The key is derived from the secret and the dialler's
 * name, so what one client can prove is of no use to another, also when all share one secret.
 *
 * What this does not give: encryption, or integrity of what follows the handshake. See SECURITY.md.
 */
import { concat } from '../common/bytes.ts'
import { nodeCrypto } from '../late/modules.ts'
import { AuthRefused } from '../wire/auth-method.ts'
import type { AuthAcceptor, AuthAnswer, AuthDialler, AuthMethod, Transcript } from '../wire/auth-method.ts'
import { AUTH_BOUNDS, makeKeyring } from './shared-secret-options.ts'
import type { Keyring, SharedSecretOptions } from './shared-secret-options.ts'
import { isName, patternsFor } from './name-pattern.ts'

const METHOD = 'shared-secret'
const { nonceBytes: NONCE_BYTES } = AUTH_BOUNDS
const PROOF_BYTES = 32
const KEY_LABEL = 'inkwire shared-secret 1: key of the dialler '

type RandomBytes = (count: number) => Uint8Array
type Role = 'inkwire acceptor' | 'inkwire dialler' | 'inkwire done'

/** Mutual proof by secrets that both ends were given. Throws INK_BAD_OPTION. */
export function sharedSecret(options: SharedSecretOptions): AuthMethod {
  const keyring = makeKeyring(options)
  return Object.freeze({
    name: METHOD,
    dialler: (self: string, randomBytes: RandomBytes) => makeDialler(keyring, self, randomBytes),
    acceptor: (self: string, randomBytes: RandomBytes) => makeAcceptor(keyring, self, randomBytes),
  })
}

function makeDialler(keyring: Keyring, self: string, randomBytes: RandomBytes): AuthDialler {
  let nonce: Uint8Array | undefined
  let proven: { readonly peer: string; readonly prove: Prover; readonly proof: Uint8Array } | undefined
  return Object.freeze({
    request() {
      if (nonce !== undefined) throw outOfOrder('request')
      keyFor(keyring, self, self) // refuses before anything is sent
      nonce = randomBytes(NONCE_BYTES)
      return nonce
    },
    challenge(payload: Uint8Array, transcript: Transcript, peer: string) {
      if (nonce === undefined || proven !== undefined) throw outOfOrder('challenge')
      checkLength('challenge', payload, NONCE_BYTES + PROOF_BYTES)
      checkName(peer)
      if (!keyring.accepts(peer)) {
        throw new AuthRefused(`${self} does not accept ${peer}: its sharedSecret() names others in "accept"`)
      }
      const peerNonce = payload.subarray(0, NONCE_BYTES)
      const prove = prover(keyFor(keyring, self, self), [self, peer, nonce, peerNonce], transcript)
      const acceptorProof = prove('inkwire acceptor')
      check(payload.subarray(NONCE_BYTES), acceptorProof, self, peer)
      proven = { peer, prove, proof: prove('inkwire dialler', acceptorProof) }
      return proven.proof
    },
    done(payload: Uint8Array, transcript: Transcript, peer: string) {
      if (proven === undefined || proven.peer !== peer) throw outOfOrder('done')
      check(payload, proven.prove('inkwire done', proven.proof, digest(transcript.acceptor)), self, peer)
      proven = undefined
    },
  })
}

function makeAcceptor(keyring: Keyring, self: string, randomBytes: RandomBytes): AuthAcceptor {
  let asked: { readonly peer: string; readonly prove: Prover; readonly proof: Uint8Array } | undefined
  let used = false
  return Object.freeze({
    request(payload: Uint8Array, transcript: Transcript, peer: string): AuthAnswer {
      if (used) throw outOfOrder('request')
      used = true
      checkName(peer)
      checkLength('request', payload, NONCE_BYTES)
      const nonce = randomBytes(NONCE_BYTES)
      const prove = prover(keyFor(keyring, peer, self), [peer, self, payload, nonce], transcript)
      asked = { peer, prove, proof: prove('inkwire acceptor') }
      return { kind: 'challenge', payload: concat([nonce, asked.proof]) }
    },
    response(payload: Uint8Array, transcript: Transcript, peer: string) {
      if (asked === undefined || asked.peer !== peer) throw outOfOrder('response')
      const { prove, proof } = asked
      asked = undefined // one guess per handshake
      const diallerProof = prove('inkwire dialler', proof)
      check(payload, diallerProof, self, peer)
      return prove('inkwire done', diallerProof, digest(transcript.acceptor))
    },
  })
}

/** The key for handshakes that `dialler` begins, as 32 bytes. */
function keyFor(keyring: Keyring, dialler: string, self: string): Uint8Array {
  const secret = keyring.secretOf(dialler)
  if (secret === undefined) {
    const options = patternsFor(dialler).map((pattern) => `keys["${pattern}"]`)
    throw new AuthRefused(`${self} has no secret for ${dialler}: give its sharedSecret() ${options.join(' or ')}`)
  }
  return new Uint8Array(nodeCrypto().createHmac('sha256', secret).update(KEY_LABEL).update(dialler).digest())
}

/** Makes the proofs of one handshake; `more` is what the role's proof covers beyond the common part. */
type Prover = (role: Role, ...more: readonly Uint8Array[]) => Uint8Array

function prover(key: Uint8Array, parts: readonly (string | Uint8Array)[], transcript: Transcript): Prover {
  // Copies: the payloads and transcripts may lie in buffers that are used again before the last proof.
  const common = [...parts.map(bytesOf), digest(transcript.dialler), digest(transcript.acceptor)]
  return (role, ...more) => {
    const hmac = nodeCrypto().createHmac('sha256', key)
    const length = new Uint8Array(4)
    for (const part of [bytesOf(role), bytesOf(METHOD), ...common, ...more]) {
      new DataView(length.buffer).setUint32(0, part.length)
      hmac.update(length).update(part)
    }
    return new Uint8Array(hmac.digest())
  }
}

function check(given: Uint8Array, expected: Uint8Array, self: string, peer: string): void {
  if (given.length !== expected.length || !nodeCrypto().timingSafeEqual(given, expected)) {
    throw new AuthRefused(
      `${peer} did not prove to ${self} that it knows the same secret: compare their sharedSecret()`,
    )
  }
}

/** The name goes into reasons and logs, so it must be one. */
function checkName(peer: string): void {
  if (!isName(peer)) throw new AuthRefused('the name of the peer is not an entity name such as osd.3')
}

function checkLength(step: string, payload: Uint8Array, bytes: number): void {
  if (payload.length !== bytes) {
    throw new AuthRefused(`the ${step} of ${METHOD} has ${bytes} bytes, got ${payload.length}: the peer's is another`)
  }
}

function outOfOrder(step: string): AuthRefused {
  return new AuthRefused(`the ${step} of ${METHOD} came out of order`)
}

function digest(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(nodeCrypto().createHash('sha256').update(bytes).digest())
}

function bytesOf(part: string | Uint8Array): Uint8Array {
  return typeof part === 'string' ? new TextEncoder().encode(part) : part.slice()
}
