/**
 * cephx for one messenger: which half of it a name and its keys make it.
 *
 *   mon.*            an authority for those whose keys it holds; to other monitors it shows tickets with the key of `mon.`
 *   osd.* mds.* mgr.* a client of the monitors, and a service: it gets the secrets of its type from them
 *   others           a client of the monitors; nobody can prove anything to it
 *
 * The name comes with the messenger, so a role is made when it is first needed.
 */
import { AuthRefused } from '../../wire/auth-method.ts'
import type { ServiceWorld } from '../../wire/service.ts'
import type { CephAuth, CephAuthClient, CephAuthServer } from '../msgr2/auth.ts'
import { bitOf, CON_MODE, ENTITY_MON, type ConMode } from '../msgr2/format.ts'
import { Authority, SECRET_KEEPERS } from './authority.ts'
import { cephxClient, type CephxIdentity } from './cephx-client.ts'
import { cephxServer, type CephxService } from './cephx-server.ts'
import { MONITORS } from './entity-name.ts'
import { GlobalIds } from './global-ids.ts'
import { isKnown, unknownType, type Key } from './key.ts'
import type { Keys } from './keyring.ts'
import { MonitorAuthService } from './monitor-auth-service.ts'
import { NODE_CRYPTO } from './node-crypto.ts'
import type { RandomBytes } from './proof.ts'
import { Renewal } from './renewal.ts'
import { DerivedSecrets, FetchedSecrets } from './service-secrets.ts'
import { SERVICE_AUTH, Tickets } from './tickets.ts'

export interface CephxOptions {
  /** The secret of a name; all names have the same when the key itself was given. */
  readonly keys: Keys
  /** Our own key, when it was given without a name. */
  readonly ownKey: Key | null
  /** Modes in order of preference; null for Ceph's order. */
  readonly modes: readonly ConMode[] | null
  /** How long the tickets of an authority live, in ms. */
  readonly authTicketMs: number
  readonly serviceTicketMs: number
}

type Time = Pick<ServiceWorld, 'nowMs' | 'wallMs'>

export class CephxAuth implements CephAuth {
  readonly crypto = NODE_CRYPTO
  readonly provesNames = true
  readonly #options: CephxOptions
  readonly #tickets: Tickets
  /** The host's until there is a messenger. */
  #time: Time = { nowMs: () => Date.now(), wallMs: () => Date.now() }
  #authority: Authority | null = null
  #secrets: FetchedSecrets | null = null
  #renewal: Renewal | null = null
  readonly #globalIds = new GlobalIds()

  constructor(options: CephxOptions) {
    this.#options = options
    this.#tickets = new Tickets(() => this.#time.nowMs())
  }

  get globalId(): bigint | null {
    return this.#tickets.globalId
  }

  service(world: ServiceWorld): MonitorAuthService | Renewal {
    this.#time = world
    if (isMonitor(world.name)) return new MonitorAuthService(world, this.#authorityOf(world.randomBytes))
    const { name } = world
    const parts = { tickets: this.#tickets, secrets: this.#secretsOf(name), name }
    this.#renewal = new Renewal(world, () => ({ ...parts, secret: this.#secretOf(name) }))
    return this.#renewal
  }

  client(name: string, randomBytes: RandomBytes): CephAuthClient {
    const identity: CephxIdentity = {
      name,
      secret: this.#secretOf(name),
      tickets: this.#tickets,
      authority: isMonitor(name) ? this.#authorityOf(randomBytes) : null,
      modes: (peerBit) => this.#modes(peerBit === ENTITY_MON),
      refused: () => this.#renewal?.look(),
    }
    return cephxClient(identity, randomBytes)
  }

  server(name: string, randomBytes: RandomBytes): CephAuthServer {
    const monitor = isMonitor(name)
    const authority = monitor ? this.#authorityOf(randomBytes) : null
    const secrets = this.#secretsOf(name)
    if (authority === null && secrets === null) {
      throw new AuthRefused(`${name} is a client of cephx: it cannot tell who dials it`)
    }
    const service: CephxService = {
      service: bitOf(name),
      reader: authority ?? { secrets: secrets!, monitorsKey: null, wallMs: () => this.#time.wallMs() },
      authority,
      modes: (peerBit) => this.#modes(monitor || peerBit === ENTITY_MON),
      nextGlobalId: () => this.#globalIds.next(randomBytes),
    }
    return cephxServer(service, randomBytes)
  }

  #modes(withMonitor: boolean): readonly ConMode[] {
    const { SECURE, CRC } = CON_MODE
    return this.#options.modes ?? (withMonitor ? [SECURE, CRC] : [CRC, SECURE])
  }

  #secretOf(name: string): Key {
    const { keys, ownKey } = this.#options
    const secret = ownKey ?? keys.get(name) ?? (isMonitor(name) ? keys.get(MONITORS) : undefined)
    if (secret === undefined) throw new AuthRefused(`the keyring holds no key for ${name}`)
    if (!isKnown(secret)) throw new AuthRefused(`the key of ${name} is ${unknownType(secret).message}`)
    return secret
  }

  #secretsOf(name: string): FetchedSecrets | null {
    const service = bitOf(name)
    if (!SECRET_KEEPERS.includes(service)) return null
    this.#secrets ??= new FetchedSecrets(service)
    return this.#secrets
  }

  /** Monitors with the key of all monitors agree about the secrets; one without it has secrets of its own. */
  #authorityOf(randomBytes: RandomBytes): Authority {
    if (this.#authority !== null) return this.#authority
    const { keys, ownKey, authTicketMs, serviceTicketMs } = this.#options
    const all = ownKey === null ? keys : new Map([...keys, [MONITORS, ownKey]])
    const ticketMs = (service: number): number => (service === SERVICE_AUTH ? authTicketMs : serviceTicketMs)
    const wallMs = (): number => this.#time.wallMs()
    const secrets = new DerivedSecrets(all.get(MONITORS)?.secret ?? randomBytes(32), ticketMs, wallMs)
    this.#authority = new Authority({ keys: all, secrets, ticketMs, wallMs, randomBytes })
    return this.#authority
  }
}

function isMonitor(name: string): boolean {
  return name.startsWith(MONITORS)
}
