/** END on one link: said once for each link that the session is to go to, behind its last message, and taken back when it was said. */
import t from 'tap'
import { Parting } from '../../../../src/session/path/parting.ts'

const WHOLE = { isCut: false }
const CUT = { isCut: true }

t.test('END is said once, and never in the middle of a message', (t) => {
  const parting = new Parting()
  t.notOk(parting.isParting || parting.owes(WHOLE))
  parting.part(7)
  t.ok(parting.isParting)
  t.strictSame([parting.owes(CUT), parting.say(CUT)], [false, null])
  t.strictSame([parting.owes(WHOLE), parting.say(WHOLE)], [true, { epoch: 7, stays: false }])
  parting.part(7)
  t.strictSame([parting.owes(WHOLE), parting.say(WHOLE)], [false, null], 'asked for again, it is said already')
  parting.part(8)
  t.strictSame(parting.say(WHOLE), { epoch: 8, stays: false }, 'another link needs its own')
  t.end()
})

t.test('who stays takes back what was said, and says nothing of what was not', (t) => {
  const unsaid = new Parting()
  unsaid.part(7)
  unsaid.stay(7)
  t.strictSame([unsaid.isParting, unsaid.owes(WHOLE), unsaid.say(WHOLE)], [false, false, null])
  const said = new Parting()
  said.part(7)
  said.say(WHOLE)
  said.stay(6)
  t.ok(said.isParting, 'another link is nothing to it')
  said.stay(7)
  t.strictSame([said.isParting, said.owes(CUT), said.say(CUT)], [false, true, { epoch: 7, stays: true }])
  t.strictSame([said.owes(WHOLE), said.say(WHOLE)], [false, null])
  t.end()
})
