/** Ceph's decision tables, row by row, and every combination once. */
import t from 'tap'
import type { Existing, Incoming } from '../../../../src/wire/arriving-link.ts'
import { arbitrate, awaitsSign, type LinkNote } from '../../../../src/ceph/msgr2/decision-tables.ts'
import { sessionId } from '../../../../src/ceph/msgr2/registry.ts'
import { BOUNDLESS } from '../../../../src/ceph/msgr2/handshake.ts'

const LOW = '11'
const HIGH = '22'
const SESSION = sessionId(1n)
const STATES = [
  'idle',
  'connecting',
  'accepting',
  'open',
  'standby',
  'backoff',
  'yielding',
  'draining',
  'closed',
] as const
const POLICIES = ['lossy', 'losslessClient', 'losslessServer', 'peer'] as const

interface Here {
  readonly state?: (typeof STATES)[number]
  readonly policy?: (typeof POLICIES)[number]
  readonly session?: string | null
  readonly epoch?: number
  readonly self?: string
  readonly instance?: string
  readonly promised?: Existing['machine']['tentative']
}

function here({
  state = 'standby',
  policy = 'peer',
  session = SESSION,
  epoch = 3,
  self = LOW,
  instance = 'peer',
  promised = null,
}: Here = {}): Existing {
  const best = { epoch, dialler: self }
  return { policy, machine: { state: { name: state }, best, session, tentative: promised, instance } }
}

/** What was heard after our last words on the link. */
type Since = Readonly<Record<string, bigint>>

function heardSince(since: Since): LinkNote['heardSince'] {
  return (instance) => since[instance] ?? null
}

interface Ident {
  readonly cookie?: bigint
  readonly policy?: Incoming['offer']['policy']
  readonly dialler?: string
  readonly since?: Since
}

function ident({ cookie = 7n, policy = 'peer', dialler = HIGH, since = {} }: Ident = {}): Incoming {
  const note: LinkNote = { kind: 'ident', globalSeq: 9n, heardSince: heardSince(since) }
  const fresh = sessionId(cookie)
  return {
    instance: 'peer',
    replaced: false,
    offer: { ballot: { epoch: 0, dialler }, channel: 0, policy, fresh, resume: [], grant: BOUNDLESS, note },
  }
}

interface Reconnect {
  readonly id?: string
  readonly connectSeq?: number
  readonly half?: boolean
  readonly dialler?: string
  readonly since?: Since
}

function reconnect({
  id = SESSION,
  connectSeq = 4,
  half = false,
  dialler = HIGH,
  since = {},
}: Reconnect = {}): Incoming {
  const note: LinkNote = { kind: 'reconnect', globalSeq: 9n, heardSince: heardSince(since), half }
  const resume = [{ id, marks: [{ received: 1, processed: 1 }] }]
  const ballot = { epoch: connectSeq, dialler }
  return {
    instance: 'peer',
    replaced: false,
    offer: { ballot, channel: 0, policy: 'peer', fresh: id, resume, grant: BOUNDLESS, note },
  }
}

t.test('a CLIENT_IDENT', (t) => {
  t.match(
    arbitrate(here({ state: 'closed' }), ident()),
    { kind: 'reject', code: 'INK_REFUSED' },
    'a connection that ends',
  )
  t.match(arbitrate(here(), ident({ since: { peer: 10n } })), { reason: /attempt 9 is older than 10/ })
  t.match(arbitrate(here(), ident({ since: { peer: 8n } })), { kind: 'reset' }, 'a newer attempt')
  t.match(arbitrate(here(), ident()), { kind: 'reset', id: sessionId(7n) }, 'another cookie: it lost the session')
  t.match(
    arbitrate(here(), ident({ cookie: 1n })),
    { kind: 'resume', id: SESSION },
    'the same cookie: it never heard our answer',
  )
  t.match(arbitrate(here({ state: 'open' }), ident({ cookie: 1n })), { kind: 'replace', id: SESSION })
  t.match(arbitrate(here({ session: null, state: 'connecting' }), ident()), { kind: 'yield' }, 'a race that we win')
  t.match(
    arbitrate(here({ session: null, state: 'connecting', self: HIGH }), ident({ dialler: LOW })),
    { kind: 'promise' },
    'one that we lose',
  )
  t.match(arbitrate(here({ session: null, state: 'backoff' }), ident()), { kind: 'promise' }, 'no dial is under way')
  t.match(arbitrate(here({ policy: 'losslessServer' }), ident({ policy: 'lossy' })), { code: 'INK_POLICY_MISMATCH' })
  t.match(arbitrate(here({ policy: 'losslessClient', session: null }), ident()), { code: 'INK_POLICY_MISMATCH' })
  t.match(arbitrate(here({ policy: 'lossy', session: null, state: 'idle' }), ident({ policy: 'lossy' })), {
    kind: 'promise',
  })
  t.match(arbitrate(here(), { ...ident(), replaced: true }), { code: 'INK_TAKEN_OVER' })
  t.end()
})

