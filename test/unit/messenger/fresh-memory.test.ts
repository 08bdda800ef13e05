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

t.test('what was collected is used again, instead of pages that are faulted in anew', { skip }, (t) => {
  const taught = faults('allocate')
  const untaught = faults('(bytes) => new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer)')
  t.ok(taught * 4 < untaught, `${taught} pages were faulted in, and ${untaught} without the lesson`)
  t.end()
})

t.test('memory that nobody has is refused as ever', (t) => {
  t.throws(() => allocate(Number.MAX_SAFE_INTEGER))
  t.end()
})

/** How many pages a process faults in that takes 16 MiB of bodies again and again, when it has done so for a while. */
function faults(take: string): number {
  const program = `
    import { allocate } from ${JSON.stringify(new URL('../../../src/messenger/fresh-memory.ts', import.meta.url).href)}
    const take = ${take}
    const round = () => { for (let count = 0; count < 4; count++) take(4 * 1024 * 1024).fill(1); gc() }
    for (let count = 0; count < 24; count++) round()
    const before = process.resourceUsage().minorPageFault
    for (let count = 0; count < 8; count++) round()
    console.log(process.resourceUsage().minorPageFault - before)`
  const typescript = fileURLToPath(new URL('../../../scripts/typescript/register.mjs', import.meta.url))
  const args = ['--expose-gc', '--import', typescript, '--input-type=module', '--eval', program]
  const env = { ...process.env, MALLOC_TRIM_THRESHOLD_: undefined, MALLOC_MMAP_THRESHOLD_: undefined }
  return Number(execFileSync(process.execPath, args, { env, encoding: 'utf8' }))
}
