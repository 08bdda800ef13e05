/**
 * What may happen next in the model's world: every move that the bounds of a plan allow.
 *
 * A move is a short string, such as `deliver 2 0` (the acceptor of link 2 reads what the dialler wrote), so that paths are
 * small and a story can be told from them. What comes of each is in step.ts.
 */
import { deadlineOf } from '../../session/holdings.ts'
import { nameAsked } from './plan.ts'
import type { Bounds, Plan } from './plan.ts'
import type { DriverState, WorldState } from './state.ts'
import { ModelEndpoint } from './table.ts'
import { DRAINED_MS, EXPIRED_MS, SOON_MS } from './timeless.ts'

/** Every move that the bounds allow. */
export function moves(plan: Plan, state: WorldState): string[] {
  const { bounds } = plan
  const { used } = state
  const found = deliveries(state)
  state.nodes.forEach((node, index) => {
    const { dials, sends } = plan.nodes[index] as Plan['nodes'][number]
    if (dials !== null && used.connects < bounds.connects) {
      const there = new ModelEndpoint(plan, index, node).wanted(dials, nameAsked(plan, dials))
      if (there === undefined) found.push(`connect ${index}`)
    }
    if (used.crashes < bounds.crashes && node.drivers.length > 0) found.push(`crash ${index}`)
    const last = node.drivers.findLast((one) => one.shown && one.life === 'running')
    if (last !== undefined && node.sent < sends.length) found.push(`send ${index}`)
    for (const driver of node.drivers) found.push(...driverMoves(plan, state, index, driver))
  })
  state.links.forEach((link, at) => {
    if (link === null || link.cut) return
    if (used.cuts < bounds.cuts && link.ends.some((end) => !end.ended)) found.push(`cut ${at + 1}`)
    if (link.ends[0].out[0]?.type !== 'offer' || link.ends[1].ended) return
    if (used.duplicates < bounds.duplicates) found.push(`duplicate ${at + 1}`)
    if (plan.impostor !== undefined && used.disguises < bounds.disguises) found.push(`disguise ${at + 1}`)
    for (const epoch of plan.lies ?? []) {
      if (used.lies < bounds.lies) found.push(`mislead ${at + 1} ${epoch}`)
      if (used.forgeries < bounds.forgeries) found.push(`forge ${at + 1} ${epoch}`)
    }
  })
  return found
}

/** What happens by itself, without faults and without waiting. */
export function deliveries(state: WorldState): string[] {
  const found: string[] = []
  state.links.forEach((link, at) => {
    link?.ends.forEach((end, side) => {
      if (end.out.length > 0) found.push(`deliver ${at + 1} ${side}`)
      if (end.wasReset && end.out.length > 1) found.push(`lose ${at + 1} ${side}`)
    })
  })
  state.nodes.forEach((node, index) => {
    for (const { uid, inbox } of node.drivers) {
      inbox.forEach((held, at) => {
        if (held.running) found.push(`finish ${index} ${uid} ${at}`)
      })
    }
  })
  return found
}

function driverMoves(plan: Plan, state: WorldState, index: number, driver: DriverState): string[] {
  const { bounds } = plan
  const { used } = state
  const { uid, session, life } = driver
  const { machine } = session
  const name = machine.state.name
  const found: string[] = []
  const waits = name === 'backoff' || name === 'yielding' || name === 'standby'
  const dueMs = deadlineOf(machine)
  if (dueMs <= SOON_MS && (waits || used.timeouts < bounds.timeouts)) found.push(`deadline ${index} ${uid} ${SOON_MS}`)
  if (waits && used.expiries < bounds.expiries) found.push(`deadline ${index} ${uid} ${EXPIRED_MS}`)
  if (dueMs <= DRAINED_MS && (life === 'closing' || name === 'draining') && used.timeouts < bounds.timeouts)
    found.push(`deadline ${index} ${uid} ${DRAINED_MS}`)
  if (used.markDowns < bounds.markDowns && driver.shown) found.push(`markDown ${index} ${uid}`)
  if (used.closes < bounds.closes && driver.shown && life === 'running') found.push(`close ${index} ${uid}`)
  found.push(...pathMoves(bounds, used, index, driver))
  const acks = session.path !== null && Number.isFinite(session.path.acks.dueMs)
  if (plan.earlyAcks && acks) found.push(`ack ${index} ${uid}`)
  return found
}

/** What may be done about the link that carries the session, while it does. */
function pathMoves(bounds: Bounds, used: WorldState['used'], index: number, driver: DriverState): string[] {
  const { state } = driver.session.machine
  if (state.name !== 'open' || bounds.moves === 0) return []
  const found = state.move?.name === 'ready' ? [`take ${index} ${driver.uid}`] : []
  if (used.moves >= bounds.moves || driver.target === null) return found
  return [...found, `switch ${index} ${driver.uid}`, `standby ${index} ${driver.uid}`]
}
