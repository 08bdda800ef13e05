/**
 * Makes docs/STATES.md from src/session/edges.ts: what each state means, the diagram, and the whole table of edges.
 *
 * With --check nothing is written: the exit code is 1 when the page is not what the table says. The table is pure data
 * with type imports only, so it is loaded by transpiling that one file.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = join(root, 'docs/STATES.md')

const { EDGES, successors } = await load('src/session/edges.ts')
const states = Object.keys(EDGES)
const events = Object.keys(EDGES[states[0]])
const meanings = describedIn('src/session/machine.ts', 'ConnectionState', 'name')
const occasions = {
  connect: '`connect()` was called',
  work: 'a message was queued and no link is there to take it',
  offer: 'a link of the peer arrived and asks for a session (OPEN)',
  opened: 'the peer promises the link that was dialled (OPENED)',
  yielded: 'the peer says that another link of this pair goes first (YIELD)',
  rejected: 'the peer refuses (REJECT), or this side refuses the peer that answered',
  confirmed: 'the dialler adopted a link that was promised to it (CONFIRM)',
  move: 'another link is wanted beside the one that carries the session',
  take: 'the session is to go to the link that is kept ready',
  parted: 'the last message of the peer on this link has come (END)',
  fault: 'a link was lost: closed, reset, silent for too long, or its bytes were wrong',
  deadline: 'the wait that the state names is over',
  goodbye: 'the peer ended the session in order (GOODBYE)',
  close: '`close()` was called',
  drained: 'a closing connection has nothing left that is queued, unacked or being handled',
  markDown: '`markDown()` was called, or the peer is known to be gone for good',
}

const text = render()
if (process.argv.includes('--check')) {
  if (text !== checkedIn()) {
    console.error('docs/STATES.md is stale: run npm run generate')
    process.exitCode = 1
  }
} else {
  writeFileSync(page, text)
}

async function load(path) {
  const source = readFileSync(join(root, path), 'utf8')
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 }
  const { outputText } = ts.transpileModule(source, { compilerOptions: options })
  return import(`data:text/javascript,${encodeURIComponent(outputText)}`)
}

/** The doc comment in front of every variant of a union, by the literal type of its tag. */
function describedIn(path, union, tag) {
  const source = readFileSync(join(root, path), 'utf8')
  const tree = ts.createSourceFile(path, source, ts.ScriptTarget.ES2023, true)
  const found = new Map()
  const declaration = tree.statements.find((one) => ts.isTypeAliasDeclaration(one) && one.name.text === union)
  for (const variant of declaration.type.types) {
    const name = variant.members.find((member) => member.name.getText(tree) === tag).type.literal.text
    const [range] = ts.getLeadingCommentRanges(source, variant.getFullStart()) ?? []
    // The comment may stand in front of the bar that begins the variant.
    const before = source.slice(0, variant.getStart(tree)).trimEnd().replace(/\|$/, '').trimEnd()
    const comment = range === undefined ? before.slice(before.lastIndexOf('/**')) : source.slice(range.pos, range.end)
    const words = comment.replace(/^\/\*\*|\*\/$/g, '').replace(/\n\s*\* ?/g, ' ')
    found.set(name, words.replace(/\s+/g, ' ').trim())
  }
  return found
}

function render() {
  return `# The states of a connection

<!-- Made by scripts/generate-states.mjs from src/session/edges.ts. Do not edit: run npm run generate. -->

Every connection is one pure state machine: [transition.ts](../src/session/transition.ts) takes a machine and an event
and gives the next machine and what the driver must do. This page is its whole table. \`connection.state\` and
\`connection.state$\` show the state by these names.

${table(
  ['state', 'meaning', 'may become'],
  states.map((state) => [
    `\`${state}\``,
    meanings.get(state),
    successors(state)
      .map((next) => `\`${next}\``)
      .join(', ') || '–',
  ]),
)}
## Diagram

Only what leaves a state is drawn. From everywhere but \`closed\`, \`markDown\` leads to \`closed\`; it is left out.

\`\`\`mermaid
stateDiagram-v2
  [*] --> idle
${diagram().join('\n')}
  closed --> [*]
\`\`\`

## Events

${table(
  ['event', 'what happened'],
  events.map((event) => [`\`${event}\``, occasions[event]]),
)}
## Every state and every event

Where several states may follow, policy, session and queue decide. Where nothing follows, the reason is given; an
answer that is ignored leaves a link behind, which is dropped.
${states
  .map(
    (state) =>
      `\n### \`${state}\`\n\n${table(
        ['event', 'next state', 'ignored because'],
        events.map((event) => row(state, event)),
      )}`,
  )
  .join('')}`
}

function row(state, event) {
  const edge = EDGES[state][event]
  const next = typeof edge === 'string' ? '' : [...new Set(edge)].map((name) => `\`${name}\``).join(', ')
  return [`\`${event}\``, next, typeof edge === 'string' ? edge : '']
}

/** One arrow for each pair of states, with the events that lead along it. */
function diagram() {
  return states.flatMap((state) =>
    successors(state).flatMap((next) => {
      const along = events.filter(
        (event) =>
          event !== 'markDown' && typeof EDGES[state][event] !== 'string' && EDGES[state][event].includes(next),
      )
      return along.length === 0 ? [] : [`  ${state} --> ${next}: ${along.join(', ')}`]
    }),
  )
}

/** Laid out as prettier does, so that both agree about the page. */
function table(head, rows) {
  const widths = head.map((title, column) => Math.max(3, title.length, ...rows.map((cells) => cells[column].length)))
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |\n`
  return line(head) + line(widths.map((width) => '-'.repeat(width))) + rows.map(line).join('')
}

function checkedIn() {
  try {
    return readFileSync(page, 'utf8')
  } catch {
    return ''
  }
}
