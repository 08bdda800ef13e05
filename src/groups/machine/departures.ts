/**
 * How members go: they leave in step with the others, go without them, are put out, or hand on that they order.
 */
import { sameView, type GroupWord, type LeftReason, type MemberId, type ViewId } from './terms.ts'
import { ViewChanges } from './view-changes.ts'

export abstract class Departures extends ViewChanges {
  protected override askLeave(): void {
    if (this.state.kind !== 'normal') return
    const { members, id } = this.current
    const others = this.peers.among(members)
    const to = others.includes(id.installer) ? id.installer : others[0]
    if (to === undefined) {
      this.goAlone('leave')
      return
    }
    this.stream.turn(this.nowMs, this.isServed)
    this.send(to, { kind: 'leave', view: id })
  }

  protected asksLeave(from: MemberId, view: ViewId): void {
    if (!sameView(view, this.current.id) || !this.current.members.includes(from)) return
    // In the midst of a change it is not heard, and asks again.
    if (this.state.kind !== 'normal') return
    if (this.stay.kind === 'stays') this.propose(this.current.members)
    // Both want to go, and each asks the other: the lower one does not wait.
    else if (from > this.self) this.goAlone('leave')
  }

  /** Goes without waiting for anybody. */
  protected override goAlone(reason: LeftReason): void {
    this.stream.finish(this.stream.stable, [this.self])
    this.end(reason)
  }

  protected override end(reason: LeftReason): void {
    this.outbox.end(this.current.id, this.act)
    for (const peer of this.peers.up) this.send(peer, { kind: 'bye' })
    this.state = { kind: 'left' }
    this.proposal = null
    this.act({ kind: 'left', reason })
  }

  /** Who holds up all others is put out, this member too. */
  protected evict(member: MemberId): void {
    if (member === this.self) {
      this.goAlone('slow')
      return
    }
    this.send(member, { kind: 'evict' })
    this.peers.fall(member, 'slow')
    this.propose(this.current.members)
  }

  /**
   * From whoever orders for this member, or has its promise: it may be in a later view already, of which nothing came here. All others
   * have nothing to say in this.
   */
  protected evicted(from: MemberId): void {
    if (from === this.current.id.installer || this.peers.hasPromise(from)) this.goAlone('slow')
    else this.act({ kind: 'fault', peer: from, reason: 'an eviction by who orders nothing here' })
  }

  protected askRelief(): void {
    const [to] = this.peers.among(this.current.members)
    if (this.state.kind === 'normal' && this.leads && to !== undefined) {
      this.send(to, { kind: 'relieve', view: this.current.id })
    }
  }

  protected relieve(from: MemberId, { view }: Extract<GroupWord, { kind: 'relieve' }>): void {
    if (this.state.kind !== 'normal' || !sameView(view, this.current.id) || from !== view.installer) return
    if (this.stay.kind === 'stays') this.propose(this.current.members)
  }
}
