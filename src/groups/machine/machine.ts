/**
 * One member of one group: virtual synchrony by a sequencer and a flush in two phases. Events in, actions out.
 *
 * Who changes the view picks a ballot above all it has seen and asks its candidates to promise; who promises accepts no order of the
 * old view any more and says what it has. When all have, the initiator gives each what it lacks and installs the view of that
 * ballot, whose sequencer it is. So all who come from one view into the next have delivered the same in the old one. Views
 * that see one another merge in the same way: the initiator is the sequencer with the lower id.
 *
 * Its own PREPARE and INSTALL an initiator handles in the same step as it sends them: else it would go on ordering meanwhile.
 * Pure and total: it reads no clock, a word that does not fit is ignored or a fault, and nothing here waits. Whose link was cut inside
 * a view is `severed`: the stream between the two is not taken up again before the next view.
 */
import { unreachable } from '../../common/errors.ts'
import { isLeftBehind } from './change.ts'
import { Departures } from './departures.ts'
import { GROUPS } from './limits.ts'
import { isOfStream, type StreamWord } from './orderer.ts'
import { isAbove, sameView } from './terms.ts'
import type { GroupAction, GroupEvent, GroupWord, LeftReason, MemberId, Publish, View, ViewId } from './terms.ts'
import { byText, type Word } from './view-changes.ts'

/** Words that are not of the stream inside a view. */
type PlainWord = Exclude<GroupWord, StreamWord>

export class GroupMachine extends Departures {
  /** Takes what happened; returns what is to be done, in order. */
  handle(event: GroupEvent, nowMs: number): readonly GroupAction[] {
    this.nowMs = nowMs
    if (this.state.kind !== 'left') this.#handle(event)
    const { actions } = this
    if (actions.length > 0) this.actions = []
    return actions
  }

  /** The event of this name, of which nothing comes before the next one. */
  publish(publish: Publish): void {
    if (this.state.kind !== 'left') this.outbox.add(publish, this.current.id, this.act)
  }

