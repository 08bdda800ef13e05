/** Calls whose two sides send parts: order, boundaries, credit, and every way to stop. */
import t from 'tap'
import { CallError } from '../../../src/transactions/call-error.ts'
import { CALLS } from '../../../src/transactions/machine/limits.ts'
import { Echo, Later, Other, bytes, failureOf, pair } from './lab.ts'

t.test('parts come as they were sent, in both directions, with a reply at the end', async (t) => {
  await pair(async ({ server, connection }) => {
    server.serve(Echo, async (body, call) => {
      let sum = 0
      for await (const part of call) {
        sum += part.length
        await call.send(part.map((byte) => byte + 1))
      }
      return { body: `${body} ${sum}` }
    })
    const tx = connection.transact(Echo, 'sum')
    const sizes = [0, 1, 64 * 1024, 64 * 1024 + 1, 0, 300_000, 3, 2_000_000]
    const sent = (async () => {
      for (const size of sizes) t.ok(await tx.send(bytes(size)))
      return await tx.end()
    })()
    const got: number[] = []
    for await (const part of tx) {
      got.push(part.length)
      t.ok(part.every((byte) => byte === 8))
    }
    t.strictSame(got, sizes)
    const total = sizes.reduce((sum, size) => sum + size, 0)
    t.equal((await sent).body, `sum ${total}`)
    t.equal((await tx.reply).body, `sum ${total}`)
  })
})

t.test('a part of any size behind one of any size comes: no credit is too little to be told', async (t) => {
  await pair(async ({ server, connection }) => {
    server.serve(Echo, async (_body, call) => {
      let sum = 0
      for await (const part of call) {
        sum += part.length
        await call.send(part)
      }
      return { body: String(sum) }
    })
    const { pieceBytes, windowBytes } = CALLS
    const small = [1, windowBytes - pieceBytes - 64, windowBytes - pieceBytes, 5000, 20_000, windowBytes / 4 - 65]
    for (const first of small) {
      for (const second of [pieceBytes - 1, pieceBytes, pieceBytes + 1, windowBytes, 3 * windowBytes]) {
        const tx = connection.transact(Echo, '')
        const sent = (async () => {
          for (const size of [first, second]) await tx.send(bytes(size))
          return await tx.end()
        })()
        const got: number[] = []
        for await (const part of tx) got.push(part.length)
        t.strictSame(got, [first, second])
        t.equal((await sent).body, String(first + second))
      }
    }
  })
})

t.test('who does not read holds a window, and nobody else waits for it', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    const read = new Later()
    let count = 0
    server.serve(Echo, async (_body, call) => {
      await read.promise
      for await (const _part of call) count++
    })
    server.serve(Other, (body) => ({ body }))
    const slow = connection.transact(Echo, '')
    const parts = 200
    const sending = (async () => {
      for (let index = 0; index < parts; index++) await slow.send(bytes(64 * 1024))
      await slow.end()
    })()
    await settle(500)
    t.equal((await connection.call(Other, 'quick')).body, 'quick')
    const { queuedBytes } = connection.dump()
    t.ok(queuedBytes <= CALLS.windowBytes, `${queuedBytes} bytes are queued in the session`)
    read.resolve()
    await sending
    t.equal(count, parts)
  })
})

t.test('a handler may answer before all parts are there; sending on is in vain, and says so', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    server.serve(Echo, async (_body, call) => {
      for await (const part of call) return { body: `${part.length}` }
      return undefined
    })
    const tx = connection.transact(Echo, '')
    t.ok(await tx.send(bytes(5)))
    t.equal((await tx.reply).body, '5')
    t.notOk(await tx.send(bytes(6)))
    t.equal((await tx.end()).body, '5')
    await settle()
  })
})

