/** What users' code throws becomes a warning, whoever listens to events, and not a flood. */
import t from 'tap'
import { peer } from '../../../src/index.ts'
import { Simulation } from '../../../src/testing/simulator/simulation.ts'
import { Warnings } from '../../../src/messenger/warnings.ts'
import { resolveOptions } from '../../../src/messenger/options.ts'
import { nodeRuntime } from '../../../src/messenger/runtime.ts'
import type { Runtime } from '../../../src/messenger/runtime.ts'
import { FakeClock } from './fake-clock.ts'
import { Lab } from './lab.ts'

function captured(test: (warnings: string[]) => void | Promise<void>): () => Promise<void> {
  return async () => {
    const warnings: string[] = []
    const { restore } = t.capture(process, 'emitWarning', (text: string | Error) => warnings.push(String(text)))
    await test(warnings)
    restore()
  }
}

t.test(
  'whoever watches one kind of event silences nothing',
  captured(async (warnings) => {
    const lab = new Lab()
    const server = lab.subject('osd.1')
    server.messenger.use({
      dispatch() {
        throw new Error('null has no x')
      },
    })
    server.messenger.events$.subscribe(() => undefined)
    await server.messenger.bind('memory://osd.1')
    lab.subject('osd.0').messenger.connect('memory://osd.1').send({ type: 1 })
    await lab.clock.advance(100)
    t.match(warnings, [/^osd\.1: a dispatcher failed: Error: null has no x/])
  }),
)

t.test(
  'one a second of each kind, and the next one says how many there were',
  captured((warnings) => {
    const clock = new FakeClock()
    const made = new Warnings('osd.1', { clock, warn: nodeRuntime.warn })
    for (let count = 0; count < 1000; count++) made.say('a dispatcher', new Error('again'))
    made.say('a subscriber of messages$', new Error('another'))
    t.equal(warnings.length, 2)
    clock.pass(1000)
    made.say('a dispatcher', new Error('later'))
    t.match(warnings[2], /^osd\.1: a dispatcher failed \(and 999 times since the last warning\): Error: later/)
    clock.pass(1000)
    made.say('a dispatcher', new Error('alone'))
    t.match(warnings[3], /^osd\.1: a dispatcher failed: Error: alone/)
  }),
)

t.test(
  'a runtime takes the warnings instead of the process, until it fails at it',
  captured((warnings) => {
    const taken: string[] = []
    const clock = new FakeClock()
    const made = new Warnings('osd.1', {
      clock,
      warn: (text) => {
        if (taken.push(text) === 2) throw new Error('no space left on device')
      },
    })
    made.say('a dispatcher', new Error('first'))
    t.match([taken, warnings], [[/^osd\.1: a dispatcher failed: Error: first/], []])
    clock.pass(1000)
    made.say('a dispatcher', new Error('second'))
    t.match(warnings, [/^osd\.1: a dispatcher failed: Error: second/])
    const runtime = { warn: 'console' } as unknown as Runtime
    const wrong = { code: 'INK_BAD_OPTION', message: 'runtime.warn must be a function, not "console"' }
    t.throws(() => resolveOptions({ name: 'osd.1', policies: { default: peer() }, runtime }), wrong)
  }),
)

t.test(
  'a service whose stop() fails is a warning with its name',
  captured(async (warnings) => {
    const lab = new Lab()
    const { messenger } = lab.subject('osd.1')
    messenger.useService({
      ...{ name: 'journal', number: 77 },
      stop() {
        throw new Error('still open')
      },
    })
    await messenger.shutdown()
    t.match(warnings, [/^osd\.1: stop\(\) of the service journal failed: Error: still open/])
  }),
)

t.test(
  'a simulation counts the warnings of those in it, and its trace says of what, without places of this machine',
  captured(async (warnings) => {
    const sim = new Simulation()
    const [a, b] = ['osd.0', 'osd.1'].map((name) => sim.messenger(name, { policies: { default: peer() } }))
    b!.use({
      dispatch() {
        throw new Error('on purpose')
      },
    })
    await sim.run(() => b!.bind('sim://osd.1:1'))
    await sim.run(() => t.rejects(a!.connect('sim://osd.1:1').deliver({ type: 1 }), { code: 'INK_HANDLER_FAILED' }))
    t.strictSame([warnings, sim.warnings], [[], 1])
    t.match(
      sim.lines.filter((line) => line.includes('warns')),
      [/osd\.1 warns: osd\.1: a dispatcher failed: Error: on purpose$/],
    )
    await sim.run(() => Promise.all([a!.shutdown(), b!.shutdown()]))
  }),
)
