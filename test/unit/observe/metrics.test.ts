/** What is measured: as text that a scrape reads, and on channels that tools attach to. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import t from 'tap'
import { CHANNELS, observe } from '../../../src/observe/index.ts'
import { prometheusText } from '../../../src/observe/prometheus.ts'
import { OTHERS, Totals } from '../../../src/observe/totals.ts'
import { readText } from '../../house/tidy/source.ts'
import { Echo, Other, failureOf, pair } from '../transactions/lab.ts'
import { scraped } from './scrape.ts'

t.test('a scrape reads counters, ages and histograms', async (t) => {
  await pair(async ({ client, server, connection, settle }) => {
    const observer = observe(client, { everyMs: 100, pingMs: 100 })
    server.serve(Echo, (body) => ({ body }))
    for (let count = 0; count < 3; count++) await connection.call(Echo, 'a')
    await failureOf(connection.call(Other, 'a'))
    await settle(250)
    const samples = scraped(observer.prometheus())
    t.equal(samples.get('inkwire_messages_sent_total{messenger="client.a",peer="osd.0"}'), 4)
    t.equal(samples.get('inkwire_open{messenger="client.a",peer="osd.0"}'), 1)
    t.equal(samples.get('inkwire_serving{messenger="client.a",service=""}'), 1)
    const calls = 'messenger="client.a",call="Echo",side="asked",outcome="well"'
    t.equal(samples.get(`inkwire_call_duration_seconds_count{${calls}}`), 3)
    t.equal(samples.get(`inkwire_call_duration_seconds_bucket{${calls},le="+Inf"}`), 3)
    t.ok(samples.get('inkwire_ping_duration_seconds_count{messenger="client.a"}')! >= 2)
    t.equal(observer.snapshot().calls.find(({ call }) => call === 'Other')?.outcome, 'unhandled')
    t.match(JSON.parse(JSON.stringify(observer.snapshot())), { v: 1, name: 'client.a', wire: 'native' })
    observer.close()
    await connection.call(Echo, 'a')
    t.equal(observer.snapshot().calls[0]?.times.count, 3, 'who is closed looks no more')
  })
})

t.test('names of peers cannot break the text, nor make it grow', (t) => {
  const totals = new Totals()
  for (let index = 0; index < 1000; index++) totals.ended(`client.${index}`, { sentMessages: 1 } as never)
  const sums = totals.all([['client.5', { sentMessages: 1 } as never]])
  t.equal(sums.size, 257)
  t.equal(sums.get(OTHERS)?.sentMessages, 744)
  t.equal(sums.get('client.5')?.sentMessages, 2)
  const samples = [{ labels: { peer: 'a"\\\nb' }, value: 1 }]
  const text = prometheusText([{ name: 'x', help: 'two\nlines', unit: '', type: 'gauge', samples }], {})
  t.equal(text, '# HELP x two\\nlines\n# TYPE x gauge\nx{peer="a\\"\\\\\\nb"} 1\n')
  t.end()
})

t.test('every event, state and call is on its channel', async (t) => {
  const heard: string[] = []
  const hear = (message: unknown, name: string | symbol): void => {
    const { messenger } = message as { messenger: { name: string } }
    heard.push(`${messenger.name} ${String(name)}`)
  }
  for (const name of CHANNELS) subscribe(name, hear)
  await pair(async ({ client, server, connection, settle }) => {
    const observer = observe(client)
    server.serve(Echo, (body) => ({ body }))
    await connection.call(Echo, 'a')
    connection.send({ type: 99, data: 'nobody handles it' })
    await settle()
    connection.markDown()
    await settle()
    observer.close()
  })
  for (const name of CHANNELS) unsubscribe(name, hear)
  const [first] = heard
  t.equal(first, 'client.a inkwire:connect')
  for (const name of ['call', 'failed', 'state', 'closed']) t.ok(heard.includes(`client.a inkwire:${name}`), name)
})

t.test('the page has a line for every channel', (t) => {
  const rows = [...readText('docs/OBSERVE.md').matchAll(/^\| `(inkwire:\w+)`/gm)].map(([, name]) => name)
  t.strictSame(rows.sort(), [...CHANNELS].sort())
  t.end()
})
