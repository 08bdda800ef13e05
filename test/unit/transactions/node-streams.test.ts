/** Parts of calls as Node's streams, at both ends: pipelines, back-pressure, and every way to end early. */
import { PassThrough, Readable, Transform, Writable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import t from 'tap'
import { CallError } from '../../../src/transactions/call-error.ts'
import { CALLS } from '../../../src/transactions/machine/limits.ts'
import { toNodeReadable, toNodeWritable } from '../../../src/transactions/node-streams.ts'
import { Echo, Later, bytes, failureOf, pair, serveEndless } from './lab.ts'

t.test('pipelines at both ends: parts keep their boundaries, and the end is the end', async (t) => {
  await pair(async ({ server, connection, events }) => {
    server.serve(Echo, async (body, call) => {
      const plusOne = new Transform({
        objectMode: true,
        transform: (part: Uint8Array, _encoding, done) =>
          done(
            null,
            part.map((byte) => byte + 1),
          ),
      })
      await pipeline(toNodeReadable(call), plusOne, toNodeWritable(call))
      return { body }
    })
    const sizes = [0, 1, 64 * 1024 + 1, 0, 300_000]
    const tx = connection.transact(Echo, 'piped')
    const got: number[] = []
    const sink = new Writable({
      objectMode: true,
      write(part: Uint8Array, _encoding, done) {
        got.push(part.length)
        done(part.every((byte) => byte === 8) ? null : new Error('other bytes'))
      },
    })
    await Promise.all([
      pipeline(Readable.from(sizes.map((size) => bytes(size))), toNodeWritable(tx)),
      pipeline(toNodeReadable(tx), sink),
    ])
    t.strictSame(got, sizes)
    t.equal((await tx.reply).body, 'piped')
    const none = connection.transact(Echo, 'none')
    toNodeWritable(none).end()
    await pipeline(toNodeReadable(none), new PassThrough({ objectMode: true }).resume())
    t.equal((await none.reply).body, 'none')
    t.notOk(events.some(({ type }) => type === 'subscriberError'))
  })
})

t.test('nobody reads ahead of its reader by more than a part, and what a writer may be ahead is bounded', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    const size = 1 << 20
    let given = 0
    let read = 0
    const goOn = new Later()
    server.serve(Echo, async (_body, call) => {
      const parts = toNodeReadable(call)
      parts.read(0)
      await goOn.promise
      t.equal(parts.readableLength, 1)
      for await (const part of parts) read += (part as Uint8Array).length / size
    })
    const tx = connection.transact(Echo, '')
    const source = function* (): Generator<Uint8Array> {
      while (given < 28) yield bytes(size, given++)
    }
    const piped = pipeline(Readable.from(source(), { highWaterMark: 1 }), toNodeWritable(tx))
    await settle(500)
    t.ok(connection.dump().queuedBytes <= 2 * CALLS.windowBytes, 'the session holds a window')
    // What is queued, and what the two streams between hold.
    t.ok(given * size <= CALLS.unsentBytesMax + 6 * size, `${given} parts were taken of the source`)
    goOn.resolve()
    await piped
    await tx.reply
    t.equal(read, 28)
  })
})

t.test('a reader that is destroyed stops that half alone, also while it waits', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    serveEndless(server, settle)
    const tx = connection.transact(Echo, 'sends')
    for await (const part of toNodeReadable(tx)) {
      t.equal((part as Uint8Array).length, 50_000)
      break
    }
    t.equal((await tx.reply).body, 'sends, many')
    const silent = connection.transact(Echo, 'silent')
    const waiting = toNodeReadable(silent).resume()
    await settle(10)
    const why = new Error('no time')
    const ended = t.rejects(finished(waiting), why)
    waiting.destroy(why)
    await ended
    t.equal((await silent.reply).body, 'silent, 0')
  })
})