t.test('a SESSION_RECONNECT', (t) => {
  const none = here({ session: null, state: 'idle' })
  t.match(arbitrate(none, reconnect()), { kind: 'again', say: { kind: 'reset', full: true } }, 'no session')
  t.match(
    arbitrate(here(), reconnect({ id: sessionId(8n) })),
    { kind: 'again', say: { kind: 'reset', full: true } },
    'another',
  )
  t.match(
    arbitrate(none, reconnect({ half: true })),
    { kind: 'again', say: { kind: 'reset', full: false } },
    'ours, never answered',
  )
  t.match(arbitrate(here(), reconnect({ since: { peer: 10n } })), {
    kind: 'again',
    say: { kind: 'retryGlobal', globalSeq: 10n },
  })
  t.match(arbitrate(here({ epoch: 5 }), reconnect()), { kind: 'again', say: { kind: 'retry', connectSeq: 5 } })
  t.match(arbitrate(here({ epoch: 4, state: 'connecting' }), reconnect()), { kind: 'yield' }, 'a race that we win')
  t.match(
    arbitrate(here({ epoch: 4, state: 'connecting', self: HIGH }), reconnect({ dialler: LOW })),
    { kind: 'resume' },
    'one that we lose',
  )
  t.match(arbitrate(here({ epoch: 4 }), reconnect()), { kind: 'resume', id: SESSION }, 'no race')
  t.match(arbitrate(here({ state: 'open' }), reconnect()), { kind: 'replace', id: SESSION })
  t.end()
})

t.test('another instance displaces a session when it has heard us since we heard of that one', (t) => {
  const other = here({ state: 'open', instance: 'other' })
  t.match(arbitrate(other, ident()), { kind: 'reset', id: sessionId(7n) }, 'it lives, and the other one did before')
  t.match(
    arbitrate(other, ident({ since: { other: 2n } })),
    { kind: 'reject', code: 'INK_REFUSED', reason: /another instance was heard of later/ },
    'its words may be older than the other one',
  )
  const none = here({ session: null, instance: 'other', state: 'idle' })
  t.match(arbitrate(none, ident({ since: { other: 2n } })), { kind: 'promise' }, 'there is nothing to displace')
  t.end()
})

t.test('a session that was promised can be resumed by the instance that asked for it', (t) => {
  const promised = { id: sessionId(5n), instance: 'peer' }
  const asks = (instance = 'peer') => ({ ...reconnect({ id: promised.id }), instance })
  t.match(arbitrate(here({ session: null, promised }), asks()), { kind: 'promise', id: promised.id, resumed: true })
  t.match(arbitrate(here({ promised }), asks()), { kind: 'reset', id: promised.id, resumed: true }, 'it has lost ours')
  t.match(arbitrate(here({ promised }), reconnect()), { kind: 'resume', id: SESSION }, 'it has not')
  t.match(arbitrate(here({ promised }), asks('other')), { kind: 'again', say: { kind: 'reset', full: true } })
  t.end()
})

t.test('a link of a peer is adopted at a sign, and one of a client when it is answered', (t) => {
  t.strictSame(
    POLICIES.map((policy) => awaitsSign(policy)),
    [false, false, false, true],
  )
  t.end()
})

t.test('every combination has a verdict with a reason, and promises name a session that is known or new', (t) => {
  const wrong = new Set<string>()
  let count = 0
  for (const state of STATES)
    for (const policy of POLICIES)
      for (const session of [null, SESSION])
        for (const epoch of [0, 4, 9])
          for (const self of [LOW, HIGH])
            for (const incoming of [
              ident(),
              ident({ cookie: 1n }),
              ident({ policy: 'lossy' }),
              ident({ since: { peer: 100n } }),
              ident({ since: { other: 1n } }),
              reconnect(),
              reconnect({ half: true }),
              reconnect({ since: { peer: 100n } }),
            ])
              for (const instance of ['peer', 'other']) {
                count++
                const verdict = arbitrate(here({ state, policy, session, epoch, self, instance }), incoming)
                if (verdict.reason === '') wrong.add('no reason')
                if ('id' in verdict && verdict.id !== session && verdict.id !== incoming.offer.fresh)
                  wrong.add('a foreign id')
                if ('id' in verdict && (state === 'closed' || state === 'draining')) wrong.add('promised while closing')
                if (verdict.kind === 'again' && incoming.offer.resume.length === 0)
                  wrong.add('an ident is never asked again')
              }
  t.strictSame([...wrong], [])
  t.equal(count, 9 * 4 * 2 * 3 * 2 * 8 * 2)
  t.end()
})
