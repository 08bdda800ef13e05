/** Parts of calls as WHATWG streams, at both ends: boundaries, back-pressure, and every way to end early. */
import t from 'tap'
import { CallError } from '../../../src/transactions/call-error.ts'
import { CALLS } from '../../../src/transactions/machine/limits.ts'
import { toReadableStream, toWritableStream } from '../../../src/transactions/web-streams.ts'
import { Echo, Later, bytes, failureOf, pair, serveEndless } from './lab.ts'

t.test('a call is a pair that pipes go through: parts keep their boundaries, and the end is the end', async (t) => {
  await pair(async ({ server, connection }) => {
    server.serve(Echo, async (body, call) => {
      const plusOne = new TransformStream<Uint8Array, Uint8Array>({
        transform(part, controller) {
          controller.enqueue(part.map((byte) => byte + 1))
        },
      })
      await toReadableStream(call).pipeThrough(plusOne).pipeTo(toWritableStream(call))
      return { body }
    })
    const tx = connection.transact(Echo, 'piped')
    const sizes = [0, 1, 64 * 1024 + 1, 0, 300_000]
    const source = ReadableStream.from(sizes.map((size) => bytes(size)))
    const got: number[] = []
    for await (const part of source.pipeThrough({ readable: toReadableStream(tx), writable: toWritableStream(tx) })) {
      got.push(part.length)
      t.ok(part.every((byte) => byte === 8))
    }
    t.strictSame(got, sizes)
    t.equal((await tx.reply).body, 'piped')
  })
})

t.test('nobody reads ahead: credit waits for the reader, and what a writer may be ahead is bounded', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    const size = 1 << 20
    let given = 0
    let read = 0
    const goOn = new Later()
    server.serve(Echo, async (_body, call) => {
      const parts = toReadableStream(call)
      await goOn.promise
      for await (const part of parts) read += part.length / size
    })
    const tx = connection.transact(Echo, '')
    const source = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (given === 28) controller.close()
          else controller.enqueue(bytes(size, given++))
        },
      },
      { highWaterMark: 0 },
    )
    const piped = source.pipeTo(toWritableStream(tx))
    await settle(500)
    t.ok(connection.dump().queuedBytes <= CALLS.windowBytes, 'the session holds a window')
    // What is queued, and the one that was written when that was full.
    t.ok(given * size <= CALLS.unsentBytesMax + 3 * size, `${given} parts were taken of the source`)
    goOn.resolve()
    await piped
    await tx.reply
    t.equal(read, 28)
  })
})

t.test('a reader that cancels stops that half alone, at once, also while it waits', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    serveEndless(server, settle)
    const tx = connection.transact(Echo, 'sends')
    const reader = toReadableStream(tx).getReader()
    t.equal((await reader.read()).value?.length, 50_000)
    await reader.cancel('enough')
    t.equal((await tx.reply).body, 'sends, many')
    const silent = connection.transact(Echo, 'silent')
    const waiting = toReadableStream(silent).getReader()
    const read = waiting.read()
    await settle(10)
    await waiting.cancel(new Error('no time'))
    t.strictSame(await read, { done: true, value: undefined })
    t.equal((await silent.reply).body, 'silent, 0')
  })
})

t.test('what is cut short never looks whole: an abort is a reset, also while a write waits for credit', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    const seen: CallError[] = []
    const goOn = new Later()
    server.serve(Echo, async (_body, call) => {
      await goOn.promise
      try {
        for await (const _part of toReadableStream(call));
      } catch (error) {
        seen.push(error as CallError)
      }
      return { body: 'half' }
    })
    const tx = connection.transact(Echo, '')
    const writer = toWritableStream(tx).getWriter()
    // One that fills the window of a reader who does not read, and one that has no credit.
    await writer.write(bytes(CALLS.windowBytes))
    const written = writer.write(bytes(CALLS.unsentBytesMax))
    await settle()
    const why = new Error('the disk is gone')
    const failed = t.rejects(written, why)
    await writer.abort(why)
    await failed
    goOn.resolve()
    t.equal((await tx.reply).body, 'half')
    t.match(seen, [{ reason: 'cancelled-remote', code: 'RESET', message: /the disk is gone/ }])
    const pipe = connection.transact(Echo, '')
    const source = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(why) })
    await t.rejects(source.pipeTo(toWritableStream(pipe)), why)
    await pipe.reply
    t.equal(seen.length, 2, 'a source that fails resets, too')
    const wrong = connection.transact(Echo, '')
    const words = toWritableStream(wrong).getWriter() as unknown as WritableStreamDefaultWriter<string>
    words.closed.catch(() => undefined)
    await t.rejects(words.write('no bytes'), { code: 'INK_BAD_ARGUMENT' })
    await wrong.reply
    t.match(seen[2], { code: 'RESET' }, 'and so does what is not bytes')
  })
})

t.test('who wants no more makes the writer fail, and its source is cancelled', async (t) => {
  await pair(async ({ server, connection }) => {
    server.serve(Echo, async (body, call) => {
      const reader = toReadableStream(call).getReader()
      await reader.read()
      if (body === 'stops') await reader.cancel('enough')
      return { body }
    })
    for (const body of ['stops', 'answers']) {
      const cancelled: unknown[] = []
      const source = new ReadableStream<Uint8Array>({
        // One part, and then silence: only the end of the call can end it.
        start: (controller) => controller.enqueue(bytes(3)),
        cancel: (reason) => void cancelled.push(reason),
      })
      const tx = connection.transact(Echo, body)
      await t.rejects(source.pipeTo(toWritableStream(tx)), { reason: 'cancelled-remote', code: 'STOPPED' })
      t.match(cancelled, [{ code: 'STOPPED' }])
      t.equal((await tx.reply).body, body, 'the call itself went well')
    }
  })
})

t.test('a call that fails makes streams fail at both of its ends, with its own error', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    const heard: unknown[] = []
    const hear = (error: unknown): void => void heard.push((error as CallError).reason)
    server.serve(Echo, async (_body, call) => {
      await Promise.all([
        toReadableStream(call).pipeTo(new WritableStream()).catch(hear),
        toWritableStream(call).getWriter().closed.catch(hear),
      ])
      throw new CallError('ESTOP')
    })
    const tx = connection.transact(Echo, '', { timeoutMs: 100 })
    const writer = toWritableStream(tx).getWriter()
    const closed = t.rejects(writer.closed, { message: /deadline/ })
    await t.rejects(toReadableStream(tx).getReader().read(), { message: /deadline/ })
    await closed
    t.equal((await failureOf(tx.reply)).reason, 'deadline')
    await settle()
    t.equal(heard.length, 2)
    t.ok(
      heard.every((reason) => reason === 'deadline'),
      heard.join(),
    )
    await t.rejects(toWritableStream(tx).getWriter().closed, { message: /deadline/ }, 'also one that comes late')
  })
})

t.test('what is no call with parts is told at once', (t) => {
  for (const wrong of [undefined, null, {}, 'call', new WritableStream()]) {
    t.throws(() => toReadableStream(wrong as never), { code: 'INK_BAD_ARGUMENT' })
    t.throws(() => toWritableStream(wrong as never), { code: 'INK_BAD_ARGUMENT' })
  }
  t.end()
})
