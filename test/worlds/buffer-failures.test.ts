/**
 * Every way in which a transfer fails, straight to the owner and through who forwards, reading and writing: the reason is the same, what is
 * said to be placed is, and nothing is left open anywhere.
 */
import t from 'tap'
import { BufferRef, type BufferError, type BufferReason } from '../../src/buffers/index.ts'
import { lossy } from '../../src/index.ts'
import { failureOf, inLab, pattern, reasonOf, type Lab, type Party } from '../unit/buffers/lab.ts'

const SIZE = 5_000_000
const PATTERN = pattern(SIZE)
const ZEROES = new Uint8Array(SIZE)
const POLICY = lossy()

/** The owner, who holds the reference, and who stands between them where there is no other way. */
class Scene {
  readonly lab: Lab
  readonly owner: Party
  readonly holder: Party
  readonly between: Party | null
  readonly memory = PATTERN.slice()
  readonly into = new Uint8Array(SIZE)

  constructor(lab: Lab, owner: Party, holder: Party, between: Party | null) {
    this.lab = lab
    this.owner = owner
    this.holder = holder
    this.between = between
  }

  /** As it comes to its holder. */
  handOn(ref: BufferRef): BufferRef {
    return BufferRef.decode((this.between?.buffers.forward(ref) ?? ref).encode())
  }

  register(options: Parameters<Party['buffers']['register']>[1] = {}): BufferRef {
    return this.owner.buffers.register(this.memory, { rights: 'read-write', ...options })
  }

  /** One that is under way when `trouble` happens. */
  async caught(how: 'receive' | 'send', ref: BufferRef, trouble: () => unknown): Promise<BufferError> {
    let resolve!: () => void
    const under = new Promise<void>((settle) => {
      resolve = settle
    })
    const progress = (): void => {
      resolve()
    }
    const failure = failureOf(
      how === 'receive'
        ? this.holder.buffers.receive(ref, { into: this.into, progress })
        : this.holder.buffers.send(ref, { from: new Uint8Array(SIZE), progress }),
    )
    await Promise.race([under, failure])
    await trouble()
    return await failure
  }

  use(how: 'receive' | 'send', ref: BufferRef): Promise<unknown> {
    return how === 'receive'
      ? this.holder.buffers.receive(ref, { into: this.into })
      : this.holder.buffers.send(ref, { from: new Uint8Array(10) })
  }
}

/** Makes one kind of failure. */
type Trouble = (scene: Scene, how: 'receive' | 'send') => Promise<BufferReason | 'done' | BufferError>

