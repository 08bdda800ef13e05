/**
 * Inkwire over Ceph's protocol, with Ceph's messages: each end can be paired with Ceph's own messenger.
 *
 * What is sent as data goes in an OsdOp, what is answered in an OsdOpReply. Their fronts are encoded once: what is compared
 * are messengers. Sessions are lossy, as those of a Ceph server that keeps no state.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { msgr2, OsdOp, OsdOpReply } from '../../src/ceph/index.ts'
import { lossy, Messenger, type WireProtocol } from '../../src/index.ts'
import type { Listening, Receive, Subject } from '../harness/subject.ts'
import { driveCeph, listenCeph } from './ceph.ts'
import { handler, Pipes, type Make } from './inkwire-pipe.ts'

export interface Msgr2Variant {
  readonly handler?: 'queued' | 'fast'
  /** `secure`: cephx, and AES-128-GCM around every frame. */
  readonly mode?: 'crc' | 'secure'
  /** Whose the other end is. */
  readonly server?: 'ceph'
  readonly client?: 'ceph'
}

/** Of a cluster that is not. */
const KEY = 'AQBSdFhmAAAAABAAnZZ8qkS2C0Q0F3dWxUcNhA=='
const GROUP = { pool: 1, seed: 0, shard: -1 }
const NOTHING = new Uint8Array(0)
const REQUEST = OsdOp.make({
  ...{ group: GROUP, hash: 0, epoch: 1, flags: 0, time: { seconds: 0, nanoseconds: 0 }, object: '', namespace: '' },
  ...{ position: null, ops: [], attempt: 0, features: 0n, data: NOTHING },
})
const VERSION = { version: 0, epoch: 0 }
const REPLY = OsdOpReply.make({
  ...{ object: '', group: GROUP, flags: 0, result: 0, epoch: 1, attempt: 0, results: [] },
  ...{ version: VERSION, legacyVersion: VERSION, objectVersion: 0, redirected: false },
})

/** Numbers what it makes, as requests and their answers are in Ceph. */
function maker(template: typeof REQUEST): Make {
  let tid = 0
  return (data) => ({ ...template, data, tid: ++tid })
}

export function inkwireMsgr2(variant: Msgr2Variant): Subject {
  const { mode = 'crc', server, client } = variant
  const pipes = new Pipes(maker(REQUEST))
  let dialler: Messenger | null = null
  return {
    listen: (_options, receive) => (server === 'ceph' ? listenCeph('usual') : listen(variant, receive)),
    async dial(address, _options, receive) {
      dialler ??= new Messenger({
        name: mode === 'secure' ? 'client.admin' : 'client.?',
        policies: { default: lossy() },
        wire: mode === 'secure' ? msgr2({ key: KEY, modes: ['secure'] }) : msgr2(),
      })
      dialler.use(handler(variant.handler ?? 'queued', pipes))
      const connection = dialler.connect(address, { type: mode === 'secure' ? 'mon' : 'osd' })
      const pipe = pipes.add(connection, receive)
      await connection.opened()
      return pipe
    },
    ...(client === 'ceph' ? { drive: (address, options) => driveCeph('usual', address, options) } : {}),
  }
}

async function listen({ mode, handler: how = 'queued' }: Msgr2Variant, receive: Receive): Promise<Listening> {
  const secure = mode === 'secure'
  const messenger = new Messenger({
    name: secure ? 'mon.0' : 'osd.0',
    policies: { default: lossy() },
    wire: secure ? authority() : msgr2(),
  })
  messenger.use(handler(how, new Pipes(maker(REPLY), receive)))
  const address = await messenger.bind('v2:127.0.0.1:0/0')
  return { address, close: () => messenger.shutdown() }
}

/** A monitor that knows the key of `client.admin`. */
function authority(): WireProtocol {
  const folder = mkdtempSync(join(tmpdir(), 'inkwire-bench-'))
  const keyring = join(folder, 'keyring')
  writeFileSync(keyring, `[mon.]\n\tkey = ${KEY}\n[client.admin]\n\tkey = ${KEY}\n`)
  try {
    return msgr2({ keyring, modes: ['secure'] })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
