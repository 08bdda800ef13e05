/**
 * Builds the C++ programs of `ceph/` with what Debian's Ceph brings: once per source, kept in the folder for temporary files.
 *
 * They run messengers of Ceph's own. Where there is no compiler or no such library, the answer says so in one line.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'

const LIBRARY = '/usr/lib/x86_64-linux-gnu/ceph/libceph-common.so.2'
const HEADERS = ['ceph-abi.h', 'ceph-login.h']

export interface CephProgram {
  /** Empty when there is none. */
  readonly path: string
  /** One line why there is none; false when there is. */
  readonly missing: string | false
}

export function cephProgram(source: string): CephProgram {
  if (!existsSync(LIBRARY)) return none("libceph-common is not installed: Ceph's own messenger is not tried")
  try {
    const path = compiled(source)
    const fits = execFileSync(path, ['version'], { encoding: 'utf8', stdio: 'pipe' }).trim() === 'fits'
    return fits ? { path, missing: false } : none("another libceph-common: Ceph's own messenger is not tried")
  } catch (thrown) {
    return none(`Ceph's own messenger cannot be built here: ${String(thrown).split('\n')[0] ?? ''}`)
  }
}

function none(missing: string): CephProgram {
  return { path: '', missing }
}

function compiled(source: string): string {
  const name = /([^/]+)\.cc$/.exec(source)?.[1] ?? 'program'
  const files = [source, ...HEADERS.map((name) => join(dirname(source), name))]
  const text = files.map((file) => readFileSync(file, 'utf8')).join('')
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16)
  const path = join(tmpdir(), `inkwire-${name}-${userInfo().uid}-${digest}`)
  if (existsSync(path)) return path
  const folder = mkdtempSync(join(tmpdir(), 'inkwire-build-'))
  const output = join(folder, name)
  const link = [
    LIBRARY,
    '-l:librados.so.2',
    `-Wl,-rpath,${dirname(LIBRARY)}`,
    '-Wl,--allow-shlib-undefined',
    '-rdynamic',
  ]
  execFileSync('g++', ['-std=c++17', '-O2', '-o', output, source, ...link], { stdio: 'pipe' })
  renameSync(output, path)
  rmSync(folder, { recursive: true })
  return path
}
