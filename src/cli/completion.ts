/** `inkwire completion`: what a shell needs to complete commands and options, made from the same table as the help. */
import { EXIT, UsageError, type Command } from './command.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const

export function completion(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    summary: 'a script that lets a shell complete commands and options',
    usage: 'bash | zsh | fish',
    args: [1, 1],
    options: {},
    about: {},
    words: SHELLS,
    exits: { ok: 'the script was printed' },
    help: `  inkwire completion bash > ~/.local/share/bash-completion/completions/inkwire
  inkwire completion zsh > "\${fpath[1]}/_inkwire"
  inkwire completion fish > ~/.config/fish/completions/inkwire.fish`,
    run({ context, args }) {
      const shell = SHELLS.find((one) => one === args[0])
      if (shell === undefined) throw new UsageError('completion is for bash, zsh or fish')
      context.out(SCRIPTS[shell](commands()))
      return Promise.resolve(EXIT.ok)
    },
  }
}

const SCRIPTS = { bash, zsh, fish }

/** What may stand behind a command. */
function optionsOf({ options, words = [] }: Command): string[] {
  return [...words, ...Object.keys(options).map((name) => `--${name}`), '--help']
}

function bash(commands: readonly Command[]): string {
  const cases = commands.map((command) => `    ${command.name}) words='${optionsOf(command).join(' ')}' ;;`)
  return `# bash completion of inkwire
_inkwire() {
  local current=\${COMP_WORDS[COMP_CWORD]} words
  if [[ $COMP_CWORD == 1 ]]; then
    words='${commands.map(({ name }) => name).join(' ')} --help --version'
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
    *) words='--help' ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ $current == -* ]] || COMPREPLY+=($(compgen -f -- "$current"))
}
complete -o filenames -F _inkwire inkwire
`
}

function zsh(commands: readonly Command[]): string {
  const quoted = (text: string): string => text.replaceAll("'", "'\\''").replaceAll(':', '\\:')
  const list = commands.map(({ name, summary }) => `    '${name}:${quoted(summary)}'`)
  const cases = commands.map((command) => `    ${command.name}) compadd -- ${optionsOf(command).join(' ')}; _files ;;`)
  return `#compdef inkwire
_inkwire() {
  local -a commands=(
${list.join('\n')}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  case $words[2] in
${cases.join('\n')}
  esac
}
_inkwire "$@"
`
}

function fish(commands: readonly Command[]): string {
  const quoted = (text: string): string => `'${text.replaceAll(/[\\']/g, '\\$&')}'`
  const lines = commands.flatMap(({ name, summary, options, about, words = [] }) => {
    const behind = `complete -c inkwire -n '__fish_seen_subcommand_from ${name}'`
    const flags = Object.entries(options).map(([option, { type, short }]) => {
      const takes = type === 'string' ? ' -r' : ''
      return `${behind} -l ${option}${short === undefined ? '' : ` -s ${short}`}${takes} -d ${quoted(about[option] ?? '')}`
    })
    return [
      `complete -c inkwire -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
      ...words.map((word) => `${behind} -f -a ${word}`),
      ...flags,
    ]
  })
  return `# fish completion of inkwire
${lines.join('\n')}
complete -c inkwire -l help -s h -d 'how it is used'
complete -c inkwire -n __fish_use_subcommand -l version -s v -d 'the version'
`
}
