/**
 * Feeds altered bytes to the native protocol, in one process and without I/O: `npm run fuzz [-- --inputs 10000000]`.
 *
 * Three kinds in turn: whole sessions with bytes changed anywhere, one frame with its payload changed and its checksum
 * made right again (so that the parser behind the checksum sees it), and noise. Each input goes to a fresh Wire of either
 * role, split at random. A Wire must not throw, must fault at most once, and must not let the process grow. A bad input is
 * printed with its number; `--from n --inputs 1` runs it again.
 */
import { join, dirname } from 'node:path'
import { rmSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { transpileRooms } from './transpile.mjs'

const { values } = parseArgs({
  options: { inputs: { type: 'string', default: '100000' }, from: { type: 'string', default: '1' } },
})
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const work = join(root, '.build/fuzz', String(process.pid))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))
transpileRooms(root, ['src', 'test/unit/wire/native', 'test/support'], work)
const load = (path) => import(pathToFileURL(join(work, path)).href)
const { native } = await load('src/wire/native/native.js')
const { concat } = await load('src/common/bytes.js')
const { writeUint32 } = await load('src/wire/native/bytes.js')
const { MESSAGES_HEADER_BYTES, TAG } = await load('src/wire/native/format.js')
const { context, ANSWER, OFFER } = await load('test/unit/wire/native/pair.js')
const { frameStarts, seal, sessionBytes } = await load('test/unit/wire/native/session-bytes.js')

/** More than this above the start is growth, not noise. */
const GROWTH_BYTES = 300 << 20
const HEADER_BYTES = 12
/** As a session's credit: a message above it is refused before memory is taken. */
const WINDOW_BYTES = 1 << 20
const protocols = [native(), native({ checksum: 'none' })]
const streams = ['dialler', 'acceptor'].flatMap((role) =>
  protocols.map((protocol) => {
    const stream = sessionBytes(role, { diallerProtocol: protocol, acceptorProtocol: protocol })
    return { role, protocol, stream, starts: frameStarts(stream) }
  }),
)

let state = 0
function random(below) {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return (state >>> 0) % below
}

/** Hears everything and remembers how often it was a fault. */
function listener() {
  const nothing = () => undefined
  const names = [
    'yielded',
    'rejected',
    'confirmed',
    'message',
    'marks',
    'credit',
    'keepalive',
    'keepaliveAck',
    'goodbye',
  ]
  const sink = Object.fromEntries(names.map((name) => [name, nothing]))
  return Object.assign(sink, {
    faults: 0,
    batch: () => random(9) - 1,
    admit: (bytes) => bytes <= WINDOW_BYTES,
    fault: () => void sink.faults++,
  })
}

function mutate(bytes, from) {
  let out = bytes.slice()
  for (let times = 1 + random(3); times > 0; times--) {
    const at = Math.min(from + random(Math.max(1, out.length - from)), out.length)
    const length = random(8)
    const kind = random(4)
    if (kind === 0 && at < out.length) out[at] ^= 1 << random(8)
    else if (kind === 1) out = concat([out.subarray(0, at), out.subarray(at + length)])
    else if (kind === 2) out = concat([out.subarray(0, at), out.subarray(at, at + length), out.subarray(at)])
    else out = concat([out.subarray(0, at), Uint8Array.from({ length }, () => random(256)), out.subarray(at)])
  }
  return out
}

/** One frame changed behind its header, with a length and a checksum that are right again. */
function resealed({ stream, starts }) {
  const index = random(starts.length - 1)
  const frame = stream.slice(starts[index], starts[index + 1])
  const head = frame[0] === TAG.MESSAGES ? MESSAGES_HEADER_BYTES : HEADER_BYTES
  const altered = mutate(frame, HEADER_BYTES)
  if (altered.length < head) return stream
  writeUint32(altered, 4, altered.length - head)
  seal(altered)
  return concat([stream.subarray(0, starts[index]), altered, stream.subarray(starts[index + 1])])
}

function feed({ role, protocol }, bytes) {
  const sink = listener()
  const wire = protocol[role](context(role === 'dialler' ? 'osd.0' : 'osd.1'), sink)
  sink.offer = () => wire.answer(ANSWER)
  sink.opened = () => wire.confirm()
  if (role === 'dialler') wire.open(OFFER)
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random(300)
    wire.receive(bytes.slice(at, at + size))
    at += size
  }
  return sink.faults
}

const first = Number(values.from)
const count = Number(values.inputs)
const startMs = performance.now()
const startBytes = process.memoryUsage().rss
let faults = 0
for (let input = first; input < first + count; input++) {
  state = (input * 2654435761) | 1
  const session = streams[random(streams.length)]
  const kind = random(8)
  const bytes =
    kind === 0
      ? Uint8Array.from({ length: 64 }, () => random(256))
      : kind < 4
        ? mutate(session.stream, 0)
        : resealed(session)
  try {
    const told = feed(session, bytes)
    if (told > 1) throw new Error(`${told} faults`)
    faults += told
  } catch (thrown) {
    console.log(`input ${input}: ${thrown instanceof Error ? thrown.stack : thrown}`)
    process.exitCode = 1
  }
  if ((input - first + 1) % 100_000 === 0 || input === first + count - 1) tell(input - first + 1)
}

function tell(done) {
  const grownBytes = process.memoryUsage().rss - startBytes
  const rate = Math.round(done / ((performance.now() - startMs) / 1000))
  console.log(`${done} inputs, ${faults} faults, ${grownBytes >> 20} MiB grown, ${rate} inputs/s`)
  if (grownBytes < GROWTH_BYTES) return
  console.log(`the process grew by ${grownBytes >> 20} MiB`)
  process.exit(1)
}
