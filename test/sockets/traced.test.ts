/**
 * A call through three daemons is one trace in a collector: each daemon is a process of its own with the real SDK of OpenTelemetry, so that
 * nothing but what travels with the call can join their spans.
 */
import type { ChildProcess } from 'node:child_process'
import * as api from '@opentelemetry/api'
import t, { type Test } from 'tap'
import { Messenger, peer } from '../../src/index.ts'
import { observe } from '../../src/observe/index.ts'
import { forkScript } from '../support/forked.ts'
import { Collector, traceTo, type CollectedSpan } from '../support/otlp.ts'
import { Read, type TracedOrder, type TracedReport } from '../support/traced-daemon.ts'
import { until } from '../support/until.ts'

/** Kinds of a span in OTLP. */
const INTERNAL = 1
const SERVER = 2
const CLIENT = 3

class Daemon {
  readonly name: string
  readonly child: ChildProcess
  address = ''
  flushed = 0

  constructor(t: Test, name: string, collector: string) {
    this.name = name
    this.child = forkScript('traced-daemon.ts', name, collector)
    this.child.on('message', (report: TracedReport) => {
      if (report.type === 'bound') this.address = report.address
      else this.flushed++
    })
    t.teardown(() => this.child.kill('SIGKILL'))
  }

  tell(order: TracedOrder): void {
    this.child.send(order)
  }
}

t.test('a call through three daemons is one trace in the collector, with the parents that it had', async (t) => {
  const collector = await Collector.listen()
  t.teardown(() => {
    collector.close()
  })
  const daemons = ['osd.0', 'osd.1', 'osd.2'].map((name) => new Daemon(t, name, collector.url))
  const provider = traceTo('client.a', collector.url)
  await using client = new Messenger({ name: 'client.a', policies: { default: peer() } })
  observe(client, { openTelemetry: api })
  await until('all listen', () => daemons.every(({ address }) => address !== ''))
  for (const [index, daemon] of daemons.entries()) {
    const next = daemons[index + 1]
    if (next !== undefined) daemon.tell({ type: 'next', name: next.name, address: next.address })
  }
  const connection = client.connect(daemons[0]!.address, { name: 'osd.0' })
  const flush = async (): Promise<CollectedSpan[]> => {
    await provider.forceFlush()
    const before = daemons.map(({ flushed }) => flushed)
    for (const daemon of daemons) daemon.tell({ type: 'flush' })
    await until('all have told what they had', () => daemons.every(({ flushed }, index) => flushed > before[index]!))
    return collector.spans.splice(0)
  }

  const { body } = await api.trace
    .getTracer('a user')
    .startActiveSpan('request', (span) => connection.call(Read, 'block 7').finally(() => span.end()))
  t.equal(body, 'block 7 of osd.2')
  const spans = await flush()
  t.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1, 'one trace')
  const root = spans.find(({ parentSpanId }) => parentSpanId === '')
  const path: string[] = []
  for (let one = root; one !== undefined; one = spans.find(({ parentSpanId }) => parentSpanId === one.spanId))
    path.push(`${one.service} ${one.name} ${one.kind}`)
  t.strictSame(path, [
    `client.a request ${INTERNAL}`,
    `client.a Read ${CLIENT}`,
    `osd.0 Read ${SERVER}`,
    `osd.0 Read ${CLIENT}`,
    `osd.1 Read ${SERVER}`,
    `osd.1 Read ${CLIENT}`,
    `osd.2 Read ${SERVER}`,
    `osd.2 pread ${INTERNAL}`,
  ])
  t.equal(spans.length, path.length, 'and no other span')
  const asked = spans.find(({ service, kind }) => service === 'osd.0' && kind === CLIENT)
  t.match(asked?.attributes, { 'rpc.system': 'inkwire', 'rpc.method': 'Read', 'inkwire.peer': 'osd.1' })
  t.ok(spans.every(({ error }) => error === null))

  await t.rejects(connection.call(Read, 'bad'))
  const failed = (await flush()).filter(({ name }) => name === 'Read')
  t.equal(failed.length, 6)
  t.ok(
    failed.every(({ error, attributes }) => error !== null && attributes['error.type'] === 'EIO'),
    'where it failed shows in every span on the way',
  )
  for (const daemon of daemons) daemon.child.kill('SIGKILL')
  connection.markDown()
})
