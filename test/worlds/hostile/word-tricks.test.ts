/** Control words and verdicts that are lies, and a victim whose work with others goes on as if nothing were (L14). */
import t from 'tap'
import { Messenger, peer } from '../../../src/index.ts'
import { CONTROL_WORDS_PER_NAME_MAX } from '../../../src/policies/held-budget.ts'
import { WORD_TRICKS } from '../../../src/testing/hostile/word-tricks.ts'
import { HostilePeer, Simulation } from '../../../src/testing/index.ts'
import { CONTROL_WORDS } from '../../../src/wire/message.ts'
import { tryEach } from './stage.ts'

tryEach(t, WORD_TRICKS, 'sharedSecret')

t.test(
  'words that a service never finishes are so many of a name, however many sessions it ends and begins',
  async (t) => {
    const sim = new Simulation({ seed: 1 })
    const [process, theirs] = [sim.process('osd.0'), sim.process('osd.6')]
    const victim = new Messenger({ name: 'osd.0', policies: { default: peer() }, ...process.options })
    let unfinished = 0
    victim.useService({
      name: 'slow',
      number: 256,
      message: () => {
        unfinished++
        return new Promise<void>(() => undefined)
      },
    })
    const rounds = CONTROL_WORDS_PER_NAME_MAX / CONTROL_WORDS + 50
    const hostile = new HostilePeer({
      ...{ name: 'osd.6', transport: theirs.transport, clock: theirs.clock, targets: ['sim://osd.0:6800'] },
      appetite: { flood: 4 * rounds },
    })
    const faults: string[] = []
    victim.events$.subscribe((event) => {
      if (event.type === 'fault') faults.push(event.reason)
    })
    await sim.run(async () => {
      await victim.bind('sim://osd.0:6800')
      await hostile.play('takeBackWords')
      await hostile.stop()
    })
    t.ok(unfinished > CONTROL_WORDS_PER_NAME_MAX / 2, `${unfinished} words were taken`)
    t.ok(unfinished <= CONTROL_WORDS_PER_NAME_MAX)
    t.match(faults.at(-1), /past its credit/)
    await sim.run(() => victim.shutdown())
  },
)
