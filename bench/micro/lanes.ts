/** What a session does per message: queue, number, acknowledge. Per message of a run of 64. */
import { InLane } from '../../src/session/in-lane.ts'
import { OutLane } from '../../src/session/out-lane.ts'
import { OutCursor } from '../../src/session/path/out-cursor.ts'
import { payload } from '../harness/subject.ts'
import { outbound } from './frames.ts'
import type { Suite } from './suite.ts'

const RUN = 64

export function laneSuite(): Suite {
  const message = outbound(payload(64))
  const lane = new OutLane()
  const cursor = new OutCursor(lane)
  const inLane = new InLane()
  return {
    name: 'lanes',
    cases: [
      {
        name: 'queue, put on the link, acknowledge',
        operations: RUN,
        run() {
          for (let index = 0; index < RUN; index++) lane.queue.push(message)
          cursor.put(RUN)
          lane.acknowledge(lane.tail, lane.tail)
        },
      },
      {
        name: 'receive and finish in order',
        operations: RUN,
        run() {
          inLane.duplicates(inLane.received + 1, RUN)
          for (let index = 0; index < RUN; index++) {
            inLane.take(inLane.received + 1)
            inLane.finish(inLane.received)
          }
        },
      },
    ],
  }
}
