/** Calls that a server hands on to a third peer: the outcome of the last handler is that of the caller, whatever ends it. */
import t from 'tap'
import type { Connection } from '../../../src/messenger/connection.ts'
import type { MessengerEvent } from '../../../src/messenger/events.ts'
import { peer } from '../../../src/policies/peer.ts'
import { Simulation } from '../../../src/testing/simulator/simulation.ts'
import { CallError } from '../../../src/transactions/call-error.ts'
import type { ServerCall } from '../../../src/transactions/handler-call.ts'
import type { Messenger } from '../../../src/transactions/messenger.ts'
import { Echo, Later, Other, bytes, failureOf } from './lab.ts'

interface Trio {
  readonly gate: Messenger
  readonly osd: Messenger
  /** From the client to the gate, and from there to the osd. */
  readonly connection: Connection
  readonly onward: Connection
  readonly events: MessengerEvent[]
  readonly settle: (ms?: number) => Promise<void>
}

/** `client.a` calls `gate.0`, which hands its calls on to `osd.0`. */
async function trio(body: (trio: Trio) => Promise<void>): Promise<void> {
  const sim = new Simulation({ seed: 1 })
  await sim.run(async () => {
    const client = sim.messenger('client.a', { policies: { default: peer() } })
    const gate = sim.messenger('gate.0', { policies: { default: peer() } })
    const osd = sim.messenger('osd.0', { policies: { default: peer() } })
    const events: MessengerEvent[] = []
    for (const messenger of [client, gate, osd]) messenger.events$.subscribe((event) => events.push(event))
    const connection = client.connect(await gate.bind('sim://gate.0:6800'))
    const onward = gate.connect(await osd.bind('sim://osd.0:6800'))
    const settle = (ms = 50): Promise<void> => new Promise((resolve) => void sim.clock.host().setTimer(resolve, ms))
    gate.serve(Echo, (_body, call) => call.forward(onward))
    await body({ gate, osd, connection, onward, events, settle })
    await Promise.all([client.shutdown(), gate.shutdown(), osd.shutdown()])
  })
}

const doesNothing = (): Promise<never> => new Promise(() => undefined)

t.test('a reply and an error come as the last handler made them, with all that went there', async (t) => {
  await trio(async ({ osd, connection }) => {
    osd.serve(Echo, (body, call) => {
      if (body === 'bad') throw new CallError('EIO', 'the disk is gone', { retryAfterMs: 7 })
      t.equal(call.peer.name, 'gate.0')
      t.match(call.metadata, { user: 'ann', traceparent: 'a trace' })
      t.ok(call.deadlineMs < 500 && call.deadlineMs > 400, `${call.deadlineMs} ms are left`)
      return { body: `${body} of ${call.data.length}`, data: bytes(100_000) }
    })
    const options = { data: bytes(70_000), timeoutMs: 500, metadata: { user: 'ann', traceparent: 'a trace' } }
    const { body, data } = await connection.call(Echo, 'good', options)
    t.equal(body, 'good of 70000')
    t.equal(data.length, 100_000)
    const error = await failureOf(connection.call(Echo, 'bad'))
    t.match(error, { reason: 'handler-error', code: 'EIO', indeterminate: true, retryAfterMs: 7 })
    t.equal(error.message, 'Echo: handler-error: the disk is gone')
  })
})

t.test('what no handler took is said with its reason, and that none has run', async (t) => {
  await trio(async ({ osd, gate, connection, onward, settle }) => {
    t.match(await failureOf(connection.call(Echo, '')), { reason: 'unhandled', indeterminate: false })
    const served = osd.serve(Echo, doesNothing, { waitingMax: 0, retryAfterMs: 30 })
    served.pause()
    t.match(await failureOf(connection.call(Echo, '')), {
      reason: 'quota',
      code: 'BUSY',
      indeterminate: false,
      retryAfterMs: 30,
    })
    gate.serve(Other, (_body, call) => call.forward(onward))
    await onward.close()
    t.match(await failureOf(connection.call(Echo, '')), { reason: 'disconnected', indeterminate: false })
    await settle()
  })
})

t.test('parts go both ways with their boundaries and their ends', async (t) => {
  await trio(async ({ osd, connection, events }) => {
    osd.serve(Echo, async (_body, call) => {
      const sizes: number[] = []
      for await (const part of call) {
        sizes.push(part.length)
        await call.send(part.subarray(0, part.length / 2))
      }
      return { body: sizes.join() }
    })
    const tx = connection.transact(Echo, '')
    const sent = [0, 64, 300_000, 2]
    for (const size of sent) await tx.send(bytes(size))
    const reply = tx.end()
    const got: number[] = []
    for await (const part of tx) got.push(part.length)
    t.strictSame(got, [0, 32, 150_000, 1])
    t.equal((await reply).body, sent.join())
    t.notOk(events.some(({ type }) => type === 'dispatchError'))
  })
})

