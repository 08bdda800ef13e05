/**
 * Bundles the page of the simulator for a browser: the sources as they are, with stand-ins for what the shell takes from Node.
 *
 * It is in two places. The docs site is files that a browser opens as they are; of the package a dashboard serves it, and says by a
 * number what in it may run.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

const LEADS_BACK = {
  site: '<a href="index.html">The docs</a>',
  package: '<a href="./">The dashboard</a>',
}

/** Makes simulator.html and simulator.js in `to`, for `place`: 'site' or 'package'. */
export async function buildSimulator(root, to, place) {
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
  const page = readFileSync(join(root, 'site/simulator.html'), 'utf8').replace('{{back}}', LEADS_BACK[place])
  writeFileSync(join(to, 'simulator.html'), place === 'package' ? page : page.replaceAll(' nonce="{{nonce}}"', ''))
}
