/** A registry of the real prom-client: one scrape has a service's own metrics and those of its messengers. */
import { Counter, Registry } from 'prom-client'
import t from 'tap'
import { observe, type PromRegistry } from '../../../src/observe/index.ts'
import { Echo, pair } from '../transactions/lab.ts'
import { scraped } from './scrape.ts'

t.test('one scrape has the own metrics of a service and those of two messengers', async (t) => {
  const register = new Registry()
  register.setDefaultLabels({ rack: 'r7' })
  new Counter({ name: 'http_requests_total', help: 'Requests', registers: [register] }).inc(3)
  await pair(async ({ client, server, connection, settle }) => {
    const observers = [client, server].map((one) => observe(one, { promClient: register, everyMs: 100, pingMs: 100 }))
    server.serve(Echo, (body) => ({ body }))
    for (let count = 0; count < 3; count++) await connection.call(Echo, 'a')
    await settle(250)
    const samples = scraped(await register.metrics())
    t.equal(samples.get('http_requests_total{rack="r7"}'), 3)
    t.equal(samples.get('inkwire_messages_sent_total{messenger="client.a",peer="osd.0",rack="r7"}'), 3)
    t.equal(samples.get('inkwire_messages_received_total{messenger="osd.0",peer="client.a",rack="r7"}'), 3)
    const calls = 'messenger="client.a",call="Echo",side="asked",outcome="well"'
    t.equal(samples.get(`inkwire_call_duration_seconds_count{${calls},rack="r7"}`), 3)
    t.equal(samples.get(`inkwire_call_duration_seconds_bucket{${calls},le="+Inf",rack="r7"}`), 3)
    const own = scraped(observers[0]!.prometheus())
    const theirs = [...samples.keys()].filter((key) => key.includes('messenger="client.a"'))
    t.equal(theirs.length, own.size, 'as many as the text of the observer itself has')

    const json = (await register.getMetricsAsJSON()) as { name: string; values: unknown[] }[]
    t.equal(json.find(({ name }) => name === 'inkwire_open')?.values.length, 2)
    register.resetMetrics()
    t.equal(
      scraped(await register.metrics()).get('inkwire_messages_sent_total{messenger="client.a",peer="osd.0",rack="r7"}'),
      3,
      'what was counted is not the registry’s to forget',
    )

    observers[0]!.close()
    const left = await register.metrics()
    t.notMatch(left, /client\.a",peer/)
    t.match(left, /messenger="osd\.0"/)
    observers[1]!.close()
    t.strictSame(
      register.getMetricsAsArray().map(({ name }) => name),
      ['http_requests_total'],
      'who is closed is in no scrape',
    )
    t.throws(() => observe(client, { promClient: {} as unknown as PromRegistry }), { code: 'INK_BAD_OPTION' })
  })
})
