/**
 * Any transport, with faults of your choice: real sockets too.
 *
 * `faulty(tcp(), plan)` is a transport; whatever the plan says happens to the links that it dials and accepts. Without
 * breakpoints and chance nothing changes but a little speed. The contract of transports holds all the time.
 */
import { methodsOption } from '../../common/options.ts'
import type { Address, Link, Listener, ListenOptions, Transport } from '../../transports/transport.ts'
import type { FaultPlan } from './fault-plan.ts'
import { FaultyLink } from './faulty-link.ts'

/** `inner`, under a plan of faults. @throws InkwireError `INK_BAD_OPTION` for what is no plan. */
export function faulty(inner: Transport, plan: FaultPlan): Transport {
  methodsOption('faulty(): plan', plan, ['decide'], 'a FaultPlan')
  return {
    scheme: inner.scheme,
    parse: (address: Address) => inner.parse(address),
    listen: (address: Address, onLink: (link: Link) => void, options?: ListenOptions): Promise<Listener> =>
      inner.listen(address, (link) => accept(link, plan, onLink), options),
    dial: (address: Address): Link => dial(inner, plan, address),
  }
}

function accept(link: Link, plan: FaultPlan, onLink: (link: Link) => void): void {
  const faultyLink = new FaultyLink(plan, link.capabilities)
  faultyLink.wire(link)
  switch (plan.decide('accept')) {
    case 'continue':
      onLink(faultyLink)
      break
    case 'fault':
      link.reset()
      break
    case 'stall':
      link.close()
      break
    case 'block':
      // What comes meanwhile waits in the link.
      faultyLink.pause()
      plan.hold('accept', () => {
        if (faultyLink.isOver) return
        onLink(faultyLink)
        faultyLink.resume()
      })
      break
  }
}

function dial(inner: Transport, plan: FaultPlan, address: Address): Link {
  const dialNow = (): Link => inner.dial(address)
  switch (plan.decide('dial')) {
    case 'continue': {
      const link = dialNow()
      const faultyLink = new FaultyLink(plan, link.capabilities)
      faultyLink.wire(link)
      return faultyLink
    }
    case 'fault': {
      const faultyLink = new FaultyLink(plan, ELSEWHERE)
      plan.clock.later(() => faultyLink.end({ end: 'unreachable', message: 'a fault was injected at dial' }))
      return faultyLink
    }
    case 'stall':
    case 'block': {
      const faultyLink = new FaultyLink(plan, ELSEWHERE)
      plan.hold('dial', () => {
        if (!faultyLink.isOver) faultyLink.wire(dialNow())
      })
      return faultyLink
    }
  }
}

const ELSEWHERE = { local: false } as const
