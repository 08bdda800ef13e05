#!/usr/bin/env node
/** The program `inkwire`: what commands need of a process, and nothing else. */
import { readFileSync } from 'node:fs'
import type { Context } from './command.ts'
import { run } from './run.ts'

const { stdout, stderr, stdin, env } = process
const enough = new AbortController()
process.once('SIGINT', () => {
  enough.abort()
})
// Whoever reads has had enough, as `head` does.
stdout.on('error', () => {
  process.exit(0)
})

const context: Context = {
  env,
  cwd: process.cwd(),
  terminal: {
    columns: stdout.isTTY ? stdout.columns : null,
    rows: stdout.isTTY ? stdout.rows : 24,
    colours: (stdout.isTTY && (env['NO_COLOR'] ?? '') === '') || (env['FORCE_COLOR'] ?? '0') !== '0',
  },
  signal: enough.signal,
  out: (text) => void stdout.write(text),
  err: (text) => void stderr.write(text),
  stdin: () => {
    enough.signal.addEventListener('abort', () => stdin.destroy())
    return stdin as AsyncIterable<Uint8Array>
  },
}
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

void run(process.argv.slice(2), context, version).then((code) => {
  process.exitCode = code
})