t.test('either end stops or gives up its parts, and the other one hears of it at once', async (t) => {
  await trio(async ({ osd, connection, settle }) => {
    const seen: string[] = []
    osd.serve(Echo, async (body, call) => {
      if (body === 'server stops') {
        call.stop()
        await settle()
      } else if (body === 'client resets') {
        const read = async (): Promise<void> => {
          for await (const part of call) seen.push(`${part.length} bytes`)
        }
        seen.push(
          await read().then(
            () => 'whole',
            (thrown: unknown) => (thrown as CallError).code,
          ),
        )
      } else if (body === 'client stops') {
        while (await call.send(bytes(1000)));
        seen.push('unwanted')
      } else {
        await call.send(bytes(5))
        call.reset('broken')
      }
      return { body }
    })
    const stopped = connection.transact(Echo, 'server stops')
    await settle(20)
    t.equal(await stopped.send(bytes(1)), false, 'nobody had to send for it')
    t.equal((await stopped.reply).body, 'server stops')

    const resetting = connection.transact(Echo, 'client resets')
    await resetting.send(bytes(3))
    await settle(20)
    resetting.reset('no more')
    t.equal((await resetting.reply).body, 'client resets')

    const stopping = connection.transact(Echo, 'client stops')
    for await (const part of stopping) {
      t.equal(part.length, 1000)
      break
    }
    t.equal((await stopping.reply).body, 'client stops')

    const reset = connection.transact(Echo, 'server resets')
    const read = async (): Promise<void> => {
      for await (const part of reset) seen.push(`${part.length} back`)
    }
    t.match(await failureOf(read()), { reason: 'cancelled-remote', code: 'RESET' })
    t.equal((await reset.reply).body, 'server resets')
    t.strictSame(
      seen.filter((what) => what !== '5 back'),
      ['3 bytes', 'RESET', 'unwanted'],
    )
  })
})

t.test('a cancel has the verdict of the last handler', async (t) => {
  await trio(async ({ osd, connection, settle }) => {
    const signals: string[] = []
    const late = new Later()
    const serving = osd.serve(Echo, async (body, { signal }) => {
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          signals.push((signal.reason as CallError).reason)
          resolve()
        })
      })
      await late.promise
      if (body === 'stops') throw new Error('stopped')
      return { body: 'answered' }
    })
    const stops = connection.transact(Echo, 'stops')
    const answers = connection.transact(Echo, 'answers')
    await settle()
    const verdicts = [stops.cancel(), answers.cancel()]
    await settle()
    late.resolve()
    t.strictSame(await Promise.all(verdicts), ['cancelled', 'too-late'])
    t.strictSame(signals, ['cancelled-remote', 'cancelled-remote'])
    t.match(await failureOf(stops.reply), { reason: 'cancelled-local', indeterminate: true })
    t.equal((await answers.reply).body, 'answered')
    serving.pause()
    const unheard = connection.transact(Echo, 'never')
    await settle()
    t.equal(await unheard.cancel(), 'cancelled')
    t.match(
      await failureOf(unheard.reply),
      { reason: 'cancelled-local', indeterminate: false },
      'it reached no handler',
    )
  })
})

t.test('a deadline ends it everywhere, and a discard is heard by nobody', async (t) => {
  await trio(async ({ osd, connection, settle }) => {
    const reasons: string[] = []
    let ended = 0
    osd.serve(Echo, async (_body, { signal }) => {
      signal.addEventListener('abort', () => reasons.push((signal.reason as CallError).reason))
      await settle(200)
      ended++
      return { body: '' }
    })
    t.match(await failureOf(connection.call(Echo, '', { timeoutMs: 100 })), { reason: 'deadline', indeterminate: true })
    await settle(300)
    t.strictSame(reasons, ['deadline'])
    connection.transact(Echo, '').discard()
    const dropped = connection.transact(Echo, '')
    await settle(20)
    dropped.discard()
    await settle(300)
    t.equal(ended, 2, 'what was on no link was never made')
    t.strictSame(reasons, ['deadline'])
  })
})

t.test('when the rest of its way is lost the caller hears that, and whether a handler may have run', async (t) => {
  await trio(async ({ osd, connection, onward }) => {
    const begun = new Later()
    osd.serve(Echo, () => {
      begun.resolve()
      return doesNothing()
    })
    const running = failureOf(connection.call(Echo, ''))
    await begun.promise
    onward.markDown()
    t.match(await running, { reason: 'disconnected', indeterminate: true })
  })
})

t.test(
  'one that has failed may be handed to another peer; one whose parts went on may not, nor two at once',
  async (t) => {
    await trio(async ({ osd, gate, connection, onward, events }) => {
      osd.serve(Echo, () => {
        throw new CallError('ENOENT')
      })
      const notes: unknown[] = []
      const elsewhere = async (call: ServerCall) => {
        const first = call.forward(onward)
        await failureOf(call.forward(onward)).catch((error: unknown) => notes.push((error as Error).message))
        return await first.catch(() => call.forward(gate.loopback))
      }
      osd.serve(Other, () => {
        throw new CallError('ENOENT')
      })
      let round = 0
      gate.serve(Other, (_body, call) => (round++ % 2 === 0 ? elsewhere(call) : { body: 'here' }))
      t.equal((await connection.call(Other, '')).body, 'here')
      t.match(notes, [/handed on already, and that has not failed/])
      const error = await failureOf(connection.transact(Other, '').reply)
      t.match(error, { reason: 'handler-error', code: 'INK_BAD_ARGUMENT' })
      t.match(error.message, /parts of it may be gone/)
      t.notOk(events.some(({ type }) => type === 'dispatchError'))
    })
  },
)

t.test(
  'what is no connection or option is a mistake, and a call is handed on only while its handler runs',
  async (t) => {
    await trio(async ({ gate, connection, onward }) => {
      let kept: ServerCall | undefined
      gate.serve(Other, async (body, call) => {
        kept = call
        if (body === 'connection') return await call.forward('osd.0' as never)
        if (body === 'option') return await call.forward(onward, { timeout: 1 } as never)
        return { body }
      })
      t.match(await failureOf(connection.call(Other, 'connection')), { code: 'INK_BAD_ARGUMENT' })
      t.match(await failureOf(connection.call(Other, 'option')), { code: 'INK_BAD_OPTION' })
      await connection.call(Other, '')
      await t.rejects(kept!.forward(onward), { code: 'INK_BAD_ARGUMENT' })
    })
  },
)
