/**
 * Writes down what a messenger of this version says on the wire, in both roles, as a fixture for the versions after it:
 * `npm run build && node scripts/capture-peer.mjs test/support/earlier/<what it does not know>.json [dist]`.
 *
 * Two messengers talk over memory under a virtual clock and without chance, so that a later version, given the same
 * "chance", answers as the other one did: test/interop/earlier.test.ts. Handshake, runs of all kinds, chunks, replies,
 * acks, keepalive, and a goodbye of either side.
 */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { format } from 'prettier'

const [target, dist = 'dist'] = process.argv.slice(2)
if (target === undefined) throw new Error('capture-peer.mjs: which file is to be written?')
const load = (file) => import(pathToFileURL(resolve(dist, file)))
const { Messenger, memory, peer } = await load('index.js')
const { VirtualClock } = await load('testing/index.js')

const LIMITS = { batchBytes: 1024, chunkBytes: 1024 }
const clock = new VirtualClock()
const chance = (byte) => ({ next: () => 0.5, bytes: (count) => new Uint8Array(count).fill(byte) })

/** `[who, bytes]`, in the order in which they were written. */
let said = []

function overheard(who, link) {
  const write = link.write.bind(link)
  link.write = (chunks) => {
    if (chunks.length > 0) said.push([who, Buffer.concat(chunks).toString('hex')])
    return write(chunks)
  }
  return link
}

async function session(ends) {
  said = []
  const hub = memory({ defer: (run) => clock.later(run), timer: (run, ms) => cancel(clock.setTimer(run, ms)) })
  const transport = {
    ...hub,
    dial: (address, options) => overheard('dialler', hub.dial(address, options)),
    listen: (address, onLink, options) => hub.listen(address, (link) => onLink(overheard('acceptor', link)), options),
  }
  const make = (name, byte) =>
    new Messenger({
      name,
      policies: { default: peer() },
      transports: [transport],
      runtime: { clock, random: chance(byte) },
      limits: LIMITS,
    })
  const [dialler, acceptor] = [make('osd.0', 0xd1), make('osd.1', 0xac)]
  let accepted
  dialler.use({ dispatch() {} })
  acceptor.use({
    onAccept: (connection) => (accepted = connection),
    dispatch: ({ type, tid, front }, connection) => connection.send({ type: type + 100, tid, front }),
  })
  const connection = dialler.connect(await acceptor.bind('memory://osd.1'), { type: 'osd' })
  connection.send({ type: 17, front: 'one' })
  await connection.deliver({ type: 18, version: 2, priority: 200, tid: 42, front: 'two', data: 'urgent' })
  await connection.deliver({ type: 19, tid: 43, data: new Uint8Array(2500).fill(0x55) })
  // Long enough for one question whether the other side still lives.
  await clock.sleep(15_000)
  await accepted.deliver({ type: 20, middle: new Uint8Array(3) })
  await (ends === 'dialler' ? connection : accepted).close()
  await clock.sleep(1000)
  return said
}

function cancel(timer) {
  return () => clock.clearTimer(timer)
}

const sessions = {}
for (const ends of ['dialler', 'acceptor']) sessions[ends] = await clock.drive(session(ends))
writeFileSync(target, await format(JSON.stringify(sessions), { parser: 'json', printWidth: 120 }))
