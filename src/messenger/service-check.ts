/** Whether what `useService()` is given is a service. */
import { InkwireError } from '../common/errors.ts'
import { describe } from '../common/options.ts'
import { checkMethods } from './dispatcher-check.ts'
import type { Service } from './service.ts'

const METHODS = ['adopted', 'reset', 'ended', 'message', 'borrows', 'stop'] as const

/** @throws InkwireError `INK_BAD_ARGUMENT`, with a sentence that says what to write instead. */
export function checkService(service: Service): void {
  if (typeof service !== 'object' || (service as unknown) === null || typeof service.name !== 'string') {
    const text = `useService() takes an object such as { name, number: 256, message(session, message) {} }, not`
    throw new InkwireError('INK_BAD_ARGUMENT', `${text} ${describe(service)}`)
  }
  const { name, number, types } = service
  if (number !== undefined && !(Number.isInteger(number) && number >= 1 && number <= 0xffff)) {
    const text = `useService(): the number of ${name} must be a whole number from 1 to 65535, not ${describe(number)}`
    throw new InkwireError('INK_BAD_ARGUMENT', text)
  }
  if (number === undefined && (types === undefined || types.length === 0)) {
    throw new InkwireError(
      'INK_BAD_ARGUMENT',
      `useService(): ${name} has neither a number nor types: nothing is its own`,
    )
  }
  checkMethods('useService()', service, METHODS, ['name', 'number', 'types', 'atOnce'])
}
