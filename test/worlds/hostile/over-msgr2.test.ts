/** The tricks that Ceph's protocol knows too, without keys: a name is what its peer says, and no other is touched (L14). */
import t from 'tap'
import { TRICKS, tricksFor } from '../../../src/testing/hostile/tricks.ts'
import { tryEach } from './stage.ts'

const tricks = tricksFor('msgr2', 'none').filter((trick) => TRICKS[trick].lies === undefined)
tryEach(t, Object.fromEntries(tricks.map((trick) => [trick, trick])), 'msgr2')
