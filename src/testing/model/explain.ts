/** A path through the model's world, told so that a person can follow it. */
import type { SessionOffer } from '../../wire/wire.ts'
import type { Payload, Plan } from './plan.ts'
import { step } from './step.ts'
import type { Payloads } from './step.ts'
import { initialState } from './state.ts'
import type { DataItem, End, Item, WorldState } from './state.ts'

/** A run that never rests is long; its beginning and its end say enough. */
const LINES_MAX = 60

/** Every move with what it delivered and what the nodes became. */
export function tell(plan: Plan, path: readonly string[], payloads: Payloads): string {
  let state: WorldState | null = initialState(plan)
  const lines: string[] = []
  for (const [index, move] of path.entries()) {
    const before: WorldState = state
    lines.push(`${String(index + 1).padStart(3)}. ${describe(before, move)}`)
    try {
      state = step(plan, before, move, false, payloads)
    } catch {
      break
    }
    if (state === null) break
    lines.push(...changes(before, state))
  }
  if (lines.length <= 2 * LINES_MAX) return lines.join('\n')
  return [...lines.slice(0, LINES_MAX), '       …', ...lines.slice(-LINES_MAX)].join('\n')
}

function describe(state: WorldState, move: string): string {
  const [what, first = 0, second = 0] = move.split(' ').map((word, index) => (index === 0 ? word : Number(word)))
  if (what !== 'deliver') return move
  const link = state.links[Number(first) - 1]
  const end = link?.ends[Number(second)]
  const item = end?.out[0]
  if (end === undefined || item === undefined) return move
  const to = link?.ends[1 - Number(second)] as End
  return `link ${first}: ${end.node} → ${to.node} ${itemText(item)}${to.ended ? ' (nobody listens)' : ''}`
}

function itemText(item: Item): string {
  switch (item.type) {
    case 'offer':
      return offerText(item.instance, item.offer)
    case 'opened':
      return `OPENED ${item.answer.id}${item.answer.resumed ? ' resumed' : ''} by ${item.instance}`
    case 'yield':
      return `YIELD ${item.epoch}`
    case 'data':
      return dataText(item)
    case 'ack':
      return `ACK ${item.marks.map(({ received, processed }) => `${received}/${processed}`).join(' ')} credit ${item.credit.messages}`
    case 'failed':
      return `FAILED ${item.first}+${item.verdicts.length}, taken ${item.taken}`
    case 'reject':
      return `REJECT ${item.code}`
    case 'end':
      return `END for ${item.epoch}${item.stays ? ' taken back' : ''}`
    default:
      return item.type.toUpperCase()
  }
}

function offerText(instance: string, offer: SessionOffer): string {
  const resume = offer.resume.map(({ id }) => id).join()
  return `OPEN epoch ${offer.ballot.epoch} fresh ${offer.fresh} resume [${resume}] of ${instance}`
}

function dataText({ firstSeq, messages, chunkOffset, chunkLength }: DataItem): string {
  const labels = messages.map(({ label }) => label).join(' ')
  return `DATA ${firstSeq}: ${labels}${chunkLength > 0 ? ` [${chunkOffset}+${chunkLength}]` : ''}`
}

function changes(before: WorldState, after: WorldState): string[] {
  return after.nodes.flatMap((node, index) => {
    const was = nodeText(before, index)
    const is = nodeText(after, index)
    return was === is ? [] : [`       node ${index}#${node.instance}: ${is}`]
  })
}

function nodeText(state: WorldState, index: number): string {
  const drivers = state.nodes[index]?.drivers ?? []
  if (drivers.length === 0) return 'no connection'
  return drivers
    .map(({ uid, role, session, inbox }) => {
      const { machine, inbound, outbound, path } = session
      const { state: now } = machine
      const link = 'link' in now ? ` on link ${now.link}` : now.name === 'accepting' ? ` link ${now.pledge.link}` : ''
      const queue = outbound.lanes.flatMap((lane) => lane.queue.map((message) => (message as Payload).label)).join(' ')
      const taken = path === null ? '' : `, taken ${path.receiving.takenMessages} of ${path.receiving.toldMessages}`
      const credit = `held ${inbound.heldMessages}${taken}`
      const ids = `session ${machine.session ?? '-'}, tentative ${machine.tentative?.id ?? '-'}, best ${machine.best.epoch}`
      return `${role} ${uid} ${now.name}${link}, ${ids}, queue [${queue}], inbox ${inbox.length}, ${credit}`
    })
    .join('; ')
}
