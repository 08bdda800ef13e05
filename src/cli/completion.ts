/** `inkwire completion`: what a shell needs to complete commands and options, made from the same table as the help. */
import { EXIT, UsageError, type Command } from './command.ts'

export function completion(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    summary: 'a script that lets a shell complete commands and options',
    usage: 'bash | zsh',
    args: [1, 1],
    options: {},
    about: {},
    help: `  inkwire completion bash > ~/.local/share/bash-completion/completions/inkwire
  inkwire completion zsh > "\${fpath[1]}/_inkwire"`,
    run({ context, args }) {
      const [shell] = args
      if (shell !== 'bash' && shell !== 'zsh') throw new UsageError('completion is for bash or zsh')
      context.out(shell === 'bash' ? bash(commands()) : zsh(commands()))
      return Promise.resolve(EXIT.ok)
    },
  }
}

function optionsOf({ options }: Command): string[] {
  return [...Object.keys(options).map((name) => `--${name}`), '--help']
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
  if [[ $current == -* ]]; then COMPREPLY=($(compgen -W "$words" -- "$current"))
  else COMPREPLY=($(compgen -f -- "$current")); fi
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
