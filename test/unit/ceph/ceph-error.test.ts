/** Errors of daemons: still InkwireErrors, and told apart from the others. */
import t from 'tap'
import { CephError } from '../../../src/ceph/ceph-error.ts'
import { InkwireError } from '../../../src/index.ts'

t.test('it is an InkwireError with a number, a name and words', (t) => {
  const error = new CephError(2, 'the object x')
  t.ok(error instanceof CephError && error instanceof InkwireError && error instanceof Error)
  t.match(error, {
    name: 'CephError',
    code: 'INK_CEPH_ERROR',
    errno: 2,
    errorName: 'ENOENT',
    message: 'the object x: ENOENT',
  })
  t.equal(new CephError(999, 'y', 'so').message, 'y: E999, so')
  t.notOk(new InkwireError('INK_CLOSED', 'x') instanceof CephError, 'and no other error is one')
  t.end()
})
