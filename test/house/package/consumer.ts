/**
 * A project that uses the packed package: the tarball unpacked into its node_modules, as npm would leave it.
 *
 * Nothing is fetched: what the package needs is linked from this repository. The tarball is made of dist/ as it is;
 * `npm test` builds first.
 */
import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

export interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
}

export interface Consumer {
  readonly directory: string
  readonly tarball: string
  /** Where the package lies in the consumer's node_modules. */
  readonly installed: string
  /** Paths in the tarball. */
  readonly packed: readonly string[]
  readonly manifest: Manifest
}

/** What a child process said and how it ended. */
export interface Ran {
  readonly code: number
  readonly output: string
}

/**
 * Packs the package and puts it into an empty project. The project lies outside of this repository: inside, the name
 * `inkwire` and whatever is missing from the manifest would be found here, and hide what is wrong.
 */
export async function makeConsumer(): Promise<Consumer> {
  if (!existsSync(join(ROOT, 'dist/index.js'))) throw new Error('dist/ is missing; run `npm run build` first')
  const directory = mkdtempSync(join(tmpdir(), 'inkwire-package-'))
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ type: 'module' }))
  const pack = await run(directory, 'npm', ['pack', ROOT, '--json', '--ignore-scripts', '--loglevel=error'])
  const [entry] = JSON.parse(pack.output) as { filename: string; files: { path: string }[] }[]
  if (!entry) throw new Error(`npm pack made nothing: ${pack.output}`)
  const installed = join(directory, 'node_modules/inkwire')
  mkdirSync(installed, { recursive: true })
  const tarball = join(directory, entry.filename)
  await run(directory, 'tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'])
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Manifest
  const needed = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies), '@types']
  for (const name of needed) symlinkSync(join(ROOT, 'node_modules', name), join(directory, 'node_modules', name), 'dir')
  return { directory, tarball, installed, packed: entry.files.map((file) => file.path), manifest }
}

/** Compiles strict-consumer.ts there, as strictly as it gets, with the TypeScript that lies in a directory. */
export function compile({ directory }: Consumer, typescript: string): Promise<Ran> {
  const compilerOptions = {
    ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true },
    ...{ target: 'es2022', lib: ['es2023', 'esnext.disposable'], types: ['node'], module: 'nodenext' },
  }
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }))
  copyFileSync(join(ROOT, 'test/house/package/strict-consumer.ts'), join(directory, 'main.ts'))
  return run(directory, process.execPath, [join(typescript, 'bin/tsc'), '-p', '.'])
}

/** A program that is no dependency: from the folder of `npm run elsewhere`, else from the PATH; null when it is in neither. */
export async function elsewhere(name: string): Promise<string | null> {
  const { INKWIRE_ELSEWHERE: folder = '' } = process.env
  const installed = join(folder, 'node_modules/.bin', name)
  if (folder !== '' && existsSync(installed)) return installed
  const works = await run(ROOT, name, ['--version']).catch(() => null)
  return works?.code === 0 ? name : null
}

/** Runs a tool of this repository's node_modules. */
export function runTool(directory: string, tool: string, args: readonly string[]): Promise<Ran> {
  return run(directory, process.execPath, [join(ROOT, 'node_modules', tool), ...args])
}

export function run(directory: string, command: string, args: readonly string[]): Promise<Ran> {
  // The coverage and loader hooks of the test runner must not reach into the child.
  const env = { ...process.env, NODE_OPTIONS: '', FORCE_COLOR: '0' }
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd: directory, env, maxBuffer: 32 << 20 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(new Error(`${command} did not run`, { cause: error }))
      else resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + (error ? stderr : '') })
    })
  })
}
