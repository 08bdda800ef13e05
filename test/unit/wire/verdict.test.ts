/** What a peer is told of an error, and what it may say of one. */
import t from 'tap'
import { failureOf, VERDICT_ERROR_CODE_CHARS_MAX, VERDICT_REASON_CHARS_MAX } from '../../../src/wire/verdict.ts'

t.test('the words of a peer are short and plain, and a code is one that there is', (t) => {
  t.strictSame(failureOf('INK_UNHANDLED', 'ENOENT', 'no such file'), {
    ...{ code: 'INK_UNHANDLED', errorCode: 'ENOENT', reason: 'no such file' },
  })
  for (const code of ['INK_TAKEN_OVER', 'constructor', '__proto__', ''])
    t.equal(failureOf(code, null, '').code, 'INK_HANDLER_FAILED')
  const failure = failureOf('', `\u202e${'E'.repeat(1000)}`, `\u2028\u001b]0;x\u0007${'x'.repeat(100_000)}`)
  for (const text of [failure.errorCode ?? '', failure.reason]) t.notMatch(text, /[\p{C}\p{Zl}\p{Zp}]/u)
  t.ok(failure.reason.length <= VERDICT_REASON_CHARS_MAX)
  t.ok((failure.errorCode ?? '').length <= VERDICT_ERROR_CODE_CHARS_MAX)
  t.end()
})
