/** Runs commands as a shell would, in this process: what they say, and how they end. */
import { EXIT, type Context } from '../../../src/cli/command.ts'
import { run } from '../../../src/cli/run.ts'

export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Nothing. */
async function* piped(): AsyncIterable<Uint8Array> {
  await Promise.resolve()
  yield new Uint8Array(0)
}

export async function inkwire(line: readonly string[], given: Partial<Context> = {}): Promise<Said> {
  const said = { out: '', err: '' }
  const context: Context = {
    env: {},
    cwd: process.cwd(),
    terminal: { columns: null, rows: 24, colours: false },
    signal: new AbortController().signal,
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
    stdin: piped,
    ...given,
  }
  return { code: await run(line, context, '1.2.3'), ...said }
}

export { EXIT }
