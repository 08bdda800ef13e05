/**
 * Makes gen/object-store.pb.{js,d.ts} from object-store.proto: `node examples/object-store/generate.mjs`.
 *
 * The result is checked in, so that a build needs no generator. With --check nothing is written: the exit code is 1 when
 * what is checked in is not what the generator makes.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const files = ['object-store.pb.js', 'object-store.pb.d.ts']
const notice = '/** Made from object-store.proto by examples/object-store/generate.mjs. Do not edit. */\n'

// Messages are only encoded and decoded: everything else that pbjs can make is left out. The root has a name of its own,
// because "default" is shared by all static modules of a process.
const options = ['-t', 'static-module', '-w', 'esm', '--dts', '-r', 'object-store']
const without = ['create', 'verify', 'convert', 'delimited', 'typeurl', 'service'].map((part) => `--no-${part}`)

const work = mkdtempSync(join(tmpdir(), 'inkwire-proto-'))
try {
  const cli = dirname(createRequire(import.meta.url).resolve('protobufjs-cli/package.json'))
  const args = [...options, ...without, '-o', join(work, files[0]), join(here, 'object-store.proto')]
  execFileSync(process.execPath, [join(cli, 'bin/pbjs'), ...args])
  const stale = files.filter((file) => notice + readFileSync(join(work, file), 'utf8') !== checkedIn(file))
  if (process.argv.includes('--check')) {
    for (const file of stale) console.error(`gen/${file} is stale: run node examples/object-store/generate.mjs`)
    process.exitCode = stale.length > 0 ? 1 : 0
  } else {
    mkdirSync(join(here, 'gen'), { recursive: true })
    for (const file of files) writeFileSync(join(here, 'gen', file), notice + readFileSync(join(work, file), 'utf8'))
  }
} finally {
  rmSync(work, { recursive: true })
}

function checkedIn(file) {
  try {
    return readFileSync(join(here, 'gen', file), 'utf8')
  } catch {
    return ''
  }
}
