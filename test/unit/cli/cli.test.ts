/** The command line: the slow one of five daemons is found, and every command says how it is used. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { COMMANDS } from '../../../src/cli/run.ts'
import { losslessClient, losslessServer, memory, Messenger } from '../../../src/index.ts'
import { observe } from '../../../src/observe/index.ts'
import { readText } from '../../house/tidy/source.ts'
import { until } from '../../support/until.ts'
import { EXIT, inkwire } from './shell.ts'

function directory(test: Test): string {
  const made = mkdtempSync(join(tmpdir(), 'inkwire-cli-'))
  test.teardown(() => {
    rmSync(made, { recursive: true, force: true })
  })
  return made
}

t.test('the slow one of five daemons is found by top, named by why, and kept by stat', async (t) => {
  const run = directory(t)
  const transports = [memory()]
  const window = { messages: 64, bytes: 1 << 20 }
  const osds = [0, 1, 2, 3, 4].map((index) => {
    const osd = new Messenger({ name: `osd.${index}`, transports, policies: { client: losslessServer({ window }) } })
    const never = new Promise<void>(() => undefined)
    osd.use({ dispatch: () => (index === 3 ? never : undefined) })
    return osd
  })
  const client = new Messenger({ name: 'client.a', transports, policies: { osd: losslessClient() } })
  const observers = [...osds, client].map((one) =>
    observe(one, { admin: `unix://${run}/${one.name}.asok`, everyMs: 50 }),
  )
  await Promise.all(observers.map(({ ready }) => ready))
  for (const osd of osds) {
    const connection = client.connect(await osd.bind(`memory://${osd.name}`), { name: osd.name })
    for (let count = 0; count < 100; count++) connection.send({ type: 1, data: 'x' })
  }
  const observer = observers.at(-1)!
  await until('64 messages are held', () => observer.peer('osd.3').dump.lanes[1]?.received === 64)
  await until('all are connected', () => osds.every(({ connections }) => connections.length === 1))

  // A machine that does ten other things stands still now and then, and is told so instead.
  let top = await inkwire(['top', '-a', join(run, 'client.a.asok')])
  while (/stood still/.test(top.out)) top = await inkwire(['top', '-a', join(run, 'client.a.asok')])
  t.equal(top.code, EXIT.ok, top.err)
  t.match(top.out, /^osd\.3 is in the way of 1 other \(client\.a\): osd\.3 is alive, its handlers are/m)
  const row = top.out.split('\n').findIndex((line) => line.startsWith('OF ')) + 1
  t.match(top.out.split('\n')[row], /^client\.a +osd\.3 +open .* 64\/64 .*osd\.3 is alive, its handlers are/)
  const ask = (): ReturnType<typeof inkwire> => inkwire(['why', 'osd.3', '-a', `unix://${run}/client.a.asok`])
  let why = await ask()
  while (/stood still/.test(why.out)) why = await ask()
  t.match(
    why.out,
    /^osd\.3 is alive, its handlers are .*64 of 64 credits are held by osd\.3, and 36 messages wait here\n$/,
  )
  t.equal(why.code, EXIT.unwell)
  const fine = await inkwire(['why', 'osd.1'], { env: { INKWIRE_ADMIN: join(run, 'client.a.asok') } })
  // A machine that was stopped for a second says so, or that its last answers were late.
  t.match(fine.out, /^osd\.1 is fine|stood still|is far away/)
  const all = await inkwire(['why', '-a', run])
  t.match(all.out, /osd\.3|stood still/, 'the sockets of a directory are all asked')
  const json = JSON.parse((await inkwire(['top', '--json', '-a', run])).out) as { of: string; peer: string }[]
  t.equal(json.length, 10)
  t.strictSame(
    json
      .filter(({ of }) => of === 'client.a')
      .map(({ peer }) => peer)
      .sort(),
    osds.map(({ name }) => name),
  )

  t.match((await inkwire(['dump', '-a', join(run, 'osd.3.asok')])).out, /"v": 1,[\s\S]*"heldMessages": 64/)
  t.match(
    (await inkwire(['trace', 'osd.3', '-a', join(run, 'client.a.asok')])).out,
    /^\d{4}-.*Z {2}osd\.3 #\d+ {2}connect/m,
  )
  t.match(
    (await inkwire(['ping', 'osd.3', '-c', '2', '-n', '0', '-a', join(run, 'client.a.asok')])).out,
    /osd\.3 answers after .*\n.*\n2 answers/,
  )
  t.match((await inkwire(['metrics', '-a', join(run, 'osd.3.asok')])).out, /^inkwire_held_messages\{.*\} 64$/m)
  const noPeer = await inkwire(['why', 'osd.9', '-a', join(run, 'client.a.asok')])
  t.equal(noPeer.code, EXIT.unreachable)
  t.match(noPeer.err, /no peer "osd\.9" is known; there are osd\.0, /)
  t.match(await inkwire(['health', '-a', run]), { code: EXIT.ok, out: /^SERVING/ })
  observers[0]!.setHealth('store', 'NOT_SERVING')
  t.match(await inkwire(['health', '-a', run]), { code: EXIT.unwell, out: /NOT_SERVING {2}store/ })

  const stat = await inkwire(['stat', join(run, 'client.a.asok')])
  t.match(stat.out, new RegExp(`^client\\.a \\(pid ${process.pid}\\) runs, and looked`))
  t.match(stat.out, /\n {2}osd\.3 +open/)
  for (const messenger of [client, ...osds]) for (const connection of messenger.connections) connection.markDown()
  await Promise.all([client, ...osds].map((one) => one.close()))
  t.match(await inkwire(['stat', join(run, 'client.a.asok.stat')]), { code: EXIT.ok, out: /has ended in order/ })
  t.match(await inkwire(['top', '-a', join(run, 'client.a.asok')]), { code: EXIT.unreachable, err: /ENOENT/ })
})

t.test('every command tells how it is used, and is on its page and completed by shells', async (t) => {
  const overview = await inkwire(['--help'])
  const [bash, zsh] = [await inkwire(['completion', 'bash']), await inkwire(['completion', 'zsh'])]
  const fish = await inkwire(['completion', 'fish'])
  const page = readText('docs/CLI.md')
  for (const { name, summary, about, options, exits } of COMMANDS) {
    t.ok(overview.out.includes(`  ${name} `), name)
    const help = await inkwire([name, '--help'])
    t.equal(help.code, EXIT.ok)
    t.ok(help.out.startsWith(`inkwire ${name}: ${summary}\n\nusage: inkwire ${name}`))
    t.match(help.out, new RegExp(`^  inkwire ${name}`, 'm'), `${name} has an example`)
    t.strictSame(Object.keys(about).sort(), Object.keys(options).sort(), `every option of ${name} is explained`)
    t.ok(page.includes(`\n### \`inkwire ${name}`), `docs/CLI.md has ${name}`)
    for (const script of [bash, zsh]) t.match(script.out, new RegExp(`    ${name}\\) .*--help`))
    t.match(fish.out, new RegExp(`^complete .*-a ${name} -d '`, 'm'))
    for (const option of Object.keys(options)) t.match(fish.out, new RegExp(`from ${name}' -l ${option} .*-d '`))
    const told = { ...exits, usage: 'the command line is wrong', failed: 'something else failed' } as Record<
      string,
      string
    >
    const codes = Object.entries(EXIT).filter(([key]) => told[key] !== undefined)
    t.match(help.out, `exit codes:\n${codes.map(([key, code]) => `  ${code}  ${told[key]!}\n`).join('')}`)
    const cells = [exits.ok, exits.unwell ?? '', exits.unreachable ?? '']
    const row = new RegExp(
      `^\\| \\x60${name}\\x60 *\\| ${cells.map((cell) => cell.replaceAll(/[().]/g, '\\$&')).join(' *\\| ')} *\\|$`,
      'm',
    )
    t.match(page, row, `docs/CLI.md has the exit codes of ${name}`)
    t.strictSame(await inkwire(['help', name]), help)
    for (const [option, text] of Object.entries(about))
      if (/\d/.test(text)) t.match(text, /default|at most|from 1/i, `${name} --${option} says what holds without it`)
  }
  t.equal((await inkwire(['--version'])).out, '1.2.3\n')
  t.equal((await inkwire([])).code, EXIT.usage)
})

t.test('what is wrong on the command line is said with what is right', async (t) => {
  for (const [line, message] of [
    [['tpo'], /no command "tpo"; did you mean top\?/],
    [['top', '--evry', '2'], /Unknown option '--evry'/],
    [['top', 'osd.3'], /takes no arguments: what is "osd\.3"\?/],
    [['top', '--every', 'never'], /--every is a number from 0\.2 to 3600, not "never"/],
    [['top', '--sort', 'size'], /--sort is one of why, queue/],
    [['ping'], /ping needs an argument/],
    [['errors', 'find', 'x'], /write: inkwire errors lookup/],
    [['completion', 'csh'], /bash, zsh or fish/],
  ] as const) {
    const { code, err } = await inkwire(line)
    t.equal(code, EXIT.usage, line.join(' '))
    t.match(err, message)
    t.match(err, /usage: inkwire|inkwire --help/)
  }
  t.match(await inkwire(['top', '-a', directory(t)]), {
    code: EXIT.unreachable,
    err: /no admin socket in/,
  })
})

t.test(
  'bash completes commands, options and words',
  { skip: existsSync('/bin/bash') ? false : 'there is no bash' },
  async (t) => {
    const { out } = await inkwire(['completion', 'bash'])
    const completed = (...words: string[]): string[] => {
      const asked = `${out}\nCOMP_WORDS=(inkwire ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _inkwire; echo "\${COMPREPLY[@]}"`
      return execFileSync('/bin/bash', ['-c', asked], { cwd: t.testdir(), encoding: 'utf8' }).trim().split(' ')
    }
    t.strictSame(completed('de'), ['decode'])
    t.strictSame(completed('top', '--s'), ['--sort'])
    t.strictSame(completed('completion', 'f'), ['fish'])
  },
)

t.test('codes are found as people write them', async (t) => {
  for (const code of ['INK_QUEUE_FULL', 'queue_full', 'ink-queue-full', 'INK_QUEUE_FUL'])
    t.match(await inkwire(['errors', 'lookup', code]), { code: EXIT.ok, out: /^INK_QUEUE_FULL {2}The caller/ })
  t.match((await inkwire(['errors', 'lookup', 'quota'])).out, /retryAfterMs/)
  t.match(await inkwire(['errors', 'lookup', 'zzzzzz']), { code: EXIT.unwell, err: /no code like/ })
  t.ok((await inkwire(['errors', 'list'])).out.split('\n').length > 40)
})

t.test('the file of a process that is dead, hangs, or is none', async (t) => {
  const { judge } = await import('../../../src/cli/verdict.ts')
  const stat = { life: 'running', pid: process.pid, atMs: 10_000, everyMs: 1000 } as Parameters<typeof judge>[0]
  t.equal(judge(stat, 13_900), 'running')
  t.equal(judge(stat, 14_100), 'hangs')
  t.equal(judge({ ...stat, pid: 2 ** 22 + 1 }, 10_000), 'dead')
  const run = directory(t)
  writeFileSync(join(run, 'x.stat'), 'what is this')
  t.match(await inkwire(['stat', join(run, 'x.stat')]), { code: EXIT.unreachable, err: /is no stat file of Inkwire/ })
})
