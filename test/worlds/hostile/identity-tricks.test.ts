/** Instances, addresses, names and sessions of others, and a victim whose work with others goes on as if nothing were (L14). */
import t from 'tap'
import { IDENTITY_TRICKS } from '../../../src/testing/hostile/identity-tricks.ts'
import { tryEach } from './stage.ts'

tryEach(t, IDENTITY_TRICKS, 'sharedSecret')
