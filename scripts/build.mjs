/**
 * Builds the package into dist/ (its declarations by tsc, its code by bundle.mjs), then the examples into .build/examples. With
 * `--bench` nothing but the benches, into .build/bench, and src beside them in .build/src; with `--model` nothing but the
 * model checker, into .build/model. Says nothing unless something is wrong.
 *
 * Both directories are made anew, so nothing of an older build survives. The examples import 'inkwire' by its own name,
 * as a user would; that name leads through the exports of package.json to dist/, which is why dist/ comes first.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle, prune } from './bundle.mjs'
import { buildSimulator } from './docs/simulator.mjs'
import { exportedModules } from './exported-modules.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const tsc = fileURLToPath(import.meta.resolve('typescript/bin/tsc'))

if (process.argv.includes('--bench')) {
  rmSync(join(root, '.build/src'), { recursive: true, force: true })
  build('.build/bench', 'tsconfig.bench.json')
  copyAssets('bench', '.build/bench')
  copyAssets('src', '.build/src')
} else if (process.argv.includes('--model')) {
  rmSync(join(root, '.build/model'), { recursive: true, force: true })
  const layers = ['groups', 'buffers', 'calls', 'once'].flatMap((layer) => [`${layer}/search`, `${layer}/plans`])
  const rooms = ['checker', 'plans', ...layers].map((room) => `testing/model/${room}.ts`)
  await bundle(root, rooms, join(root, '.build/model'))
} else {
  build('dist', 'tsconfig.build.json')
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const stems = exportedModules(manifest).map(({ stem }) => stem)
  const commands = Object.values(manifest.bin).map((file) => file.replace('./dist/', '').replace(/\.js$/, '.ts'))
  prune(
    join(root, 'dist'),
    stems.map((stem) => `${stem}.d.ts`),
  )
  await bundle(root, [...stems.map((stem) => `${stem}.ts`), ...commands], join(root, 'dist'))
  await buildSimulator(root, join(root, 'dist/simulator'), 'package')
  if (holdsTypeScript('examples')) {
    build('.build/examples', 'tsconfig.examples.json')
    copyAssets('examples', '.build/examples')
  }
}

function build(to, project) {
  rmSync(join(root, to), { recursive: true, force: true })
  const { status } = spawnSync(process.execPath, [tsc, '-p', project], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

/** Files that tsc reads but does not emit: generated JavaScript with its declarations, and data. */
function copyAssets(from, to) {
  for (const path of readdirSync(join(root, from), { recursive: true, encoding: 'utf8' })) {
    if (/(\.js|\.d\.ts|\.json|\.html)$/.test(path) && !/(^|[\\/])node_modules[\\/]/.test(path)) {
      cpSync(join(root, from, path), join(root, to, path))
    }
  }
}

function holdsTypeScript(directory) {
  if (!existsSync(join(root, directory))) return false
  return readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' }).some((path) => path.endsWith('.ts'))
}