  #handle(event: GroupEvent): void {
    switch (event.kind) {
      case 'up':
        this.peers.rise(event.peer)
        break
      case 'down':
        this.#down(event.peer, event.reason)
        break
      case 'word':
        if (!this.peers.isUp(event.from)) break
        if (isOfStream(event.word)) this.#streamed(event.from, event.word)
        else this.#word(event.from, event.word)
        break
      case 'publish':
        this.publish(event.publish)
        break
      case 'consumed':
        this.stream.consume(event.count)
        break
      case 'leave':
        if (this.stay.kind === 'stays') this.stay = { kind: 'leaving', sinceMs: this.nowMs }
        this.askLeave()
        break
      case 'reform':
        if (this.state.kind !== 'normal') break
        if (this.leads) this.propose(this.current.members)
        else this.send(this.current.id.installer, { kind: 'reform', view: this.current.id })
        break
      case 'relieve':
        this.askRelief()
        break
      case 'give-up':
        this.goAlone(event.reason)
        break
      case 'tick':
        this.#tick(event.random)
        break
      case 'turn':
        if (this.state.kind === 'normal') this.stream.turn(this.nowMs, this.isServed)
        break
      default:
        unreachable(event)
    }
  }

  readonly #on: { readonly [K in PlainWord['kind']]: (from: MemberId, word: Word<K>) => void } = {
    prepare: (from, word) => this.prepare(from, word),
    refuse: (from, word) => this.refused(from, word),
    held: (from, word) => this.holds(from, word),
    flushed: (from, word) => this.flushed(from, word),
    cut: (from, word) => (from === word.ballot.installer ? this.cut(word) : undefined),
    install: (from, word) => (from === word.ballot.installer ? this.install(word) : undefined),
    probe: (from, { view }) => this.#probe(from, view),
    reform: (from, { view }) => this.#reform(from, view),
    leave: (from, { view }) => this.asksLeave(from, view),
    bye: (from) => this.#down(from, 'leave'),
    evict: (from) => this.evicted(from),
    relieve: (from, word) => this.relieve(from, word),
  }

  #word(from: MemberId, word: PlainWord): void {
    const on = this.#on[word.kind] as (from: MemberId, word: PlainWord) => void
    on(from, word)
  }

  #streamed(from: MemberId, word: StreamWord): void {
    if (!sameView(word.view, this.current.id)) {
      const isBehind = isAbove(this.current.id, word.view) && !this.current.members.includes(from)
      if (isBehind) this.send(from, { kind: 'probe', view: this.current })
      return
    }
    if (this.state.kind !== 'normal' || this.peers.isSevered(from) || !this.current.members.includes(from)) return
    const wrong = this.stream.accept(from, word)
    if (wrong === null) return
    if (wrong.kind === 'lost') this.peers.sever(from)
    else this.act({ kind: 'fault', peer: from, reason: wrong.reason })
  }

  #down(peer: MemberId, reason: LeftReason): void {
    if (!this.peers.fall(peer, reason)) return
    const { members, id } = this.current
    const isMember = members.includes(peer)
    if (isMember && (this.leads || peer === id.installer)) this.peers.sever(peer)
    if (this.proposal?.candidates.includes(peer) === true) {
      this.propose(this.proposal.candidates.filter((member) => member !== peer))
      return
    }
    if (!isMember && this.state.kind !== 'flushing') return
    const isConcerned = peer === id.installer || this.state.kind === 'flushing'
    const isNext = [this.self, ...this.peers.among(members)].sort(byText)[0] === this.self
    if (this.leads || (isConcerned && isNext)) this.propose(members)
  }

  #probe(from: MemberId, view: View): void {
    this.highest = Math.max(this.highest, view.id.number)
    if (this.state.kind !== 'normal') return
    const { members } = this.current
    if (isLeftBehind(this.self, this.current, view)) {
      this.propose(this.leads ? members.filter((member) => !view.members.includes(member)) : [])
      return
    }
    if (members.includes(from) || !this.leads || from !== view.id.installer) return
    const union = new Set([...members, ...view.members])
    if (union.size > GROUPS.membersMax || this.stay.kind === 'leaving') return
    if (this.self < from) {
      this.merges.meet(view)
      return
    }
    this.merges.defer(this.nowMs)
    this.send(from, { kind: 'probe', view: this.current })
  }

  #reform(from: MemberId, view: ViewId): void {
    if (this.state.kind !== 'normal' || !this.leads || !sameView(view, this.current.id)) return
    if (this.current.members.includes(from)) this.propose(this.current.members)
  }

  #tick(random: number): void {
    if (this.stay.kind === 'leaving') {
      if (this.nowMs - this.stay.sinceMs > this.times.leaveTimeoutMs) {
        this.goAlone('leave')
        return
      }
      this.askLeave()
      if (this.phase === 'left') return
    }
    if (this.state.kind === 'flushing') {
      if (this.nowMs - this.state.sinceMs <= this.times.flushTimeoutMs) return
      this.proposal = null
      this.propose(random < 0.5 ? [] : this.current.members)
    } else if (this.leads) this.#lead()
    else this.#follow()
  }

  #lead(): void {
    const { members } = this.current
    const isWhole = members.every((member) => member === this.self || this.peers.isReached(member))
    if (!isWhole) {
      this.propose(members)
      return
    }
    const slow = this.stream.slowest(this.nowMs, this.times.slowMs)
    if (slow !== null) {
      this.evict(slow)
      return
    }
    const union = this.merges.due(members, this.nowMs, this.times.flushTimeoutMs)
    if (union !== null) {
      this.propose(union)
      return
    }
    this.stream.remind()
    for (const peer of this.peers.up)
      if (!members.includes(peer)) this.send(peer, { kind: 'probe', view: this.current })
  }

  #follow(): void {
    const { id } = this.current
    if (this.peers.isReached(id.installer)) {
      this.lostSinceMs = null
      this.stream.remind()
      return
    }
    this.send(id.installer, { kind: 'reform', view: id })
    this.lostSinceMs ??= this.nowMs
    if (this.nowMs - this.lostSinceMs > this.times.aloneAfterMs) this.propose([])
  }
}