t.test('what is cut short never looks whole: destroy is a reset, also while a write waits for credit', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    const seen: CallError[] = []
    const goOn = new Later()
    server.serve(Echo, async (_body, call) => {
      await goOn.promise
      const ended = finished(toNodeReadable(call).resume())
      await ended.catch((error: unknown) => seen.push(error as CallError))
      return { body: 'half' }
    })
    const why = new Error('the disk is gone')
    const tx = connection.transact(Echo, '')
    const writable = toNodeWritable(tx)
    // One that fills the window of a reader who does not read, and one that has no credit.
    writable.write(bytes(CALLS.windowBytes))
    t.notOk(writable.write(bytes(CALLS.unsentBytesMax)))
    await settle()
    t.equal(writable.writableLength, 1, 'the second one waits')
    const ended = t.rejects(finished(writable), why)
    writable.destroy(why)
    await ended
    goOn.resolve()
    t.equal((await tx.reply).body, 'half')
    t.match(seen, [{ reason: 'cancelled-remote', code: 'RESET', message: /the disk is gone/ }])
    const quiet = connection.transact(Echo, '')
    toNodeWritable(quiet).destroy()
    await quiet.reply
    t.match(seen[1], { code: 'RESET' }, 'also without a reason')
    const words = connection.transact(Echo, '')
    await t.rejects(pipeline(Readable.from(['no bytes']), toNodeWritable(words)), { code: 'INK_BAD_ARGUMENT' })
    await words.reply
    t.match(seen[2], { code: 'RESET' }, 'and for what is not bytes')
  })
})

t.test('a handler that fails its own parts fails the reader, and its answer still comes', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    server.serve(Echo, async (_body, call) => {
      const source = function* (): Generator<Uint8Array> {
        yield bytes(3)
        throw new Error('a bad sector')
      }
      await t.rejects(pipeline(Readable.from(source()), toNodeWritable(call)), /a bad sector/)
      await settle()
      return { body: 'sorry' }
    })
    const tx = connection.transact(Echo, '')
    await t.rejects(finished(toNodeReadable(tx).resume()), { code: 'RESET', message: /a bad sector/ })
    t.equal((await tx.reply).body, 'sorry')
  })
})

t.test('who wants no more makes the writer fail, and its source is destroyed', async (t) => {
  await pair(async ({ server, connection }) => {
    server.serve(Echo, async (body, call) => {
      for await (const _part of toNodeReadable(call)) break
      return { body }
    })
    const source = new PassThrough({ objectMode: true })
    source.write(bytes(3))
    const tx = connection.transact(Echo, 'enough')
    await t.rejects(pipeline(source, toNodeWritable(tx)), { reason: 'cancelled-remote', code: 'STOPPED' })
    t.ok(source.destroyed)
    t.equal((await tx.reply).body, 'enough', 'the call itself went well')
  })
})

t.test('a call that fails makes streams fail at both of its ends, with its own error', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    const heard: unknown[] = []
    server.serve(Echo, async (_body, call) => {
      const hear = (error: unknown): void => void heard.push((error as CallError).reason)
      await Promise.all([
        finished(toNodeReadable(call).resume()).catch(hear),
        finished(toNodeWritable(call)).catch(hear),
      ])
      throw new CallError('ESTOP')
    })
    const tx = connection.transact(Echo, '')
    const ends = [finished(toNodeReadable(tx).resume()), finished(toNodeWritable(tx))]
    const failed = Promise.all(ends.map((end) => t.rejects(end, { message: /cancelled-local/ })))
    await settle()
    t.equal(await tx.cancel('enough'), 'cancelled')
    await failed
    t.equal((await failureOf(tx.reply)).reason, 'cancelled-local')
    t.strictSame(heard, ['cancelled-remote', 'cancelled-remote'])
  })
})

t.test('what is no call with parts is told at once', (t) => {
  t.throws(() => toNodeReadable(new PassThrough() as never), { code: 'INK_BAD_ARGUMENT' })
  t.throws(() => toNodeWritable(undefined as never), { code: 'INK_BAD_ARGUMENT' })
  t.end()
})
