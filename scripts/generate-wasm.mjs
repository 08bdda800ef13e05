/**
 * Compiles assembly/crc32c.ts with AssemblyScript and writes it, as base64, to src/wire/crc32c-kernel.ts.
 *
 * `--check` writes nothing and exits 1 when the checked-in file differs.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const root = fileURLToPath(new URL('..', import.meta.url))
const target = `${root}src/wire/crc32c-kernel.ts`
const files = { 'crc32c.ts': readFileSync(`${root}assembly/crc32c.ts`, 'utf8') }
const outputs = {}

const { error, stderr } = await asc.main(
  [
    'crc32c.ts',
    '-O3',
    '--noAssert',
    '--runtime',
    'stub',
    '--enable',
    'simd',
    '--initialMemory',
    '4',
    '--maximumMemory',
    '4',
    '--use',
    'abort=',
    '-o',
    'out.wasm',
  ],
  {
    readFile: (name) => files[name] ?? null,
    writeFile: (name, content) => {
      outputs[name] = content
    },
    listFiles: () => [],
  },
)
if (error) {
  process.stderr.write(stderr.toString())
  process.exit(1)
}

const base64 = Buffer.from(outputs['out.wasm']).toString('base64')
const lines = base64.match(/.{1,110}/g).map((line) => `  '${line}'`)
const text = `/** Generated from assembly/crc32c.ts by scripts/generate-wasm.mjs: the kernel of crc32c.ts, as base64. Do not edit. */
export const CRC32C_KERNEL =
${lines.join(' +\n')}
`

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') === text) process.exit(0)
  process.stderr.write('src/wire/crc32c-kernel.ts is stale: run npm run generate\n')
  process.exit(1)
}
writeFileSync(target, text)
