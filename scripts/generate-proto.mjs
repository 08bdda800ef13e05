/**
 * Makes src/wire/native/gen/control.pb.{js,d.ts} from proto/control.proto.
 *
 * The result is checked in, so that a build needs no generator. With --check nothing is written: the exit code is 1
 * when what is checked in is not what the generator makes.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const target = join(root, 'src/wire/native/gen')
const files = ['control.pb.js', 'control.pb.d.ts']
const notice = '// Made from proto/control.proto by scripts/generate-proto.mjs. Do not edit.\n'

// Messages are only encoded and decoded: everything else that pbjs can make is left out. The root has a name of our own,
// because "default" is shared by all static modules of a process.
const options = ['-t', 'static-module', '-w', 'esm', '--dts', '-r', 'inkwire']
const without = ['create', 'verify', 'convert', 'delimited', 'typeurl', 'service'].map((part) => `--no-${part}`)

const work = mkdtempSync(join(tmpdir(), 'inkwire-proto-'))
try {
  const pbjs = join(root, 'node_modules/protobufjs-cli/bin/pbjs')
  const out = join(work, files[0])
  execFileSync(process.execPath, [pbjs, ...options, ...without, '-o', out, join(root, 'proto/control.proto')])
  const stale = files.filter((file) => notice + readFileSync(join(work, file), 'utf8') !== checkedIn(file))
  if (process.argv.includes('--check')) {
    for (const file of stale) console.error(`src/wire/native/gen/${file} is stale: run npm run generate`)
    process.exitCode = stale.length > 0 ? 1 : 0
  } else {
    mkdirSync(target, { recursive: true })
    for (const file of files) writeFileSync(join(target, file), notice + readFileSync(join(work, file), 'utf8'))
  }
} finally {
  rmSync(work, { recursive: true })
}

function checkedIn(file) {
  try {
    return readFileSync(join(target, file), 'utf8')
  } catch {
    return ''
  }
}
