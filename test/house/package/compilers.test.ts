/**
 * The types under the compilers that the README promises, where `npm run elsewhere` has put them: the one of this
 * repository is tried in package.test.ts.
 */
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { compile, makeConsumer } from './consumer.ts'

const { INKWIRE_ELSEWHERE: elsewhere = '' } = process.env
const missing = elsewhere === '' && 'INKWIRE_ELSEWHERE names no folder with other compilers'

for (const version of ['5.4', '5.6', '5.8']) {
  t.test(`TypeScript ${version} checks what a strict project writes`, { skip: missing }, async (t) => {
    const typescript = join(elsewhere, `node_modules/typescript-${version}`)
    t.ok(existsSync(typescript))
    const consumer = await makeConsumer()
    t.teardown(() => {
      rmSync(consumer.directory, { recursive: true, force: true })
    })
    const { code, output } = await compile(consumer, typescript)
    t.equal(output, '')
    t.equal(code, 0)
  })
}
