/** What users' code throws becomes a warning, whoever listens to events, and not a flood. */
import t from 'tap'
import { Warnings } from '../../src/messenger/warnings.ts'
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
    const made = new Warnings('osd.1', clock)
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