t.test('a cancel tells what became of the call, in every order', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    const hold = new Later()
    const effects: string[] = []
    server.serve(Echo, async (body, { signal }) => {
      if (body === 'heeds') await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      else await hold.promise
      if (body === 'heeds') throw new Error('stopped')
      effects.push(body)
      return { body }
    })
    const heeds = connection.transact(Echo, 'heeds')
    const ignores = connection.transact(Echo, 'ignores')
    await settle()
    t.equal(await heeds.cancel('enough'), 'cancelled')
    t.match(await failureOf(heeds.reply), { reason: 'cancelled-local', indeterminate: true, message: /enough/ })
    const verdict = ignores.cancel()
    await settle()
    hold.resolve()
    t.equal(await verdict, 'too-late')
    t.equal((await ignores.reply).body, 'ignores')
    t.strictSame(effects, ['ignores'])
    const done = connection.transact(Echo, 'done')
    await done.reply
    t.equal(await done.cancel(), 'too-late', 'also when it is over')
    const never = connection.transact(Echo, 'never')
    t.equal(await never.cancel(), 'cancelled', 'it was in no message')
    t.match(await failureOf(never.reply), { indeterminate: false })
    t.strictSame(effects, ['ignores', 'done'])
  })
})

t.test('a cancel overtakes what has no credit', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    const fired = new Later()
    server.serve(Echo, async (_body, { signal }) => {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      fired.resolve()
      throw new CallError('ESTOP')
    })
    const tx = connection.transact(Echo, '')
    let sent = 0
    const sending = (async () => {
      while (await tx.send(bytes(1 << 20))) sent++
    })().catch(() => undefined)
    await settle(500)
    t.equal(await tx.cancel(), 'cancelled')
    await fired.promise
    await sending
    t.ok(sent < 32)
    await settle()
    t.equal(connection.dump().queuedMessages, 0, 'what was not sent is not sent')
  })
})

t.test('either side stops its own half, or asks the other to stop', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    const noted: unknown[] = []
    server.serve(Echo, async (body, call) => {
      if (body === 'stop') {
        call.stop('enough')
        await settle()
        return { body: 'stopped' }
      }
      if (body === 'reset') {
        try {
          for await (const part of call) noted.push(part.length)
        } catch (thrown) {
          noted.push((thrown as CallError).reason)
        }
        return { body: 'reset' }
      }
      let sent = 0
      while (await call.send(bytes(1000))) sent++
      noted.push('unwanted', sent > 0)
      return { body: 'unwanted' }
    })
    const stopped = connection.transact(Echo, 'stop')
    while (await stopped.send(bytes(100_000)));
    t.equal((await stopped.reply).body, 'stopped')
    const reset = connection.transact(Echo, 'reset')
    await reset.send(bytes(3))
    await settle()
    reset.reset('no more')
    t.equal((await reset.reply).body, 'reset')
    const unwanted = connection.transact(Echo, 'send')
    for await (const part of unwanted) {
      t.equal(part.length, 1000)
      break
    }
    t.equal((await unwanted.reply).body, 'unwanted')
    t.strictSame(noted, [3, 'cancelled-remote', 'unwanted', true])
  })
})

t.test(
  'a handler that gives up its parts and answers in the same turn: they never look whole, and the answer counts',
  async (t) => {
    await pair(async ({ server, connection }) => {
      server.serve(Echo, async (body, call) => {
        await call.send(bytes(100_000))
        call.reset('the disk is gone')
        return { body: `${body} nevertheless` }
      })
      // Many at once: more has to be said than there is room for control words.
      for (const caller of [connection, server.loopback]) {
        const all = Array.from({ length: 40 }, () => caller.transact(Echo, 'answered'))
        for (const tx of all) {
          const read = async (): Promise<void> => {
            for await (const part of tx) t.equal(part.length, 100_000)
          }
          t.match(await failureOf(read()), { reason: 'cancelled-remote', code: 'RESET', message: /the disk is gone/ })
          t.equal((await tx.reply).body, 'answered nevertheless')
        }
      }
    })
  },
)

