/**
 * What comes of a move: the next state of the model's world, or nothing when it leads out of the bounds.
 *
 * Which moves there are is in moves.ts; what a connection does when it is told something, in model-driver.ts.
 */
import { OUT_OF_BOUNDS } from './broken-law.ts'
import { Play } from './play.ts'
import { nameAsked } from './plan.ts'
import type { Payload, Plan } from './plan.ts'
import { route } from './routing.ts'
import { other } from './scene.ts'
import { NOBODY, STRANGER, initialState } from './state.ts'
import type { End, Item, LinkState, WorldState } from './state.ts'
import { EXPIRED_MS } from './timeless.ts'

type Offer = Extract<Item, { type: 'offer' }>

export type Payloads = readonly (readonly Payload[])[]

/** The state after the move; null when it leads out of the bounds. */
export function step(
  plan: Plan,
  state: WorldState,
  move: string,
  bounded: boolean,
  payloads: Payloads,
): WorldState | null {
  const play = new Play(plan, state, bounded, payloads)
  try {
    perform(play, move)
  } catch (thrown) {
    if (thrown === OUT_OF_BOUNDS) return null
    throw thrown
  }
  return play.finish()
}

/** What each move does; its numbers are a node and a connection, or a link and a side, and what else it needs. */
const MOVES: Readonly<Record<string, (play: Play, first: number, second: number, third: number) => void>> = {
  deliver,
  lose,
  connect,
  send,
  crash,
  mislead,
  finish: (play, index, uid, held) => play.driver(index, uid).flow.finishHandler(held),
  ack: (play, index, uid) => play.driver(index, uid).tellEarly(),
  deadline: (play, index, uid, nowMs) => {
    if (nowMs === EXPIRED_MS) play.used.expiries++
    fire(play, index, uid, nowMs)
  },
  switch: (play, index, uid) => {
    play.used.moves++
    play.driver(index, uid).post({ type: 'move', purpose: 'switch' })
  },
  standby: (play, index, uid) => {
    play.used.moves++
    play.driver(index, uid).post({ type: 'move', purpose: 'standby' })
  },
  take: (play, index, uid) => {
    play.driver(index, uid).post({ type: 'take' })
  },
  markDown: (play, index, uid) => {
    play.used.markDowns++
    play.driver(index, uid).markDown()
  },
  close: (play, index, uid) => {
    play.used.closes++
    play.driver(index, uid).close()
  },
  cut: (play, link) => {
    play.used.cuts++
    play.cut(link)
  },
  duplicate: (play, link) => {
    play.used.duplicates++
    copyFlight(play, link, (item) => item)
  },
  disguise: (play, link) => {
    play.used.disguises++
    copyFlight(play, link, (item) => ({
      ...forged(item, item.offer.ballot.epoch + 1),
      proves: play.plan.impostor ?? '',
    }))
  },
  forge: (play, link, epoch) => {
    play.used.forgeries++
    copyFlight(play, link, (item) => forged(item, epoch))
  },
}

function perform(play: Play, move: string): void {
  const [what = '', ...rest] = move.split(' ')
  const [first = 0, second = 0, third = 0] = rest.map(Number)
  MOVES[what]?.(play, first, second, third)
}

function deliver(play: Play, id: number, side: number): void {
  const link = play.link(id) as LinkState
  const from = link.ends[side] as End
  const item = from.out.shift()
  if (item === undefined) return
  read(play, id, link, other(link, from), item)
  // A link that was full takes more.
  if (item.type === 'data' && from.sink && play.plan.linkRuns !== undefined) {
    play.driver(from.node, from.owner).flow.flush()
  }
}

function read(play: Play, id: number, link: LinkState, to: End, item: Item): void {
  if (item.type === 'fin') {
    hearTheEnd(play, id, link, to)
    return
  }
  if (to.ended) return
  if (item.type === 'offer') {
    route(play, id, to, item)
    return
  }
  if (to.owner <= STRANGER) return
  const driver = play.driver(to.node, to.owner)
  switch (item.type) {
    case 'opened': {
      driver.links.onOpened(id, to, item)
      return
    }
    case 'yield': {
      driver.post({ type: 'yielded', link: id, epoch: item.epoch })
      return
    }
    case 'reject': {
      driver.post({ type: 'rejected', link: id, code: item.code, reason: 'refused' })
      return
    }
    case 'again': {
      driver.links.onAgain(id, to, item.offer, item.say)
      return
    }
    case 'confirm': {
      driver.post({ type: 'confirmed', link: id, marks: item.marks ?? null })
      return
    }
    case 'end': {
      if (to.sink) driver.post({ type: 'parted', link: id, epoch: item.epoch, stays: item.stays })
      return
    }
    case 'goodbye': {
      driver.post({ type: 'goodbye', link: id, code: 'INK_PEER_CLOSED', reason: 'closed' })
      return
    }
    case 'ack':
      if (to.sink) driver.flow.marks(id, to, item)
      return
    case 'failed':
      if (to.sink) driver.flow.verdicts(id, to, item)
      return
    case 'data':
      if (to.sink) driver.flow.data(id, to, item)
      return
  }
}

