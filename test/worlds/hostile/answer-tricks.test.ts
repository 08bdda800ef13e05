/** Lies to those who dial, and a victim whose work with others goes on as if nothing were (L14). */
import t from 'tap'
import { ANSWER_TRICKS } from '../../../src/testing/hostile/answer-tricks.ts'
import { tryEach } from './stage.ts'

// Whoever has but its own key cannot accept anybody who asks for a proof.
tryEach(t, ANSWER_TRICKS, 'none')
