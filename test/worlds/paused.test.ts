/**
 * A link that is not read, because what handlers hold has used up the memory, under `keepalive: false`: nothing asks whether
 * its peer is still there, so what becomes of it when it is not?
 */
import t from 'tap'
import { Messenger, peer } from '../../src/index.ts'
import { Simulation } from '../../src/testing/index.ts'

const POLICY = peer({ keepalive: false, backoff: { firstMs: 10, maxMs: 100 }, probeMs: 100 })
const MESSAGES = 300

/** osd.1 has sent more than osd.0 has memory for; its handlers wait. Who dialled is `dialler`. */
async function setUp(dialler: 'osd.0' | 'osd.1') {
  const sim = new Simulation({ seed: 1 })
  const [full, sender] = (['osd.0', 'osd.1'] as const).map((name) => {
    const limits = { heldBytesPerNameMax: 64 * 1024 }
    return new Messenger({ name, policies: { default: POLICY }, limits, ...sim.process(name).options })
  }) as [Messenger, Messenger]
  const got: number[] = []
  const waiting: (() => void)[] = []
  let isOpen = false
  full.use({
    dispatch: ({ tid }) => {
      got.push(tid)
      return isOpen ? undefined : new Promise<void>((resolve) => waiting.push(resolve))
    },
  })
  const [at0, at1] = [await full.bind('sim://osd.0:6800'), await sender.bind('sim://osd.1:6800')]
  const dialled = dialler === 'osd.0' ? full.connect(at1) : sender.connect(at0)
  await sim.clock.advance(100)
  const out = dialler === 'osd.0' ? sender.connections[0]! : dialled
  for (let tid = 1; tid <= MESSAGES; tid++) out.send({ type: 1, tid, data: new Uint8Array(1000) })
  await sim.clock.advance(1000)
  const finish = (): void => {
    isOpen = true
    for (const done of waiting.splice(0)) done()
  }
  return { sim, full, sender, got, finish, held: () => full.dump().connections[0]!.heldMessages }
}

for (const dialler of ['osd.0', 'osd.1'] as const) {
  t.test(`the peer loses it and dials anew: the new link takes its place (dialled by ${dialler})`, async (t) => {
    const { sim, full, sender, got, finish, held } = await setUp(dialler)
    const before = held()
    t.ok(before > 0 && before < MESSAGES, 'it is full')
    const { epoch } = full.dump().connections[0]!
    sim.network.cutOneSide('osd.1', 'osd.0')
    await sim.clock.advance(2000)
    const now = full.dump().connections[0]!
    t.ok(now.epoch > epoch, 'there is a newer link')
    t.equal(now.state, 'open')
    finish()
    await sim.clock.advance(5000)
    t.strictSame(
      got,
      Array.from({ length: MESSAGES }, (_, index) => index + 1),
      'and everything arrives, once and in order',
    )
    await sim.run(() => Promise.all([full.shutdown(), sender.shutdown()]))
  })

  t.test(`it is lost at both ends: what was left arrives when the handlers have finished (${dialler})`, async (t) => {
    const { sim, full, sender, got, finish } = await setUp(dialler)
    sim.network.cut('osd.0', 'osd.1')
    await sim.clock.advance(2000)
    finish()
    await sim.clock.advance(5000)
    t.strictSame(
      got,
      Array.from({ length: MESSAGES }, (_, index) => index + 1),
    )
    await sim.run(() => Promise.all([full.shutdown(), sender.shutdown()]))
  })
}
