/**
 * Who takes part, by name: Inkwire and its variants, the bare framing ceiling, and the peers of bench/peers.
 *
 * `inkwire=path/to/dist/index.js` is another build of Inkwire, for a comparison of two builds in one run.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Subject } from '../harness/subject.ts'
import { bare } from './bare.ts'
import { ceph, missingCeph } from './ceph.ts'
import { inkwireCalls, type CallVariant } from './inkwire-calls.ts'
import { inkwireMsgr2, type Msgr2Variant } from './inkwire-msgr2.ts'
import { inkwire, type InkwireVariant } from './inkwire.ts'
import { plainNet } from './plain-net.ts'

const PEERS = fileURLToPath(new URL('../../../bench/peers/', import.meta.url))

/** What may stand behind `inkwire`, each once and in any order: what differs from the default contract. */
const WORDS: Readonly<Record<string, InkwireVariant>> = {
  fast: { handler: 'fast' },
  lend: { bodies: 'lend' },
  lossy: { policy: 'lossy' },
  'no checksum': { checksum: 'none' },
  sleeping: { busyPoll: false },
  observed: { observed: true },
  unix: { over: 'unix' },
  'shm file': { over: 'shm file' },
  shm: { over: 'shm' },
  tls: { over: 'tls' },
  worker: { over: 'worker' },
}

/** Calls of Inkwire, and the same by hand over `send()`. */
const CALLS: Readonly<Record<string, CallVariant>> = {
  'inkwire call': 'queued',
  'inkwire call inline': 'inline',
  'inkwire by hand': 'by hand',
}

/** Inkwire over Ceph's protocol, by itself and with one end of Ceph's own. */
const MSGR2: Readonly<Record<string, Msgr2Variant>> = {
  'inkwire msgr2': {},
  'inkwire msgr2 fast': { handler: 'fast' },
  'inkwire msgr2 secure': { mode: 'secure' },
  'ceph to inkwire': { client: 'ceph' },
  'inkwire to ceph': { server: 'ceph' },
}

/** Peers that need a package of bench/peers: the name, and the package. */
const PACKAGES: Readonly<Record<string, string>> = {
  zeromq: 'zeromq',
  nats: 'nats',
  rsocket: 'rsocket-core',
  'grpc-js': '@grpc/grpc-js',
  ws: 'ws',
}

export async function loadSubject(name: string): Promise<Subject> {
  const [base = '', path] = name.split('=')
  const variant = variantOf(base)
  const build = path === undefined ? {} : { path: resolve(path) }
  if (variant !== null) return await inkwire({ ...variant, ...build })
  const calls = CALLS[base]
  if (calls !== undefined) return { ...(await inkwire(build)), calls: await inkwireCalls(calls, build.path) }
  const overMsgr2 = MSGR2[name]
  if (overMsgr2 !== undefined) return inkwireMsgr2(overMsgr2)
  if (name === 'ceph') return ceph('usual')
  if (name === 'ceph best') return ceph('best')
  if (name === 'bare') return bare('sleeping')
  if (name === 'bare polling') return bare('polling')
  if (name === 'net') return plainNet
  if (PACKAGES[name] === undefined) throw new Error(`there is no subject ${name}`)
  const { subject } = (await import(pathToFileURL(`${PEERS}${name}.mjs`).href)) as { subject: Subject }
  return subject
}

/** `inkwire` and words behind it; null: that is somebody else. */
function variantOf(name: string): InkwireVariant | null {
  const [first, ...rest] = name.split(' ')
  if (first !== 'inkwire') return null
  let left = rest.join(' ')
  let variant: InkwireVariant = {}
  while (left !== '') {
    const word = Object.keys(WORDS).find((word) => `${left} `.startsWith(`${word} `))
    if (word === undefined) return null
    variant = { ...variant, ...WORDS[word] }
    left = left.slice(word.length + 1)
  }
  return variant
}

/** Why a subject cannot run here, as one line; null when it can. */
export function missing(name: string): string | null {
  if (/\bceph\b/.test(name)) return missingCeph()
  const wanted = PACKAGES[name]
  if (wanted === undefined) return null
  if (!existsSync(`${PEERS}${name}.mjs`)) return 'no adapter'
  try {
    createRequire(`${PEERS}package.json`).resolve(wanted)
    return null
  } catch {
    return 'not installed (npm ci --prefix bench/peers)'
  }
}
