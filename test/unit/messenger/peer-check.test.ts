/** Whether the peer that answered a dial may be ours: every refusal has its code, and says what is wrong. */
import t from 'tap'
import { Driver } from '../../../src/messenger/driver.ts'
import type { DriverOptions } from '../../../src/messenger/driver-options.ts'
import { refusal } from '../../../src/messenger/peer-check.ts'
import { lossy } from '../../../src/policies/lossy.ts'
import { peer } from '../../../src/policies/peer.ts'
import { answer, fakeWorld, PEER, SELF } from './fakes.ts'

function setUp(change: Partial<DriverOptions> = {}) {
  const world = fakeWorld()
  const add = (more: Partial<DriverOptions>): Driver => {
    const driver = new Driver(world, {
      ...{ policy: peer(), role: 'initiator', channel: 0, address: 'memory://x', expectType: null, expectName: null },
      ...more,
    })
    world.table.add(driver, 'memory://x')
    return driver
  }
  return { world, driver: add(change), add }
}

t.test('who is what was asked for may be ours', (t) => {
  for (const change of [
    {},
    { expectType: 'osd' },
    { expectName: 'osd.1' },
    { expectType: 'osd', expectName: 'osd.1' },
  ]) {
    const { world, driver } = setUp(change)
    t.equal(refusal(world, driver, PEER, answer()), null)
  }
  t.end()
})

t.test('our own address is told from that of a peer, also of one that wears our instance', (t) => {
  const { world, driver } = setUp({ expectName: 'osd.1' })
  t.match(refusal(world, driver, SELF, answer()), { code: 'INK_SELF_CONNECT', reason: /loopback/, final: true })
  t.equal(refusal(world, driver, { ...PEER, instance: SELF.instance }, answer()), null)
  t.end()
})

t.test('the name counts before everything else that is wrong', (t) => {
  const { world, driver } = setUp({ expectName: 'osd.2', policy: lossy() })
  const wrong = { code: 'INK_WRONG_PEER', reason: /memory:\/\/x is osd\.1, not osd\.2/, final: true }
  t.match(refusal(world, driver, PEER, answer({ policy: 'peer' })), wrong)
  t.end()
})

t.test('policies that do not fit are refused', (t) => {
  const { world, driver } = setUp({ policy: lossy() })
  const misfit = { code: 'INK_POLICY_MISMATCH', reason: /lossy/, final: true }
  t.match(refusal(world, driver, PEER, answer({ policy: 'peer' })), misfit)
  t.end()
})

t.test('an instance that was replaced is refused for good, and a peer that another connection holds', (t) => {
  const { world, driver, add } = setUp()
  const other = add({ address: 'memory://y' })
  world.table.adopt(other, PEER)
  t.match(refusal(world, driver, PEER, answer()), { code: 'INK_DUPLICATE_PEER', reason: /memory:\/\/y/, final: true })
  world.table.bury(PEER.name, PEER.instance)
  t.match(refusal(world, driver, PEER, answer()), { code: 'INK_TAKEN_OVER', reason: /osd\.1/, final: true })
  t.end()
})
