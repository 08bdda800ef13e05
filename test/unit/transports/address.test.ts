import t from 'tap'
import { canonicalBytes, formatAddress, isWildcard, parseAddress } from '../../../src/transports/address.ts'

t.test('parses into parts and formats canonically', async (t) => {
  const cases: [text: string, scheme: string, host: string, port: number, canonical: string][] = [
    ['tcp://127.0.0.1:6800', 'tcp', '127.0.0.1', 6800, 'tcp://127.0.0.1:6800'],
    ['TCP://127.0.0.1', 'tcp', '127.0.0.1', 0, 'tcp://127.0.0.1:0'],
    ['tcp://[::1]:0', 'tcp', '::1', 0, 'tcp://[::1]:0'],
    ['tcp://[2001:DB8:0::1]', 'tcp', '2001:db8::1', 0, 'tcp://[2001:db8::1]:0'],
    ['tcp://[::ffff:10.0.0.1]:65535', 'tcp', '10.0.0.1', 65535, 'tcp://10.0.0.1:65535'],
    ['tcp://osd-1.example:6800', 'tcp', 'osd-1.example', 6800, 'tcp://osd-1.example:6800'],
    ['memory://Some_name', 'memory', 'Some_name', 0, 'memory://Some_name'],
    ['unix:///run/osd:0.sock', 'unix', '/run/osd:0.sock', 0, 'unix:///run/osd:0.sock'],
  ]
  for (const [text, scheme, host, port, canonical] of cases) {
    t.same(parseAddress(text), { scheme, host, port }, text)
    t.equal(formatAddress(parseAddress(text)), canonical)
    t.same(parseAddress(canonical), parseAddress(text))
  }
})

t.test('says what to write instead of what does not parse', async (t) => {
  const cases: [text: unknown, message: RegExp][] = [
    [undefined, /is a string .* not a value of type undefined/],
    [null, /not null/],
    [6800, /type number/],
    ['', /write scheme:\/\/host:port/],
    ['127.0.0.1:6800', /write scheme:\/\/host:port/],
    ['tcp://', /write scheme:\/\/host:port/],
    ['tcp://::1:6800', /in brackets/],
    ['tcp://::1', /in brackets/],
    ['tcp://[::g]:1', /no IPv6 address in its brackets/],
    ['tcp://[127.0.0.1]:1', /no IPv6 address in its brackets/],
    ['tcp://[::1]x', /several colons|neither an IP/],
    ['tcp://host:', /no port behind its last colon/],
    ['tcp://host:65536', /from 0 to 65535/],
    ['tcp://host:-1', /from 0 to 65535/],
    ['tcp://host:0x10', /from 0 to 65535/],
    ['tcp://[::1]:99999', /from 0 to 65535/],
    ['tcp://:6800', /neither an IP address nor a name/],
    ['tcp://user@host:1', /neither an IP address nor a name/],
    ['tcp://host/path', /neither an IP address nor a name/],
    ['tcp://ho st:1', /neither an IP address nor a name/],
    ['tcp://host\n:1', /neither an IP address nor a name/],
  ]
  for (const [text, message] of cases) {
    t.throws(() => parseAddress(text as string), { code: 'INK_BAD_ADDRESS', message }, String(text))
  }
})

t.test('canonical bytes', async (t) => {
  const nonce = '00112233445566778899AABBCCDDEEFF'
  const v4 = canonicalBytes(parseAddress('tcp://127.0.0.1:6800'), nonce)
  t.equal(v4, `7463700004${'00'.repeat(10)}ffff7f0000011a90${nonce.toLowerCase()}`)
  t.equal(canonicalBytes({ scheme: 'tcp', host: '::ffff:127.0.0.1', port: 6800 }, nonce), v4)
  t.equal(canonicalBytes(parseAddress('tcp://[::1]:1'), ''), `7463700006${'00'.repeat(15)}010001`)
  t.equal(canonicalBytes(parseAddress('memory://ab'), 'ff'), '6d656d6f727900000261620000ff')
})

t.test('canonical bytes order by scheme, address, port, then nonce', async (t) => {
  const ordered = [
    canonicalBytes(parseAddress('memory://a'), 'ff'),
    canonicalBytes(parseAddress('tcp://9.0.0.1:6800'), 'ff'),
    canonicalBytes(parseAddress('tcp://10.0.0.1:6800'), '00'),
    canonicalBytes(parseAddress('tcp://10.0.0.1:6800'), '01'),
    canonicalBytes(parseAddress('tcp://10.0.0.1:10000'), '00'),
    canonicalBytes(parseAddress('tcp://[::1]:1'), '00'),
  ]
  t.same([...ordered].reverse().sort(), ordered)
})

t.test('canonical bytes are at most 64', async (t) => {
  const nonce = '00'.repeat(16)
  t.equal(canonicalBytes({ scheme: 'memory', host: 'n'.repeat(37), port: 0 }, nonce).length, 128)
  const long = { scheme: 'ink+carrier-pigeon', host: 'n'.repeat(38), port: 0 }
  t.throws(() => canonicalBytes(long, nonce), { code: 'INK_BAD_ADDRESS', message: /\d bytes too long.*shorter/ })
  t.throws(() => canonicalBytes(long, 'abc'), { code: 'INK_BAD_ADDRESS', message: /hexadecimal/ })
  t.throws(() => canonicalBytes(long, 'xy'), { code: 'INK_BAD_ADDRESS' })
  t.throws(() => canonicalBytes(long, 1 as unknown as string), { code: 'INK_BAD_ADDRESS' })
})

t.test('a name that does not fit into canonical bytes is there by its hash', async (t) => {
  const nonce = '11'.repeat(16)
  const at = (host: string) => canonicalBytes({ scheme: 'unix', host, port: 0 }, nonce)
  const [one, other] = [at(`/${'d'.repeat(90)}/osd.1`), at(`/${'d'.repeat(90)}/osd.2`)]
  t.match(one, new RegExp(`^756e69780000ff[0-9a-f]{64}0000${nonce}$`))
  t.not(one, other)
})

t.test('wildcards', async (t) => {
  for (const text of ['tcp://0.0.0.0:0', 'tcp://[::]:1', 'tcp://[0::0]:1', 'tcp://[::ffff:0.0.0.0]:1']) {
    t.ok(isWildcard(parseAddress(text)), text)
  }
  for (const text of ['tcp://127.0.0.1:0', 'tcp://[::1]:0', 'tcp://host:1', 'memory://0']) {
    t.notOk(isWildcard(parseAddress(text)), text)
  }
})
