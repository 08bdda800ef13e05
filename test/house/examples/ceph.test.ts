/** The Ceph examples where there is no Ceph: a wrong command line, and a cluster that nobody can reach. See test/interop/ceph. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { parseCluster } from '../../../examples/ceph-lab/options.ts'
import { keyring } from '../../../examples/ceph-lab/conf.ts'
import { parseKeyring } from '../../../src/ceph/cephx/keyring.ts'
import { heldPort } from '../../support/held-port.ts'
import { ROOT } from '../tidy/source.ts'

function run(name: string, ...args: readonly string[]): Promise<{ code: number; output: string; errors: string }> {
  const env = { ...process.env, NODE_OPTIONS: '' }
  const program = join(ROOT, '.build/examples', name, 'main.js')
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { env, timeout: 60_000 }, (error, output, errors) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, output, errors })
    })
  })
}

for (const name of ['ceph-status', 'ceph-object']) {
  t.test(`${name} says in one line that there is no cluster, and what is wrong with an option`, async (t) => {
    const address = `v2:127.0.0.1:${await heldPort(t)}/0`
    const nobody = await run(name, '--mon', address, '--timeout-ms', '300')
    t.equal(nobody.code, 1)
    t.equal(nobody.output, '')
    t.match(nobody.errors, /^ceph-\w+: no cluster could be reached: .*\n$/)
    // On a machine that stood still just then the time was up before the answer was read.
    t.match(nobody.errors, RegExp(`no monitor: ${address}: (Nobody listens there: .*|no answer yet)\n`))
    const wrong = await run(name, '--mon', address, '--name', 'nobody')
    t.equal(wrong.code, 1)
    t.match(wrong.errors, /^ceph-\w+: INK_BAD_OPTION: name must be an entity name.*\n$/)
    const neither = await run(name)
    t.equal(neither.code, 2)
    t.match(neither.errors, /^ceph-\w+: give --mon ADDRESS, or --lab to start a cluster\n--help shows the options\n$/)
    const help = await run(name, '--help')
    t.equal(help.code, 0)
    t.match(help.output, /--keyring FILE/)
  })
}

t.test('options are read, and what makes no sense is named', (t) => {
  t.equal(parseCluster(['--help'], {}), null)
  t.match(parseCluster(['--mon', 'a', '--mon', 'b', '--mode', 'crc'], {})?.cluster, {
    monitors: ['a', 'b'],
    ...{ keyring: null, name: 'client.admin', timeoutMs: 10_000, lab: null, modes: ['crc'] },
  })
  t.match(parseCluster(['--lab', '--auth', 'none'], {})?.cluster, { monitors: [], lab: { auth: 'none', mode: 'crc' } })
  const wrong: [args: string[], message: RegExp][] = [
    [['--lab', '--mon', 'a'], /give --mon ADDRESS, or --lab/],
    [['--lab', '--auth', 'none', '--mode', 'secure'], /--mode secure needs --auth cephx/],
    [['--lab', '--mode', 'plain'], /--mode must be crc or secure, not 'plain'/],
    [['--lab', '--timeout-ms', '5'], /--timeout-ms must be a whole number from 100 to 600000/],
    [['--frobnicate'], /--frobnicate/],
  ]
  for (const [args, message] of wrong) t.throws(() => parseCluster(args, {}), { name: 'UsageError', message })
  t.end()
})

t.test('the keys of a lab are keys of Ceph', (t) => {
  t.strictSame([...parseKeyring(keyring(), 'the keyring of a lab').keys()], ['mon.', 'client.admin', 'osd.0'])
  t.end()
})
