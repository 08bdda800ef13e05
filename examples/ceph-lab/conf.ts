/** What a Ceph of one monitor and one OSD on loopback is configured with. Small, quick to start, and told to nobody else. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'

export type LabAuth = 'none' | 'cephx'
export type LabMode = 'crc' | 'secure'

export interface LabPlan {
  readonly folder: string
  readonly fsid: string
  readonly port: number
  readonly auth: LabAuth
  readonly mode: LabMode
  /** Every this many reads and writes of a socket, the OSD cuts it; 0: never. */
  readonly cutEvery: number
  /** More options of Ceph's for every daemon and tool, such as `auth service ticket ttl`. */
  readonly conf: Readonly<Record<string, string | number>>
}

export function cephConf({ folder, fsid, port, auth, mode, cutEvery, conf }: LabPlan): string {
  const roles = ['cluster', 'service', 'client']
  return `[global]
fsid = ${fsid}
mon host = [v2:127.0.0.1:${port}/0]
${roles.map((role) => `auth ${role} required = ${auth}`).join('\n')}
ms bind msgr1 = false
ms bind msgr2 = true
${roles.flatMap((role) => [`ms ${role} mode = ${mode}`, `ms mon ${role} mode = ${mode}`]).join('\n')}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
keyring = ${join(folder, 'keyring')}
run dir = ${folder}
admin socket = ${folder}/$name.asok
log file = ${folder}/$name.log
mon cluster log file = ${folder}/cluster.log
pid file =
osd pool default size = 1
osd pool default min size = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon allow pool delete = true
mon warn on pool no redundancy = false
auth allow insecure global id reclaim = false
mon data avail warn = 1
mon data avail crit = 1
paxos propose interval = 0.05
paxos min wait = 0.01
${Object.entries(conf)
  .map(([name, value]) => `${name} = ${value}`)
  .join('\n')}
[mon.a]
mon data = ${join(folder, 'mon')}
[osd.0]
osd data = ${join(folder, 'osd')}
osd objectstore = memstore
memstore device bytes = 256Mi
osd journal =
osd fast shutdown = false
osd backoff on peering = true
ms inject socket failures = ${cutEvery}
osd max object name len = 256
osd max object namespace len = 64
`
}

const CAPS: Readonly<Record<string, readonly string[]>> = {
  'mon.': ['mon = "allow *"'],
  'client.admin': ['mon = "allow *"', 'osd = "allow *"', 'mgr = "allow *"'],
  'osd.0': ['mon = "allow profile osd"', 'osd = "allow *"', 'mgr = "allow profile osd"'],
}

/** Keys for everybody, as `ceph-authtool` would write them. */
export function keyring(): string {
  return Object.entries(CAPS)
    .map(([name, caps]) => [`[${name}]`, `key = ${newKey()}`, ...caps.map((cap) => `caps ${cap}`), ''].join('\n'))
    .join('\n')
}

/** Type (AES), time of making, length, secret. */
function newKey(): string {
  const head = Buffer.alloc(12)
  head.writeUInt16LE(1, 0)
  head.writeUInt32LE(Math.floor(Date.now() / 1000), 2)
  head.writeUInt16LE(16, 10)
  return Buffer.concat([head, randomBytes(16)]).toString('base64')
}
