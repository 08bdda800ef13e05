/**
 * The contract of transports, as tests: every sentence in `transport.ts` that a caller can observe, tried on any
 * implementation whose links are streams. Inkwire's own transports run it, and a transport of yours should.
 *
 * It needs only a function that registers a named test, so that tap, node:test and others fit. No test sleeps: each
 * waits for the events of the links it made, and closes what it opened.
 *
 * @example
 * import t from 'tap'
 * transportConformance(t, { make: () => myTransport(), address: () => 'my://127.0.0.1:0' })
 */
import type { Transport } from '../../transports/transport.ts'
import { ADVERSE } from './transport-adverse-cases.ts'
import { Arena } from './transport-arena.ts'
import { ENDING, SENDING } from './transport-flow-cases.ts'
import { DIALLING, LISTENING } from './transport-setup-cases.ts'

/** What registers a test: tap's `t`, or `{ test }` of node:test. */
export interface ConformanceHarness {
  /** Registers a test. */
  test(name: string, run: () => Promise<void>): unknown
}

/** The transport under test. */
export interface ConformanceSubject {
  /** Makes a transport. The test that waits for `closeTimeoutMs` wants a short one; a transport may ignore the wish. */
  make(wishes: { readonly closeTimeoutMs: number }): Transport
  /** An address that is free to listen on: with port 0 where there are ports, else a name not given before. */
  address(): string
  /**
   * What the other end of a link that was reset is told: `reset`, or `remote` too, where the system tells of both in the same
   * way, as it does for Unix sockets. Default `reset`.
   */
  readonly resetShowsAs?: 'reset' | 'reset or remote'
}

/** Registers the suite with the harness. */
export function transportConformance(harness: ConformanceHarness, subject: ConformanceSubject): void {
  for (const [name, run, closeTimeoutMs = 5000] of [...LISTENING, ...DIALLING, ...SENDING, ...ENDING, ...ADVERSE]) {
    harness.test(name, async () => {
      const { resetShowsAs = 'reset' } = subject
      const arena = new Arena(subject.make({ closeTimeoutMs }), () => subject.address(), resetShowsAs.split(' or '))
      try {
        await run(arena)
      } finally {
        await arena.clear()
      }
    })
  }
}
