/** What a case is, what it may use, and the ways of speaking that several share. */
import type { SessionOffer } from '../../wire/wire.ts'
import { decodeOpened, type Opened } from '../../wire/native/control-frames.ts'
import { TAG } from '../../wire/native/format.ts'
import { confirm, firstFlight, freshId, type Instead, type Self } from './bytes.ts'
import { NotApplicable, RawDial } from './raw-dial.ts'

export interface SpecCase {
  /** The chapter of docs/PROTOCOL.md, in short, and the case in it. */
  readonly section: string
  readonly name: string
  /** The rule, in a sentence. */
  readonly rule: string
  /** `strict`: what the page asks for and nobody is harmed without; tried with --strict alone. */
  readonly level?: 'must' | 'strict'
  run(bench: SpecBench): Promise<void>
}

export interface Target {
  readonly host: string
  readonly port: number
}

export interface BenchOptions {
  /** Each `*` becomes something new in each case. */
  readonly name: string
  readonly policy: SessionOffer['policy']
  readonly timeoutMs: number
  /** How long a link that says nothing may be kept, in ms. */
  readonly patienceMs: number
}

/** An open session on a link. */
export interface Opening {
  readonly link: RawDial
  readonly opened: Opened
  readonly self: Self
}

export class SpecBench {
  readonly target: Target
  readonly options: BenchOptions
  readonly #links: RawDial[] = []

  constructor(target: Target, options: BenchOptions) {
    this.target = target
    this.options = options
  }

  /** Somebody whom it has never met. */
  self(): Self {
    const { name, policy } = this.options
    return { name: name.replaceAll('*', freshId().slice(0, 8)), policy, instance: freshId() }
  }

  async dial(): Promise<RawDial> {
    const link = await RawDial.to(this.target, this.options.timeoutMs)
    this.#links.push(link)
    return link
  }

  /** Says this, and wants the link to end. */
  async endsAfter(...parts: readonly Uint8Array[]): Promise<void> {
    const link = await this.dial()
    for (const part of parts) link.say(part)
    await link.ends()
  }

  /** Up to OPENED. @throws NotApplicable when it wants a proof of who we are, or another policy. */
  async offer(self = this.self(), instead: Instead = {}): Promise<Opening> {
    const link = await this.dial()
    link.say(firstFlight(self, instead))
    await link.frame(TAG.HELLO)
    const auth = await link.frame(TAG.AUTH_DONE, TAG.AUTH_REJECTED, TAG.REJECT)
    if (auth.tag !== TAG.AUTH_DONE) throw new NotApplicable(`it answers a dialler without a proof with ${auth.name}`)
    const answer = await link.frame(TAG.OPENED, TAG.REJECT)
    if (answer.tag === TAG.REJECT)
      throw new NotApplicable(`it takes no session of ${self.name} by ${self.policy}: --name and --policy say others`)
    return { link, self, opened: decodeOpened(answer.payload) }
  }

  async session(): Promise<Opening> {
    const opening = await this.offer()
    opening.link.say(confirm())
    return opening
  }

  /** In an open session says this, and wants the link to end. */
  async sessionEndsAfter(...parts: readonly Uint8Array[]): Promise<void> {
    const { link } = await this.session()
    for (const part of parts) link.say(part)
    await link.ends()
  }

  close(): void {
    for (const link of this.#links.splice(0)) link.cut()
  }
}