t.test('one of a closed connection has failed already, whatever is asked of it', async (t) => {
  await pair(async ({ connection }) => {
    await connection.close()
    const tx = connection.transact(Echo, 'x')
    const failed = { reason: 'disconnected', code: 'INK_CLOSED', indeterminate: false }
    tx.stop()
    tx.reset()
    tx.discard()
    for (const end of [tx.reply, tx.end(), tx.cancel(), tx.send(bytes(1))]) t.match(await failureOf(end), failed)
  })
})

t.test('what is discarded reaches nobody, tells nobody, and gives its credit back', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    let sent = 0
    let fired = false
    server.serve(Echo, async (_body, call) => {
      call.signal.addEventListener('abort', () => (fired = true))
      while (sent < 400 && (await call.send(bytes(64 * 1024)))) sent++
      return { body: 'done' }
    })
    const tx = connection.transact(Echo, '')
    await settle(100)
    tx.discard()
    t.match(await failureOf(tx.reply), { reason: 'cancelled-local', indeterminate: true })
    await settle(2000)
    t.equal(sent, 400, 'the handler was not held up')
    t.notOk(fired)
    await t.rejects(async () => {
      for await (const part of tx) t.fail(`${part.length} bytes`)
    }, CallError)
  })
})

t.test('parts that their caller discards or cancels never look whole, and nobody waits for the rest', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    const seen: string[] = []
    server.serve(Echo, async (body, call) => {
      await settle(100)
      let count = 0
      try {
        for await (const part of call) count += part.length
        seen.push(`${body}: all of ${count}`)
      } catch (thrown) {
        const { reason, code } = thrown as CallError
        seen.push(`${body}: ${reason} ${code}`)
      }
      return { body: '' }
    })
    const upload = (body: string) => {
      const tx = connection.transact(Echo, body)
      tx.reply.catch(() => undefined)
      for (let count = 0; count < 10; count++) void tx.send(bytes(64 * 1024))
      return tx
    }
    const ended = upload('ended')
    const open = upload('open')
    const late = upload('late')
    void ended.end().catch(() => undefined)
    void late.end().catch(() => undefined)
    await settle(20)
    ended.discard()
    open.discard()
    t.equal(await late.cancel(), 'too-late')
    const whole = connection.transact(Echo, 'whole')
    await whole.send(bytes(10))
    void whole.end().catch(() => undefined)
    await settle(20)
    whole.discard()
    await settle(300)
    t.strictSame(seen.sort(), [
      'ended: cancelled-remote RESET',
      'late: cancelled-remote ',
      'open: cancelled-remote RESET',
      'whole: all of 10',
    ])
  })
})

t.test('the loss of a session ends calls with what is known, and fires signals', async (t) => {
  await pair(async ({ server, connection, settle, sim }) => {
    const reasons: string[] = []
    server.serve(Echo, async (_body, { signal }) => {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      reasons.push((signal.reason as CallError).reason)
    })
    const tx = connection.transact(Echo, '')
    await settle()
    sim.network.cut()
    const behind = connection.transact(Echo, 'behind')
    connection.markDown()
    t.match(await failureOf(tx.reply), { reason: 'disconnected', indeterminate: true })
    t.match(await failureOf(behind.reply), { reason: 'disconnected', indeterminate: false })
    await settle(60_000)
    t.ok(reasons.every((reason) => reason === 'disconnected'))
  })
})

t.test('parts and the end of a call that waits for its turn wait with it', async (t) => {
  await pair(async ({ server, connection, events }) => {
    server.serve(
      Echo,
      async (body, call) => {
        let sum = 0
        for await (const part of call) sum += part.length
        return { body: `${body} ${sum}` }
      },
      { concurrency: Infinity },
    )
    const count = CALLS.openMax + 100
    const replies = Array.from({ length: count }, async (_, index) => {
      const upload = connection.transact(Echo, String(index))
      await upload.send(bytes(index % 7))
      return (await upload.end()).body
    })
    t.strictSame(
      await Promise.all(replies),
      Array.from({ length: count }, (_, index) => `${index} ${index % 7}`),
    )
    t.notOk(events.some(({ type }) => type === 'fault'))
  })
})

