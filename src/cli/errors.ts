/** `inkwire errors`: what a code means. */
import { ERROR_CODES } from '../common/errors.ts'
import { nearest } from '../common/options.ts'
import { EXIT, UsageError, type Command } from './command.ts'
import { json, painted } from './paint.ts'

/** Reasons of a CallError, which are no codes and are asked for all the same. */
const CALL_REASONS: Readonly<Record<string, string>> = {
  'cancelled-local': 'A call: its caller ended it, by a signal or cancel().',
  'cancelled-remote': "A call: the handler's side ended it.",
  deadline: 'A call: its time was up.',
  disconnected: 'A call: the session ended before its outcome was known.',
  refused: 'A call: the peer, or the connection, takes no calls.',
  quota: 'A call: a limit was reached; retryAfterMs says when to try again.',
  unhandled: 'A call: nobody serves it at the peer.',
  'handler-error': 'A call: its handler threw; the code is of the error that it threw.',
  protocol: 'A call: what came is no words of the protocol, or does not decode.',
}

const ALL: Readonly<Record<string, string>> = { ...ERROR_CODES, ...CALL_REASONS }

export const errors: Command = {
  name: 'errors',
  summary: 'what an error code means, and who caused it',
  usage: 'lookup <code> | list',
  args: [1, 2],
  options: { json: { type: 'boolean' } },
  about: { json: 'JSON for machines' },
  words: ['lookup', 'list'],
  exits: { ok: 'the code was found', unwell: 'there is no such code' },
  help: `Codes are found without their INK_, in any case, and when a letter is wrong. docs/ERRORS.md has what to do about each.

  inkwire errors lookup INK_STANDBY_EXPIRED
  inkwire errors lookup queue_full
  inkwire errors list`,
  run({ context, values, args }) {
    const [what, code] = args
    if (what === 'list' && code === undefined) {
      if (values['json'] === true) context.out(json(ALL))
      else
        for (const [name, text] of Object.entries(ALL))
          context.out(`${painted(context.terminal, 'bold', name)}  ${text}\n`)
      return Promise.resolve(EXIT.ok)
    }
    if (what !== 'lookup' || code === undefined)
      throw new UsageError('write: inkwire errors lookup INK_…, or inkwire errors list')
    const name = found(code)
    if (name === undefined) {
      context.err(`there is no code like ${JSON.stringify(code)}: inkwire errors list has all\n`)
      return Promise.resolve(EXIT.unwell)
    }
    if (values['json'] === true) context.out(json({ code: name, meaning: ALL[name] }))
    else context.out(`${painted(context.terminal, 'bold', name)}  ${ALL[name]}\n`)
    return Promise.resolve(EXIT.ok)
  },
}

function found(code: string): string | undefined {
  const upper = code.toUpperCase().replaceAll('-', '_')
  const exact = [code.toLowerCase(), upper, `INK_${upper}`].find((name) => Object.hasOwn(ALL, name))
  return exact ?? nearest(upper.startsWith('INK_') ? upper : `INK_${upper}`, Object.keys(ALL))
}
