/**
 * The scripts of `inkwire completion` in zsh and fish themselves: what Tab makes of a line that somebody has begun to type.
 *
 * Needs Debian's `zsh` and `fish`; where one is missing it says so. bash, which is everywhere, is in cli.test.ts.
 */
import { spawnSync } from 'node:child_process'
import t from 'tap'
import { noShell } from '../../support/hosts.ts'
import { PATIENCE_MS } from '../../support/until.ts'
import { inkwire } from './shell.ts'

/** What a program printed; it has no terminal, and no files of the user's. */
function said(home: string, command: string, args: readonly string[]): string {
  const env = { PATH: process.env['PATH'], HOME: home, ZDOTDIR: home, TERM: 'dumb', LC_ALL: 'C' }
  const { stdout, stderr, error } = spawnSync(command, args, { env, encoding: 'utf8', timeout: PATIENCE_MS })
  if (error !== undefined) throw error
  return stdout + stderr
}

/** A shell on a terminal of its own, into which keys are typed when it shows its prompt. `inkwire` there prints its arguments. */
const TYPES = `
zmodload zsh/zpty
zpty shell zsh -d -i
zpty -r -m shell out '*READY>*'
zpty -w -n shell $1
zpty -r -m shell out '*<*>*'
print -r -- $out
zpty -d shell`

t.test('zsh completes commands, options and words', { skip: noShell('zsh') }, async (t) => {
  const { out } = await inkwire(['completion', 'zsh'])
  const home = t.testdir({
    _inkwire: out,
    '.zshrc':
      'fpath=($ZDOTDIR $fpath); autoload -Uz compinit; compinit -u -D; PS1="READY>"; inkwire() { print -r -- "<$*>" }',
  })
  const typed = (keys: string): string | undefined => /<(.*)>/.exec(said(home, 'zsh', ['-fc', TYPES, 'zsh', keys]))?.[1]
  t.equal(typed('inkwire dashb\t--li\t\n'), 'dashboard --listen')
  t.equal(typed('inkwire completion fi\t\n'), 'completion fish')
})

t.test('fish completes the same, and says what each option is', { skip: noShell('fish') }, async (t) => {
  const { out } = await inkwire(['completion', 'fish'])
  const home = t.testdir({ 'inkwire.fish': out })
  const offered = (line: string): string[] =>
    said(home, 'fish', ['--no-config', '--command', `source ${home}/inkwire.fish; complete -C '${line}'`])
      .trim()
      .split('\n')
  t.match(offered('inkwire dashb'), [/^dashboard\ta page in the browser/])
  t.match(offered('inkwire dashboard --li'), [/^--listen\twhere the page is/])
  t.match(offered('inkwire completion z'), [/^zsh/])
  t.notOk(offered('inkwire top dashb').some((one) => one.startsWith('dashboard')))
})
