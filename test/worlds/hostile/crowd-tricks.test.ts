/** Many links, many connections, many small things, and a victim whose work with others goes on as if nothing were (L14). */
import t from 'tap'
import { CROWD_TRICKS } from '../../../src/testing/hostile/crowd-tricks.ts'
import { tryEach } from './stage.ts'

tryEach(t, CROWD_TRICKS, 'sharedSecret')
