/** The conformance suite finds the defects that transports have: each is planted in a transport that is right without it. */
import t from 'tap'
import { transportConformance } from '../../../../src/testing/conformance/transport-conformance.ts'
import { memory } from '../../../../src/transports/memory.ts'
import type { Link, LinkHandlers, Transport } from '../../../../src/transports/transport.ts'

/** What a defective transport does otherwise, given what it should call. */
interface Defect {
  readonly calls?: (inner: Link, outer: Link) => Partial<Pick<Link, 'write' | 'pause' | 'close' | 'reset'>>
  readonly handlers?: (owner: LinkHandlers, inner: Link) => Partial<LinkHandlers>
  readonly buffered?: (inner: Link) => number
}

const defects: Record<string, Defect> = {
  'closed twice': {
    handlers: (owner) => ({
      closed: (reason) => {
        owner.closed(reason)
        owner.closed(reason)
      },
    }),
  },
  'closed inside close': {
    handlers: () => ({ closed: () => {} }),
    calls: (inner, outer) => ({
      close: () => {
        inner.close()
        outer.handlers.closed({ end: 'local', message: '' })
      },
      reset: () => {
        inner.reset()
        outer.handlers.closed({ end: 'local', message: '' })
      },
    }),
  },
  'closed is called local whatever happened': {
    handlers: (owner) => ({ closed: (reason) => owner.closed({ ...reason, end: 'local' }) }),
  },
  'reset is told as an orderly end': {
    handlers: (owner) => ({
      closed: (reason) => owner.closed(reason.end === 'reset' ? { ...reason, end: 'remote' } : reason),
    }),
  },
  'accepted links say opened': {
    handlers: (owner) => ({
      data: (chunk) => {
        owner.opened()
        owner.data(chunk)
      },
    }),
  },
  'chunks of a gathered write in the wrong order': {
    calls: (inner) => ({ write: (chunks) => inner.write([...chunks].reverse()) }),
  },
  'a byte changes': {
    handlers: (owner) => ({
      data: (chunk) => {
        const copy = chunk.slice()
        if (copy.length > 60_000) copy[1000]! ^= 1
        owner.data(copy)
      },
    }),
  },
  'data inside write': {
    calls: (inner, outer) => ({
      write: (chunks) => {
        if (chunks[0]?.length === 1) outer.handlers.data(chunks[0])
        return inner.write(chunks)
      },
    }),
  },
  'no back-pressure': {
    calls: (inner) => ({ write: (chunks) => inner.write(chunks) || true }),
  },
  'bytes are said to be buffered for ever': { buffered: (inner) => inner.bufferedBytes + 1 },
  'pause does nothing': { calls: () => ({ pause: () => {} }) },
  'close resets': { calls: (inner) => ({ close: () => inner.reset() }) },
  'reset closes': { calls: (inner) => ({ reset: () => inner.close() }) },
}

for (const [name, defect] of Object.entries(defects)) {
  t.test(name, async (t) => {
    const failure = await firstFailure(defective(defect))
    t.ok(failure, failure)
  })
}

t.test('without a defect nothing is found', async (t) => {
  let names = 0
  transportConformance(t, { make: (wishes) => defective({})(wishes), address: () => `memory://right-${names++}` })
})

/** The first test that fails; rejects when all pass. Tests that wait for ever, because of the defect, are left behind. */
function firstFailure(make: (wishes: { closeTimeoutMs: number }) => Transport): Promise<string> {
  let names = 0
  const runs: Promise<string>[] = []
  const harness = {
    test: (name: string, run: () => Promise<void>) => {
      const failed = async (): Promise<string> => {
        const error: unknown = await run().then(
          () => undefined,
          (thrown: unknown) => thrown,
        )
        if (error === undefined) throw new Error('passed')
        return name
      }
      runs.push(failed())
    },
  }
  transportConformance(harness, { make, address: () => `memory://${names++}` })
  return Promise.any(runs)
}

function defective(defect: Defect): (wishes: { closeTimeoutMs: number }) => Transport {
  return (wishes) => {
    const right = memory(wishes)
    return {
      scheme: right.scheme,
      parse: (address) => right.parse(address),
      listen: (address, onLink, options) => right.listen(address, (link) => onLink(wrap(link, defect)), options),
      dial: (address) => wrap(right.dial(address), defect),
    }
  }
}

function wrap(inner: Link, defect: Defect): Link {
  let owner: LinkHandlers | undefined
  const outer: Link = {
    capabilities: inner.capabilities,
    localAddress: inner.localAddress,
    remoteAddress: inner.remoteAddress,
    get bufferedBytes() {
      return defect.buffered?.(inner) ?? inner.bufferedBytes
    },
    get handlers() {
      return owner!
    },
    set handlers(handlers) {
      owner = handlers
      inner.handlers = {
        opened: () => handlers.opened(),
        data: (chunk) => handlers.data(chunk),
        writable: () => handlers.writable(),
        closed: (reason) => handlers.closed(reason),
        ...defect.handlers?.(handlers, inner),
      }
    },
    write: (chunks) => inner.write(chunks),
    pause: () => inner.pause(),
    resume: () => inner.resume(),
    close: () => inner.close(),
    reset: () => inner.reset(),
  }
  return Object.assign(outer, defect.calls?.(inner, outer))
}
