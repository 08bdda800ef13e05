/**
 * A cluster that authenticates with cephx and is all Inkwire, in simulated time: a monitor that holds a keyring, services
 * and clients, each on a host of its own. What each heard and what went wrong is kept.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Msgr2Options } from '../../../src/ceph/msgr2.ts'
import { msgr2 } from '../../../src/ceph/index.ts'
import {
  lossy,
  Messenger,
  type Connection,
  type Message,
  type MessengerEvent,
  type PolicyMap,
  type WireProtocol,
} from '../../../src/index.ts'
import { Simulation } from '../../../src/testing/index.ts'
import { simulatedTcp } from '../simulated-tcp.ts'
import { aes, keyText } from './keys.ts'

/** A key as keyrings have it, of 16 equal bytes. */
export function keyOf(byte: number): string {
  return keyText(aes(byte))
}

export const KEYS: Readonly<Record<string, string>> = {
  'mon.': keyOf(1),
  'client.admin': keyOf(2),
  'client.other': keyOf(3),
  'osd.0': keyOf(4),
  'osd.1': keyOf(5),
  'mgr.x': keyOf(6),
}

/** Path of a keyring with these names; it goes with the test. */
export function keyringFile(t: Test, names: readonly string[] = Object.keys(KEYS)): string {
  const folder = mkdtempSync(join(tmpdir(), 'inkwire-keyring-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'keyring')
  writeFileSync(path, names.map((name) => `[${name}]\n\tkey = ${KEYS[name] ?? ''}\n`).join(''))
  return path
}

export interface Node {
  readonly messenger: Messenger
  readonly got: { readonly type: number; readonly from: string | null; readonly principal: string | null | undefined }[]
  readonly events: MessengerEvent[]
  readonly refusals: string[]
}

const QUIET = lossy({ keepalive: { intervalMs: 600_000, timeoutMs: 1_200_000 } })

export class SimulatedCluster {
  readonly sim = new Simulation({ seed: 5 })
  #hosts = 0

  node(name: string, how: Msgr2Options | WireProtocol, policies: PolicyMap = { default: QUIET }): Node {
    const process = this.sim.process(`10.0.0.${++this.#hosts}`)
    const transports = [simulatedTcp(process)]
    const wire = 'dialler' in how ? how : msgr2(how)
    const messenger = new Messenger({ name, policies, wire, ...process.options, transports })
    const node: Node = { messenger, got: [], events: [], refusals: [] }
    messenger.use({
      dispatch(message: Message, { peer }: Connection) {
        node.got.push({ type: message.type, from: peer.name, principal: peer.principal })
      },
      onRefused: (_connection, error) => node.refusals.push(`${error.code}: ${error.message}`),
    })
    messenger.events$.subscribe((event) => {
      node.events.push(event)
      if (event.type === 'linkRefused' || event.type === 'authFailed') node.refusals.push(event.reason)
    })
    return node
  }

  /** A node that listens, and its address. */
  async listening(
    name: string,
    how: Msgr2Options | WireProtocol,
    policies?: PolicyMap,
  ): Promise<Node & { address: string }> {
    const node = this.node(name, how, policies)
    const address = await node.messenger.bind(`v2:10.0.0.${this.#hosts}:3300/0`)
    return { ...node, address }
  }

  /** Lets time pass: everything that is under way comes to its end. */
  async pass(ms = 1000): Promise<void> {
    await this.sim.clock.advance(ms)
  }
}