t.test(
  'who wants no more parts still gets the whole reply, whatever its size and however early it was said',
  async (t) => {
    await pair(async ({ server, connection, settle }) => {
      server.serve(Echo, async (body, call) => {
        await call.send(bytes(100_000))
        // Behind this stop nothing comes but the reply; a reset says the same from this side.
        if (body === 'resets') call.reset()
        else await settle(body === 'late' ? 30 : 0)
        return { body, data: bytes(300_000, 3) }
      })
      for (const body of ['early', 'late', 'resets']) {
        const tx = connection.transact(Echo, body)
        if (body === 'late') await settle(20)
        if (body !== 'resets') tx.stop()
        const { data } = await tx.reply
        t.equal(data.length, 300_000, body)
        t.ok(data.every((byte) => byte === 3))
      }
    })
  },
)

t.test('a cancel of a call that was refused, and has not heard of it, is no cancel that came too late', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    server.serve(Other, async (_body, call) => {
      for (let count = 0; count < 200; count++) await call.send(bytes(64 * 1024))
    })
    const hold = new Later()
    server.serve(Echo, () => hold.promise.then(() => undefined), { concurrency: 1, waitingMax: 0 })
    const running = connection.call(Echo, 'running')
    await settle()
    // What the refusals wait behind: parts that nobody reads.
    const busy = connection.transact(Other, '')
    const refused = Array.from({ length: 20 }, () => connection.transact(Echo, 'refused'))
    const verdicts = refused.map(async (tx) => {
      const verdict = await tx.cancel().catch(() => 'it had its outcome')
      const { indeterminate } = await failureOf(tx.reply)
      return [verdict, indeterminate]
    })
    for (const [verdict, indeterminate] of await Promise.all(verdicts)) {
      t.not(verdict, 'too-late')
      t.equal(indeterminate, false)
    }
    busy.discard()
    hold.resolve()
    await running
  })
})

t.test('a layer takes parts as they come, in their order, to their end or its own', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    const sizes = [1, 5000, 64 * 1024, 300_000, 0, 64 * 1024]
    const taken: number[] = []
    server.serve(Echo, async (body, call) => {
      if (body === 'late') await settle()
      await call.takeParts((part) => {
        if (body === 'few' && part.length > 6000) throw new Error('enough')
        taken.push(part.length)
        t.ok(part.every((byte) => byte === 7))
      })
      return { body: `${taken.length}` }
    })
    for (const body of ['', 'late']) {
      const tx = connection.transact(Echo, body)
      for (const size of sizes) await tx.send(bytes(size))
      t.equal((await tx.end()).body, '6', 'also what came before it asked')
      t.strictSame(taken.splice(0), sizes)
    }
    const tx = connection.transact(Echo, 'few')
    for (const size of sizes) await tx.send(bytes(size))
    t.match(await failureOf(tx.end()), { reason: 'handler-error', message: /enough/ })
    t.strictSame(taken.splice(0), sizes.slice(0, 2))
    const cancelled = connection.transact(Echo, '')
    await cancelled.send(bytes(3))
    await settle()
    await t.resolves(cancelled.cancel())
    t.strictSame(taken, [3])
  })
})

t.test('whoever takes parts may end its own call while it takes one', async (t) => {
  await pair(async ({ server, connection }) => {
    server.serve(Echo, async (body, call) => {
      for (let sent = 0; sent < 8; sent++) await call.send(bytes(10_000))
      return { body }
    })
    const abort = new AbortController()
    const tx = connection.transact(Echo, 'x', { signal: abort.signal })
    let count = 0
    const taking = tx.takeParts(() => {
      if (++count === 2) abort.abort()
    })
    t.match(await failureOf(taking), { reason: 'cancelled-local' })
    t.equal(count, 2)
  })
})
