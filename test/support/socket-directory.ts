/** A directory for the Unix sockets of one test: short, because their paths must be, and gone when the test is over. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

export function socketDirectory(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'ink-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}
