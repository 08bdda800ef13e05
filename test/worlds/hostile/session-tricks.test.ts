/** Numbers that cannot be, frames that never end, words at the wrong time, and a victim whose work with others goes on as if nothing were (L14). */
import t from 'tap'
import { SESSION_TRICKS } from '../../../src/testing/hostile/session-tricks.ts'
import { tryEach } from './stage.ts'

tryEach(t, SESSION_TRICKS, 'sharedSecret')
