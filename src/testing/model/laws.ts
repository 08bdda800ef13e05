/**
 * The laws that every state must hold to, and what it means that a run has come to rest.
 *
 * Laws about single events (nothing arrives twice, acks follow handlers) are in scene.ts, model-flow.ts and
 * model-performer.ts, where they happen; these are about states.
 */
import { linksOf } from '../../session/holdings.ts'
import { CONTROL_LANE } from '../../wire/message.ts'
import { BrokenLaw } from './broken-law.ts'
import type { Plan } from './plan.ts'
import { STRANGER } from './state.ts'
import type { DataItem, DriverState, End, Item, LinkState, WorldState } from './state.ts'

/** Throws the first law that does not hold. */
export function checkState(plan: Plan, state: WorldState): void {
  state.nodes.forEach((node, index) => {
    const seen = new Set<string>()
    for (const driver of node.drivers) {
      checkHeld(plan, index, driver, state)
      checkLinks(index, driver, state)
      if (plan.linkRuns === undefined) checkWords(index, driver)
      const { machine } = driver.session
      if (machine.state.name !== 'open' || plan.nodes[index]?.policy.kind === 'lossy') continue
      const peer = machine.instance ?? ''
      if (seen.has(peer)) throw new BrokenLaw(`L4: node ${index} has two open sessions with ${peer}`)
      seen.add(peer)
    }
  })
  if (plan.protocol?.capabilities?.credit === false) return
  for (const link of state.links) if (link !== null && link.ends.every((end) => end.sink)) checkCredit(link, state)
}

function ownerOf(state: WorldState, end: End): DriverState {
  const driver = state.nodes[end.node]?.drivers.find((one) => one.uid === end.owner)
  if (driver === undefined) throw new BrokenLaw(`a link belongs to a connection that is over at node ${end.node}`)
  return driver
}

/** L9, receiver: what is held is what is held, and never more than the window. */
function checkHeld(plan: Plan, index: number, driver: DriverState, state: WorldState): void {
  const { inbound, path } = driver.session
  const assembling = path?.unfinished.filter((bytes) => bytes >= 0) ?? []
  const bytes = [...assembling, ...driver.inbox.map(({ payload }) => payload.bytes)].reduce((sum, one) => sum + one, 0)
  const messages = assembling.length + driver.inbox.length
  const { heldMessages, heldBytes } = inbound
  if (heldMessages !== messages || heldBytes !== bytes) {
    throw new BrokenLaw(
      `L9: node ${index} counts ${heldMessages} held messages (${heldBytes} bytes), but holds ${messages} (${bytes})`,
    )
  }
  const window = plan.nodes[index]?.policy.window
  if (window !== undefined && (messages > window.messages || bytes > window.bytes)) {
    throw new BrokenLaw(`L9: node ${index} holds ${messages} messages (${bytes} bytes), more than its window`)
  }
  const halves = state.links
    .flatMap((link) => link?.ends ?? [])
    .filter((end) => end.node === index && end.owner === driver.uid && end.sink)
  const begun = halves.flatMap((end) => end.assembling).filter((one) => one !== null && !one.skipped)
  if (begun.length !== assembling.length)
    throw new BrokenLaw(`L9: node ${index} holds half a message that no link brings`)
}

/** The machine and its driver agree on which links there are. */
function checkLinks(index: number, driver: DriverState, state: WorldState): void {
  const wanted = linksOf(driver.session.machine.state)
  const owned = state.links.flatMap((link, at) => {
    const mine = link?.ends.some((end) => end.node === index && end.owner === driver.uid)
    return mine === true ? [at + 1] : []
  })
  if (wanted.length !== owned.length || !wanted.every((id) => owned.includes(id))) {
    throw new BrokenLaw(
      `node ${index} is in state ${driver.session.machine.state.name} with links ${wanted.join()}, but owns ${owned.join()}`,
    )
  }
}