/** The link is over: whoever still holds this end is told, and the other end too if it waits for that. */
function hearTheEnd(play: Play, id: number, link: LinkState, end: End): void {
  const peer = other(link, end)
  const { owner } = end
  // Of a cut link the other direction goes on by itself.
  if (peer.ended) end.out = peer.owner > STRANGER ? [{ type: 'fin' }] : []
  end.ended = true
  end.owner = NOBODY
  end.sink = false
  end.assembling = [null, null, null]
  if (owner <= STRANGER) return
  play.driver(end.node, owner).post({ type: 'fault', link: id, reason: 'the link is over' })
}

function lose(play: Play, id: number, side: number): void {
  const end = (play.link(id) as LinkState).ends[side] as End
  end.out = [{ type: 'fin' }]
}

function connect(play: Play, index: number): void {
  play.used.connects++
  const target = play.planOf(index).dials as number
  const driver = play.addDriver(index, 'initiator', target, nameAsked(play.plan, target))
  driver.post({ type: 'connect' })
}

function send(play: Play, index: number): void {
  const node = play.node(index)
  const last = node.drivers.findLast((one) => one.shown && one.life === 'running')
  if (last !== undefined) play.driver(index, last.uid).send(play.payload(index, node.sent++))
}

/** A handshake that is given up too early is a fault; a wait that is over is none. */
function fire(play: Play, index: number, uid: number, nowMs: number): void {
  const driver = play.driver(index, uid)
  const { name } = driver.session.machine.state
  if (nowMs !== EXPIRED_MS && name !== 'backoff' && name !== 'yielding' && name !== 'standby') play.used.timeouts++
  driver.post({ type: 'deadline' }, nowMs)
}

/** The process is gone, and another one starts: nothing is remembered, and what was queued is lost with it. */
function crash(play: Play, index: number): void {
  play.used.crashes++
  const node = play.node(index)
  for (const { uid, session } of node.drivers) {
    for (const lane of session.outbound.lanes) {
      for (const message of lane.queue) play.settle(message as Payload, 'crashed')
    }
    for (const link of play.linksOf(index, uid)) {
      const end = play.endOf(link, index, uid)
      if (end !== null) play.shut(link, end, false, true)
    }
  }
  const fresh = initialState(play.plan).nodes[index]
  Object.assign(node, fresh, { instance: node.instance + 1, sent: node.sent })
  play.forgetStrangers(index)
}

/** The first flight of a dial, or something like it, arrives on another link too, whose dialler does not exist. */
function copyFlight(play: Play, id: number, change: (offer: Offer) => Offer): void {
  const [dialler, acceptor] = (play.link(id) as LinkState).ends
  const copy = play.addLink(play.freshLink(), dialler.node, NOBODY, acceptor.node)
  copy.ends[0].ended = true
  copy.ends[0].out = [change(dialler.out[0] as Offer), { type: 'fin' }]
}

/** As the dialler's, but for what would betray it: another epoch, and a session of its own. */
function forged(item: Offer, epoch: number): Offer {
  const { offer } = item
  const made = { ballot: { ...offer.ballot, epoch }, fresh: `forged ${epoch}`, resume: [] }
  return { ...item, offer: { ...offer, ...made } }
}

/** Somebody else sits where the dial arrives: it says that another link goes first, and is gone. */
function mislead(play: Play, id: number, epoch: number): void {
  play.used.lies++
  const [dialler, acceptor] = (play.link(id) as LinkState).ends
  dialler.out = []
  acceptor.ended = true
  acceptor.owner = NOBODY
  acceptor.out = [{ type: 'yield', epoch }, { type: 'fin' }]
}