const TROUBLES: Readonly<Record<string, { readonly reason: BufferReason; readonly make: Trouble }>> = {
  'taken back before': {
    reason: 'stale',
    make: async (scene, how) => {
      const ref = scene.register()
      const handed = scene.handOn(ref)
      await scene.owner.buffers.unregister(ref)
      return await reasonOf(scene.use(how, handed))
    },
  },
  'taken back meanwhile': {
    reason: 'stale',
    make: (scene, how) => {
      const ref = scene.register()
      return scene.caught(how, scene.handOn(ref), () => scene.owner.buffers.unregister(ref))
    },
  },
  'for somebody else': {
    reason: 'denied',
    make: (scene, how) => reasonOf(scene.use(how, scene.handOn(scene.register({ peers: ['mds'] })))),
  },
  'a right that it has not': {
    reason: 'denied',
    make: (scene, how) =>
      reasonOf(scene.use(how, scene.handOn(scene.register({ rights: how === 'receive' ? 'write' : 'read' })))),
  },
  'too late': {
    reason: 'expired',
    make: async (scene, how) => {
      const ref = scene.handOn(scene.register({ expiresMs: 100 }))
      await scene.lab.settle(101)
      return await reasonOf(scene.use(how, ref))
    },
  },
  'its time is up meanwhile': {
    reason: 'expired',
    make: (scene, how) => {
      const { lab, memory, owner } = scene
      const slow = {
        size: SIZE,
        read: (offset: number, length: number) => lab.settle(50).then(() => memory.slice(offset, offset + length)),
        write: (offset: number, bytes: Uint8Array) => lab.settle(50).then(() => memory.set(bytes, offset)),
      }
      const ref = owner.buffers.register(slow, { rights: 'read-write', expiresMs: 1000 })
      return scene.caught(how, scene.handOn(ref), () => undefined)
    },
  },
  'used up': {
    reason: 'expired',
    make: async (scene, how) => {
      const ref = scene.handOn(scene.register({ maxUses: 1 }))
      await scene.use(how, ref)
      return await reasonOf(scene.use(how, ref))
    },
  },
  'its owner has started again': {
    reason: 'gone',
    make: async (scene, how) => {
      const ref = scene.handOn(scene.register())
      const { name } = scene.owner.messenger
      scene.lab.crash(name)
      const again = await scene.lab.party(name, {}, POLICY)
      again.buffers.register(scene.memory, { rights: 'read-write' })
      await scene.lab.settle(5000)
      return await reasonOf(scene.use(how, ref))
    },
  },
  'its owner is no more': {
    reason: 'disconnected',
    make: async (scene, how) => {
      const ref = scene.handOn(scene.register())
      scene.lab.crash(scene.owner.messenger.name)
      return await reasonOf(scene.use(how, ref))
    },
  },
  'the link is cut meanwhile': {
    reason: 'disconnected',
    make: (scene, how) =>
      scene.caught(how, scene.handOn(scene.register()), () => {
        const next = scene.between ?? scene.holder
        scene.lab.sim.network.cut(scene.owner.messenger.name, next.messenger.name)
      }),
  },
  'more than there is': {
    reason: 'out-of-range',
    make: (scene, how) => {
      const ref = scene.handOn(scene.register())
      const beyond = { offset: SIZE, length: 1 }
      if (how === 'receive') return reasonOf(scene.holder.buffers.receive(ref, beyond))
      return reasonOf(scene.holder.buffers.send(ref, { ...beyond, from: new Uint8Array(1) }))
    },
  },
  'too many at once': {
    reason: 'quota',
    make: async (scene, how) => {
      const ref = scene.handOn(scene.register())
      const all = await Promise.all(Array.from({ length: 3 }, () => reasonOf(scene.use(how, ref))))
      return all.sort().at(-1)!
    },
  },
  'its holder wants no more': {
    reason: 'cancelled',
    make: async (scene, how) => {
      const abort = new AbortController()
      const ref = scene.handOn(scene.register())
      const use =
        how === 'receive'
          ? scene.holder.buffers.receive(ref, { into: scene.into, signal: abort.signal })
          : scene.holder.buffers.send(ref, { from: new Uint8Array(SIZE), signal: abort.signal })
      const failure = failureOf(use)
      await scene.lab.settle(2)
      abort.abort()
      return await failure
    },
  },
  'its time for the transfer is up': {
    reason: 'cancelled',
    make: (scene, how) => {
      const ref = scene.handOn(scene.register())
      const limits = { timeoutMs: 2 }
      if (how === 'receive') return failureOf(scene.holder.buffers.receive(ref, { into: scene.into, ...limits }))
      return failureOf(scene.holder.buffers.send(ref, { from: new Uint8Array(SIZE), ...limits }))
    },
  },
  'the disk of its owner fails': {
    reason: 'failed',
    make: (scene, how) => {
      const fail = (): never => {
        throw new Error('the disk is gone')
      }
      const broken = { size: SIZE, read: fail, write: fail }
      return reasonOf(scene.use(how, scene.handOn(scene.owner.buffers.register(broken, { rights: 'read-write' }))))
    },
  },
}

for (const isForwarded of [false, true]) {
  for (const how of ['receive', 'send'] as const) {
    t.test(`${how}() ${isForwarded ? 'through a forwarder' : 'straight to the owner'}`, async (t) => {
      for (const [what, { reason, make }] of Object.entries(TROUBLES)) {
        await inLab(async (lab) => {
          const limits = { transfersPerPeerMax: 2, dialMs: 300 }
          const owner = await lab.party('client.a', { limits }, POLICY)
          const between = isForwarded ? await lab.party('osd.b', { limits }, POLICY) : null
          const holder = await lab.party('osd.d', { limits }, POLICY)
          if (between !== null) {
            lab.sim.network.partition('client.a', 'osd.d')
            lab.sim.network.partition('osd.d', 'client.a')
          }
          const scene = new Scene(lab, owner, holder, between)
          const found = await make(scene, how)
          t.equal(typeof found === 'string' ? found : found.reason, reason, what)
          if (typeof found !== 'string') placed(scene, how, found, what)
          await lab.settle(12_000)
          const left = [holder, between].map((party) => party?.buffers.dump().transfers ?? 0)
          t.strictSame(left, [0, 0], `${what}: nothing is left open`)
        })
      }

      function placed(
        { memory, into }: Scene,
        way: string,
        { placed: [first], uncertain }: BufferError,
        what: string,
      ): void {
        const sure = first?.length ?? 0
        if (way === 'receive') {
          t.ok(Buffer.from(into.subarray(0, sure)).equals(memory.subarray(0, sure)), `${what}: what is placed`)
          t.ok(Buffer.from(into.subarray(sure)).equals(ZEROES.subarray(sure)), `${what}: and no more`)
          return
        }
        const maybe = uncertain === null ? sure : uncertain.offset + uncertain.length
        t.ok(Buffer.from(memory.subarray(0, sure)).equals(ZEROES.subarray(0, sure)), `${what}: what is placed`)
        t.ok(Buffer.from(memory.subarray(maybe)).equals(PATTERN.subarray(maybe)), `${what}: and no more`)
      }
    })
  }
}
