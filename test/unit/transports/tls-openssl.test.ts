/** TLS links against somebody else's TLS: the openssl command, as client and as server. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { bytesOf, End } from '../../../src/testing/conformance/transport-arena.ts'
import { parseAddress } from '../../../src/transports/address.ts'
import { tls } from '../../../src/transports/tls.ts'
import { Authority, type Certificate } from '../../support/certificates.ts'
import { heldPort } from '../../support/held-port.ts'
import { orSkip } from '../../support/or-skip.ts'
import { socketDirectory } from '../../support/socket-directory.ts'
import { until } from '../../support/until.ts'

const found = spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout ?? ''
const test = orSkip(t, !/^OpenSSL [3-9]/.test(found) && 'there is no openssl command of version 3 or later here')

const authority = new Authority()

/** Files as the command wants them. */
function files(t: Test, { cert, key }: Certificate): readonly string[] {
  const directory = socketDirectory(t)
  const file = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text, { mode: 0o600 })
    return join(directory, name)
  }
  return ['-cert', file('cert.pem', cert), '-key', file('key.pem', key), '-CAfile', file('ca.pem', authority.cert)]
}

function openssl(t: Test, ...args: readonly string[]): { child: ChildProcess; said: () => string } {
  const child = spawn('openssl', args)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += String(chunk)))
  t.teardown(() => child.kill('SIGKILL'))
  return { child, said: () => text }
}

test('openssl s_client gets through with a certificate of the authority', async (t) => {
  const { cert, key } = authority.issue({ name: 'osd.0' })
  const ends: End[] = []
  const missed: string[] = []
  const revoked = authority.issue({ name: 'client.e' })
  const transport = tls({ cert, key, ca: authority.cert, crl: authority.revoke(revoked) })
  const listener = await transport.listen(parseAddress('tls://127.0.0.1:0'), (link) => ends.push(new End(link)), {
    onMissed: (reason) => missed.push(reason),
  })
  t.teardown(() => listener.close())
  const at = ['s_client', '-connect', `127.0.0.1:${listener.address.port}`, '-verify_return_error']

  const { child, said } = openssl(t, ...at, ...files(t, authority.issue({ name: 'client.a' })))
  child.stdin!.write('hello\n')
  await until('it is accepted', () => ends.length === 1)
  const [end] = ends
  await end!.received(6)
  t.equal(end!.text, 'hello\n')
  t.equal(end!.link.peer!.principal, 'CN=client.a')
  end!.link.write([bytesOf('welcome')])
  await until('it is answered', () => said().includes('welcome'))
  t.match(said(), /TLSv1\.3/)
  end!.link.close()
  t.match(await end!.closed, { end: 'local' })

  const old = openssl(t, ...at, '-tls1_2', ...files(t, authority.issue({ name: 'client.b' })))
  await once(old.child, 'close')
  t.match(old.said(), /alert protocol version/)
  const strange = openssl(t, ...at, ...files(t, new Authority('another').issue({ name: 'client.c' })))
  await until('it hears why', () => strange.said().includes('INKWIRE-TLS-REFUSED its certificate CN=client.c'))
  t.match(missed, [/share no version of TLS/, /CN=client\.c is not accepted/])
  for (const [of, reason] of [
    [authority.issue({ name: 'client.d', untilMs: -1 }), 'its certificate CN=client.d is not accepted: it has expired'],
    [revoked, 'its certificate CN=client.e is not accepted: it was revoked'],
  ] as const) {
    const refused = openssl(t, ...at, ...files(t, of))
    await until('it hears why', () => refused.said().includes(`INKWIRE-TLS-REFUSED ${reason}`))
  }
  t.equal(ends.length, 1)
})

test('a server of openssl is believed, or says in an alert what it misses', async (t) => {
  const { cert, key } = authority.issue({ name: 'client.a' })
  const port = await heldPort(t)
  const server = [...files(t, authority.issue({ name: 'osd.0' })), '-tls1_3', '-Verify', '2', '-verify_return_error']
  const { child, said } = openssl(t, 's_server', '-accept', `127.0.0.1:${port}`, ...server)
  await until('it listens', () => said().includes('ACCEPT'))
  const address = parseAddress(`tls://127.0.0.1:${port}`)
  const end = new End(tls({ cert, key, ca: authority.cert }).dial(address))
  await end.opened()
  t.equal(end.link.peer!.principal, 'CN=osd.0')
  end.link.write([bytesOf('hello from here\n')])
  await until('it is heard', () => said().includes('hello from here'))
  child.stdin!.write('and from there\n')
  await end.received(15)
  t.equal(end.text, 'and from there\n')
  end.link.close()
  await end.closed

  const expired = authority.issue({ name: 'client.a', untilMs: -1 })
  const late = new End(tls({ cert: expired.cert, key: expired.key, ca: authority.cert }).dial(address))
  t.match(await late.closed, { end: 'distrusted', message: /says that the certificate of this one has expired/ })
})