/** Control words wait for no data and for no credit: whatever there is goes on an open link, unless it is being left. */
function checkWords(index: number, { session: { path, outbound } }: DriverState): void {
  const lane = outbound.lanes[CONTROL_LANE]
  if (path === null || lane === undefined || path.parting.epoch !== null) return
  const sent = path.runs.cursors[CONTROL_LANE]?.sent ?? lane.received
  const waiting = lane.base + lane.queue.length - sent
  if (waiting > 0) throw new BrokenLaw(`L9: node ${index} lets ${waiting} control words wait on an open link`)
}

/** L9, both: in flight is what one used and the other has not taken, and nobody believes in credit that was not given. */
function checkCredit(link: LinkState, state: WorldState): void {
  link.ends.forEach((end, side) => {
    if (link.cut) return
    const sender = ownerOf(state, end).session.path?.sending
    const receiver = ownerOf(state, link.ends[1 - side] as End).session.path?.receiving
    if (sender === undefined || receiver === undefined) throw new BrokenLaw('a link carries a session that has no path')
    const confirmed = !end.out.some((item) => item.type === 'confirm')
    if (!confirmed) return
    const begins = (item: Item): item is DataItem =>
      item.type === 'data' && item.chunkOffset === 0 && item.lane !== CONTROL_LANE
    const arriving = end.out.filter(begins).flatMap(({ messages }) => messages)
    const bytes = arriving.reduce((sum, payload) => sum + payload.bytes, 0)
    if (
      sender.usedMessages - receiver.takenMessages !== arriving.length ||
      sender.usedBytes - receiver.takenBytes !== bytes
    ) {
      throw new BrokenLaw(
        `L9: ${arriving.length} messages in flight, but ${sender.usedMessages} sent and ${receiver.takenMessages} taken`,
      )
    }
    if (sender.limitMessages > receiver.toldMessages || sender.limitBytes > receiver.toldBytes) {
      throw new BrokenLaw(
        `L9: the sender may send ${sender.limitMessages} messages (${sender.limitBytes} bytes), but the receiver told ` +
          `${receiver.toldMessages} (${receiver.toldBytes})`,
      )
    }
  })
}

/** Null when everything has come to rest as it should; else what is left to do. */
export function unrest(plan: Plan, state: WorldState): string | null {
  for (const [index, node] of state.nodes.entries()) {
    for (const driver of node.drivers) {
      const { machine, outbound, inbound } = driver.session
      const { name } = machine.state
      const kind = plan.nodes[index]?.policy.kind
      if (driver.life === 'closing') return `node ${index} is still closing (${name})`
      if (outbound.lanes.some((lane) => lane.queue.length > 0)) return `node ${index} has work (${name})`
      if (driver.inbox.length > 0) return `node ${index} has handlers to run`
      const rests = name === 'open' || name === 'standby' || name === 'idle'
      if (!rests) return `node ${index} is ${name}`
      if (name === 'standby' && kind === 'losslessClient') return `node ${index} waits as ${kind}`
      if (name === 'open' && machine.state.move != null) return `node ${index} has a link beside that of its session`
      if (name === 'open' && machine.state.rival !== null) return `node ${index} has promised a link`
      if (name === 'open' && inbound.verdicts.kept.length > 0) return `node ${index} has verdicts that nobody confirmed`
    }
  }
  return linksAtRest(state)
}

function linksAtRest(state: WorldState): string | null {
  for (const link of state.links) {
    if (link === null) continue
    if (link.ends.some((end) => end.out.length > 0)) return 'something is on its way'
    if (!link.ends.every((end) => end.sink && end.owner > STRANGER)) return 'a link is held by one side only'
    const [a, b] = link.ends.map((end) => ownerOf(state, end).session.machine)
    if (a?.session !== b?.session) return 'the ends of a link carry different sessions'
  }
  return null
}

/** L2 at rest: every message has ended, and what was acked had arrived. */
export function checkOutcomes(state: WorldState): void {
  state.ghost.forEach((row, sender) => {
    row.forEach((entry, index) => {
      if (entry.fate === null) throw new BrokenLaw(`L2: m${sender}.${index + 1} never ended`)
    })
  })
}
