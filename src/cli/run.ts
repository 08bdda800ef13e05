/**
 * Runs a command line: finds the command, reads its options, and turns whatever goes wrong into a sentence and an exit code.
 *
 * Help is made from the same table as the parser, so that neither says what the other does not know. The table loads no messenger:
 * a probe that asks for health once a second would spend its time on that. Commands that need one import it when they run.
 */
import { parseArgs } from 'node:util'
import { wordsOf } from '../common/errors.ts'
import { nearest } from '../common/options.ts'
import { EXIT, Unreachable, UsageError, type Command, type Context, type ExitCode, type Values } from './command.ts'
import { completion } from './completion.ts'
import { errors } from './errors.ts'
import { analyze, gather } from './gather.ts'
import { bench } from './bench.ts'
import { sim } from './sim.ts'
import { spec } from './spec.ts'
import { dashboard } from './dashboard.ts'
import { decode } from './decode.ts'
import { dump, health, metrics, ping, trace } from './looking.ts'
import { painted } from './paint.ts'
import { stat } from './stat.ts'
import { top } from './top.ts'
import { why } from './why.ts'

export const COMMANDS: readonly Command[] = [
  ...[top, why, dump, trace, stat, ping, health, metrics, dashboard, gather, analyze, bench, sim, spec, decode, errors],
  completion(() => COMMANDS),
]

export async function run(argv: readonly string[], context: Context, version: string): Promise<ExitCode> {
  const [name, ...rest] = argv
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const about = COMMANDS.find((command) => command.name === rest[0])
    context.out(about === undefined ? overview(context) : helpOf(context, about))
    return name === undefined ? EXIT.usage : EXIT.ok
  }
  if (name === '--version' || name === '-v') {
    context.out(`${version}\n`)
    return EXIT.ok
  }
  const command = COMMANDS.find((one) => one.name === name)
  try {
    if (command === undefined) throw new UsageError(`there is no command ${JSON.stringify(name)}${hint(name)}`)
    const parsed = parse(command, rest)
    if (parsed === 'help') {
      context.out(helpOf(context, command))
      return EXIT.ok
    }
    return await command.run({ context, ...parsed })
  } catch (thrown) {
    context.err(
      `${painted(context.terminal, 'red', 'inkwire:')} ${thrown instanceof Error && isOurs(thrown) ? thrown.message : wordsOf(thrown)}\n`,
    )
    if (!(thrown instanceof UsageError)) return thrown instanceof Unreachable ? EXIT.unreachable : EXIT.failed
    context.err(
      command === undefined ? 'inkwire --help has all commands\n' : `usage: inkwire ${command.name} ${command.usage}\n`,
    )
    return EXIT.usage
  }
}

function isOurs(error: Error): boolean {
  return error instanceof UsageError || error instanceof Unreachable
}

function hint(name: string): string {
  const near = nearest(
    name,
    COMMANDS.map((command) => command.name),
  )
  return near === undefined ? '' : `; did you mean ${near}?`
}

function parse(command: Command, rest: readonly string[]): { values: Values; args: readonly string[] } | 'help' {
  const options = { ...command.options, help: { type: 'boolean', short: 'h' } } as const
  let parsed: ReturnType<typeof parseArgs>
  try {
    parsed = parseArgs({ args: [...rest], options, allowPositionals: true, strict: true })
  } catch (thrown) {
    const text = wordsOf(thrown).replace(/^TypeError: /, '')
    throw new UsageError(text.split('. ')[0] ?? text)
  }
  const { values, positionals } = parsed
  if (values['help'] === true) return 'help'
  const [min, max] = command.args
  if (positionals.length < min)
    throw new UsageError(`${command.name} needs ${min === 1 ? 'an argument' : `${min} arguments`}`)
  if (positionals.length > max)
    throw new UsageError(
      `${command.name} takes ${max === 0 ? 'no arguments' : `at most ${max}`}: what is ${JSON.stringify(positionals[max])}?`,
    )
  return { values, args: positionals }
}

function overview({ terminal }: Context): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length))
  const list = COMMANDS.map(({ name, summary }) => `  ${painted(terminal, 'bold', name.padEnd(width))}  ${summary}`)
  return `inkwire looks into running messengers, and into what they say on the wire.

usage: inkwire <command> [options]

${list.join('\n')}

inkwire <command> --help tells more, with examples. A process answers when it was started with
observe(messenger, { admin: 'unix:///run/osd.0.asok' }) of 'inkwire/observe'.
Exit codes: 0 fine, 1 not well, 2 wrong usage, 3 nobody answers, 4 failed.
`
}

function helpOf({ terminal }: Context, command: Command): string {
  const { name, summary, usage, about, options, help, exits } = command
  const lines = Object.entries(about).map(([option, text]) => {
    const { short, type } = options[option] ?? { type: 'boolean' }
    const flag = `${short === undefined ? '    ' : `-${short}, `}--${option}${type === 'string' ? ' …' : ''}`
    return `  ${painted(terminal, 'bold', flag.padEnd(20))} ${text}`
  })
  const list = lines.length === 0 ? '' : `\noptions:\n${lines.join('\n')}\n`
  const told = { ...exits, usage: 'the command line is wrong', failed: 'something else failed' }
  const codes = Object.entries(EXIT).flatMap(([key, code]) => {
    const text = told[key as keyof typeof told]
    return text === undefined ? [] : [`  ${code}  ${text}`]
  })
  return `inkwire ${name}: ${summary}

usage: inkwire ${name} ${usage}
${list}
${help}

exit codes:
${codes.join('\n')}
`
}
