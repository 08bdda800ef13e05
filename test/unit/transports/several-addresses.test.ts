/**
 * Names with several addresses, of which the first does not answer: the socket below begins anew with each, and the link
 * must not notice. The whole contract is run through such a name, because what goes wrong there shows as foreign bytes.
 */
import dns from 'node:dns'
import { once } from 'node:events'
import { connect } from 'node:net'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { bytesOf, End } from '../../../src/testing/conformance/transport-arena.ts'
import { transportConformance } from '../../../src/testing/conformance/transport-conformance.ts'
import { tcp } from '../../../src/transports/tcp.ts'
import type { Transport } from '../../../src/transports/transport.ts'
import { heldPort } from '../../support/held-port.ts'
import { missingIPv6, missingSecondLoopback } from '../../support/hosts.ts'

/** What these names mean here; all else is for the real resolver. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'dead-first.test': ['127.0.0.2', '127.0.0.1'],
  'six-first.test': ['::1', '127.0.0.1'],
  'dead-all.test': ['127.0.0.2', '::1'],
}

const real = dns.lookup
const lookup = (host: string, options: dns.LookupOptions, callback: (...answer: unknown[]) => void): void => {
  const all = NAMES[host]?.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  if (all === undefined) real(host, options, callback)
  else process.nextTick(callback, null, all)
}
dns.lookup = lookup as typeof dns.lookup
t.teardown(() => {
  dns.lookup = real
})

/** Listens on 127.0.0.1 and is dialled by a name that means more than that. */
function dialledBy(name: string, options?: Parameters<typeof tcp>[0]): Transport {
  const plain = tcp(options)
  return { ...plain, dial: (address) => plain.dial({ ...address, host: name }) }
}

for (const [name, skip] of [
  ['dead-first.test', missingSecondLoopback],
  ['six-first.test', missingIPv6],
] as const) {
  t.test(`the contract of transports holds through ${name}`, { skip }, async (t) => {
    transportConformance(t, { make: (wishes) => dialledBy(name, wishes), address: () => 'tcp://127.0.0.1:0' })
  })
}

/** A host that answers no SYN: it listens with the shortest backlog, accepts nobody, and its backlog is full. */
const DEAF = `
  const { parentPort } = require('node:worker_threads')
  const server = require('node:net').createServer().listen({ host: '127.0.0.2', port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })`

t.test('an address that stays silent is passed over', { skip: missingSecondLoopback }, async (t) => {
  const deaf = new Worker(DEAF, { eval: true })
  const [port] = (await once(deaf, 'message')) as [number]
  const crowd = Array.from({ length: 16 }, () => connect(port, '127.0.0.2').on('error', () => {}))
  t.teardown(async () => {
    for (const socket of crowd) socket.destroy()
    await deaf.terminate()
  })
  await Promise.race(crowd.map((socket) => once(socket, 'connect')))
  const transport = dialledBy('dead-first.test')
  const accepted = new Promise<End>((resolve) => {
    void transport
      .listen({ scheme: 'tcp', host: '127.0.0.1', port }, (link) => resolve(new End(link)))
      .then((listener) => t.teardown(() => listener.close()))
  })
  const dialled = new End(transport.dial({ scheme: 'tcp', host: '127.0.0.1', port }))
  const other = await accepted
  await dialled.opened()
  other.link.write([bytesOf('late, but here')])
  await dialled.received(14)
  t.equal(dialled.text, 'late, but here')
  t.match(dialled.link.remoteAddress, `tcp://127.0.0.1:${port}`)
  for (const end of [dialled, other]) end.link.reset()
  await Promise.all([dialled.closed, other.closed])
})

t.test('when no address answers, the reason names each of them', { skip: missingSecondLoopback }, async (t) => {
  const end = new End(tcp().dial({ scheme: 'tcp', host: 'dead-all.test', port: await heldPort(t) }))
  const closed = await end.closed
  t.match(closed, { end: 'refused' })
  t.match(closed.message, /127\.0\.0\.2.*; .*::1/)
})
