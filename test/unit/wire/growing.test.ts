/** How much memory an announcement is worth. */
import t from 'tap'
import { roomFor } from '../../../src/wire/growing.ts'

const KIB = 1024
const MIB = 1024 * KIB

t.test('what is announced is believed up to 64 KiB, or eight times what is there; a small rest goes along', (t) => {
  t.equal(roomFor(100, 1), 100)
  t.equal(roomFor(136 * KIB, 1), 136 * KIB)
  t.equal(roomFor(64 * MIB, 1), 64 * KIB)
  t.equal(roomFor(64 * MIB, 128 * KIB), MIB)
  t.equal(roomFor(2 * MIB, 128 * KIB), 2 * MIB)
  t.end()
})

t.test('it ends, with all of it, and a seventh is copied at most', (t) => {
  for (const wanted of [200 * KIB, MIB + 1, 5 * MIB, 64 * MIB, 2 ** 31 - 1]) {
    let copied = 0
    let room = roomFor(wanted, 1)
    while (room < wanted) {
      copied += room
      room = roomFor(wanted, room)
    }
    t.equal(room, wanted)
    t.ok(copied <= wanted / 2, `${copied} of ${wanted}`)
  }
  t.end()
})
