/** The end of a messenger: nothing is waited for that there is not, and whatever it still holds is let go of. */
import t from 'tap'
import { peer } from '../../../src/policies/peer.ts'
import type { LinkClosed } from '../../../src/transports/transport.ts'
import { Lab } from './lab.ts'

const PLACE = { scheme: 'memory', host: 'osd.1', port: 0 }

t.test('a messenger with nothing to do ends without waiting for any time to pass', async (t) => {
  const lab = new Lab()
  const osd = lab.messenger('osd.1')
  await osd.bind('memory://osd.1')
  let isOver = false
  void osd.shutdown().then(() => (isOver = true))
  await lab.clock.settle()
  t.ok(isOver)
  t.equal(lab.clock.timers, 0, 'and leaves none behind')
})

t.test('strangers are let go of, services are stopped, and all of that once', async (t) => {
  const lab = new Lab()
  const osd = lab.messenger('osd.1')
  await osd.bind('memory://osd.1')
  let stops = 0
  osd.useService({ name: 'noted', number: 300, stop: () => stops++ })
  const link = lab.hub.dial(PLACE)
  const ends: LinkClosed[] = []
  link.handlers = {
    opened: () => undefined,
    data: () => undefined,
    writable: () => undefined,
    closed: (end) => void ends.push(end),
  }
  await lab.clock.settle()
  t.equal(osd.dump().halfOpenLinks, 1)
  await Promise.all([osd.shutdown(), osd.shutdown(), lab.clock.settle()])
  await lab.clock.settle()
  t.equal(ends.length, 1)
  t.equal(osd.dump().halfOpenLinks, 0)
  t.equal(stops, 1)
})

t.test('links that were refused and not told of yet are told of before the events end', async (t) => {
  const lab = new Lab()
  const { messenger: osd, events } = lab.subject('osd.1', {
    policies: { osd: peer() },
    limits: { refusalsToldMax: 1 },
  })
  await osd.bind('memory://osd.1')
  for (const name of ['mds.1', 'mds.2', 'mds.3']) lab.messenger(name).connect('memory://osd.1')
  await lab.clock.settle()
  const told = (): number => events.reduce((sum, event) => sum + (event.type === 'linkRefused' ? event.count : 0), 0)
  t.equal(told(), 1)
  await Promise.all([osd.shutdown(), lab.clock.settle()])
  t.equal(told(), 3)
})
