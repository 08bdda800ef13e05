/** Handshakes that are not meant, cut off, bent or said twice, and a victim whose work with others goes on as if nothing were (L14). */
import t from 'tap'
import { HANDSHAKE_TRICKS } from '../../../src/testing/hostile/handshake-tricks.ts'
import { tryEach } from './stage.ts'

tryEach(t, HANDSHAKE_TRICKS, 'sharedSecret')
