/**
 * One end of a plan while it plays a life: what happens to it, as words, and what it says and looks like then.
 *
 * `ask 0`: its first call; `cancel 0`, `reply 0`: what the caller of that does, or the handler of the first one that was opened here;
 * `message 3`, `word 2`: what comes, by its number in the post; `ack`, `put 1`, `speak`, `spoil 1`, `tick`, `busy`, `lost`, `over`: what
 * its session, its clock and its limits do.
 */
import { LANES } from '../../../wire/message.ts'
import { BrokenLaw } from '../broken-law.ts'
import type { Player } from '../life-tree.ts'
import { CALLER_DEEDS, HANDLER_DEEDS, callerDoes, handlerDoes } from './deeds.ts'
import { End } from './end.ts'
import { TICK_MS, type CallPlan } from './plans.ts'
import type { Post } from './post.ts'
import { seeEnd, type EndSeen } from './seen.ts'

const BUSY = { reason: 'quota', code: 'BUSY', detail: '', indeterminate: false, retryAfterMs: 0 } as const

/** What went on the link, in order, by its numbers in the post. */
export type EndSaid = readonly { readonly kind: 'message' | 'word'; readonly number: number }[]

export class EndPlayer implements Player<EndSaid, EndSeen> {
  readonly #plan: CallPlan
  readonly #role: 'caller' | 'server'
  readonly #post: Post
  readonly #end = new End()

  constructor(plan: CallPlan, role: 'caller' | 'server', post: Post) {
    this.#plan = plan
    this.#role = role
    this.#post = post
    this.#end.reads = plan.reads
    this.#end.roomMax = plan.roomMax
    this.#end.exchange.begin(0)
  }

  take(event: string): EndSaid {
    const end = this.#end
    const [verb = '', one = ''] = event.split(' ')
    const wrong = this.#do(verb, Number(one))
    if (wrong !== null)
      throw new BrokenLaw(`the ${this.#role} finds fault with a peer that keeps to the rules: ${wrong}`)
    const said: { readonly kind: 'message' | 'word'; readonly number: number }[] = []
    this.#drain(said)
    while (this.#goesOn()) this.#drain(said)
    const [problem] = end.problems
    if (problem !== undefined) throw new BrokenLaw(problem)
    return said
  }

  see(): EndSeen {
    return seeEnd(this.#end)
  }

  /** Something more that goes on the link in this turn. False: there is nothing. */
  #goesOn(): boolean {
    const end = this.#end
    const { puts, words } = this.#plan
    if (puts === 'at once') for (let lane = 0; lane < LANES; lane++) if (end.put(lane)) return true
    return words === 'at once' && end.speak()
  }

  #drain(said: { readonly kind: 'message' | 'word'; readonly number: number }[]): void {
    const end = this.#end
    for (const message of end.onLink) said.push({ kind: 'message', number: this.#post.numberOf(message) })
    for (const word of end.words) said.push({ kind: 'word', number: this.#post.numberOfWord(word) })
    end.unacked.push(...end.onLink)
    end.onLink = []
    end.words = []
  }

  /** Returns what is wrong with what came. */
  #do(verb: string, number: number): string | null {
    const end = this.#end
    switch (verb) {
      case 'message':
        return end.take(this.#post.message(number))
      case 'word':
        return end.takeWord(this.#post.word(number))
      case 'ask':
        this.#ask(number)
        return null
      case 'ack':
        end.ack()
        return null
      case 'put':
        end.put(number)
        return null
      case 'speak':
        end.speak()
        return null
      case 'spoil':
        end.spoil(number, 0)
        return null
      case 'tick':
        end.nowMs += TICK_MS
        end.expire()
        return null
      case 'busy':
        end.admits = BUSY
        return null
      case 'lost':
        end.lose()
        end.exchange.begin(end.nowMs)
        return null
      case 'over':
        end.lose()
        end.exchange.asking.ended('disconnected', 'INK_CLOSED', 'the connection has ended')
        return null
      default:
        this.#act(verb, number)
        return null
    }
  }

  #ask(key: number): void {
    const { streams, timed, priority } = this.#plan.calls[key]!
    this.#end.ask(key, streams, timed ? this.#end.nowMs + TICK_MS : Infinity, 4, priority)
  }

  #act(verb: string, number: number): void {
    const end = this.#end
    if (this.#role === 'caller') {
      const deed = CALLER_DEEDS.find((one) => one === verb)
      if (deed !== undefined) callerDoes(deed, end, end.asked[number]!)
    } else {
      const deed = HANDLER_DEEDS.find((one) => one === verb)
      if (deed !== undefined) handlerDoes(deed, end, end.served[number]!)
    }
  }
}
