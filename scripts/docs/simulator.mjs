/** Bundles the page of the simulator for a browser: the sources as they are, with stand-ins for what the shell takes from Node. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

export async function buildSimulator(root, to) {
  const standIns = join(root, 'site/stand-ins.ts')
  await build({
    entryPoints: [join(root, 'site/page.ts')],
    outfile: join(to, 'simulator.js'),
    inject: [join(root, 'site/globals.ts')],
    ...{ bundle: true, format: 'iife', platform: 'browser', target: 'es2023', minify: true, legalComments: 'none' },
    ...{ logLevel: 'warning', tsconfigRaw: '{}', define: { 'import.meta.url': '""' } },
    plugins: [
      {
        name: 'stand-ins',
        setup: (builder) =>
          void builder.onResolve({ filter: /^node:/ }, () => ({ path: standIns, sideEffects: false })),
      },
    ],
  })
  copyFileSync(join(root, 'site/simulator.html'), join(to, 'simulator.html'))
}
