/** Memory for bodies: right in every size, and of pages that the process has already. */
import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { allocate, copied } from '../../../src/messenger/fresh-memory.ts'

const KIB = 1024

t.test('a copy has the bytes of its source, memory of just that size, and nothing in common with it', (t) => {
  const source = new Uint8Array(64 * KIB + 7).map((_, index) => index % 251)
  for (const size of [0, 1, KIB, 16 * KIB - 1, 16 * KIB, 64 * KIB]) {
    const copy = copied(source.buffer, 3, 3 + size)
    t.equal(copy.byteLength, size)
    t.ok(Buffer.from(copy).equals(source.slice(3, 3 + size)), `${size} bytes`)
    if (size === 0) continue
    new Uint8Array(copy).fill(255)
    t.equal(source[3], 3, 'the source is as it was')
  }
  t.end()
})

const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } }
const learns = process.platform === 'linux' && header.glibcVersionRuntime !== undefined
const skip = learns ? false : 'only glibc learns'

t.test('glibc keeps large blocks in its heap once it was shown one, and not before', { skip }, (t) => {
  t.equal(outcome('allocate(200 * 1024)'), 'false true')
  t.equal(outcome(''), 'false false', 'nothing else in that program teaches it')
  t.end()
})

t.test('memory that nobody has is refused as ever', (t) => {
  t.throws(() => allocate(Number.MAX_SAFE_INTEGER))
  t.end()
})

/** Whether a block of 16 MiB lies in the heap of a process, before it has done this twelve times and behind that. */
function outcome(work: string): string {
  const program = `
    import { readFileSync } from 'node:fs'
    import { allocate } from ${JSON.stringify(new URL('../../../src/messenger/fresh-memory.ts', import.meta.url).href)}
    const BLOCK = 16 * 1024 * 1024
    const kept = []
    function heapBytes() {
      const lines = readFileSync('/proc/self/maps', 'utf8').matchAll(/^([0-9a-f]+)-([0-9a-f]+) .*\\[heap\\]$/gm)
      return [...lines].reduce((sum, [, from, to]) => sum + parseInt(to, 16) - parseInt(from, 16), 0)
    }
    function isInHeap() {
      const before = heapBytes()
      kept.push(Buffer.allocUnsafeSlow(BLOCK))
      return heapBytes() - before >= BLOCK
    }
    const first = isInHeap()
    for (let count = 0; count < 12; count++) { ${work} }
    let later = false
    // What is garbage is freed by another thread.
    for (let tries = 0; tries < 20 && !later; tries++) {
      gc()
      await new Promise((resolve) => setImmediate(resolve))
      later = isInHeap()
    }
    console.log(first, later)`
  const typescript = fileURLToPath(new URL('../../../scripts/typescript/register.mjs', import.meta.url))
  const args = ['--expose-gc', '--import', typescript, '--input-type=module', '--eval', program]
  const env = { ...process.env, MALLOC_TRIM_THRESHOLD_: undefined, MALLOC_MMAP_THRESHOLD_: undefined }
  return execFileSync(process.execPath, args, { env, encoding: 'utf8' }).trim()
}
