/** What answers questions about one observer, whoever carries them: the admin socket, or the dashboard. Every question only reads. */
import { asError } from '../../common/errors.ts'
import { boundedSnapshot, boundedTraces } from '../bounds.ts'
import type { Asked } from './asked.ts'
import { ADMIN_VERSION, PING_MS, QUESTIONS, readRequest, type AdminAnswer, type AdminRequest } from './protocol.ts'

/** Answers one line. Never throws. */
export async function answerLine(observer: Asked, line: string): Promise<AdminAnswer> {
  let request: AdminRequest
  try {
    request = readRequest(line)
  } catch (thrown) {
    return failed(0, thrown, 'INK_BAD_ARGUMENT')
  }
  try {
    return { v: ADMIN_VERSION, id: request.id, answer: await answerTo(observer, request) }
  } catch (thrown) {
    return failed(request.id, thrown, 'INK_INTERNAL')
  }
}

async function answerTo(observer: Asked, { ask, peer = '' }: AdminRequest): Promise<unknown> {
  switch (ask) {
    case 'hello':
      return { name: observer.messenger.name, pid: process.pid, questions: QUESTIONS }
    case 'snapshot':
      return boundedSnapshot(observer.snapshot())
    case 'why':
      return observer.why(peer)
    case 'peer':
      return observer.peer(peer)
    case 'trace':
      return boundedTraces(observer.trace(peer === '' ? undefined : peer))
    case 'metrics':
      return observer.prometheus()
    case 'health':
      return observer.health()
    case 'ping':
      return { rttMs: await observer.ping(peer, { signal: AbortSignal.timeout(PING_MS) }) }
  }
}

export function failed(id: number, thrown: unknown, otherwise: string): AdminAnswer {
  const error = asError(thrown)
  const { code } = error as { code?: unknown }
  return { v: ADMIN_VERSION, id, error: { code: typeof code === 'string' ? code : otherwise, message: error.message } }
}
