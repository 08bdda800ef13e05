/** References: what their bytes are, how they get weaker, and that nobody makes one, or a stronger one. */
import t from 'tap'
import { BufferRef } from '../../../src/buffers/index.ts'
import {
  DIGEST_BYTES,
  encodeCaveat,
  encodeHeader,
  encodeToken,
  type Token,
} from '../../../src/buffers/machine/token.ts'
import { tokenOf } from '../../../src/buffers/ref.ts'
import { TransferCall } from '../../../src/buffers/transfer-call.ts'
import { CallError, defineMessage, type Connection } from '../../../src/index.ts'
import { failureOf, inLab, pattern, reasonOf } from './lab.ts'

t.test('a reference survives its way as bytes, with all that was taken away from it', async (t) => {
  await inLab(async (lab) => {
    const osd = await lab.party('osd.0')
    const ref = osd.buffers.register(pattern(1000), { rights: 'read-write', expiresMs: 60_000 })
    const weak = ref
      .attenuate({ rights: 'read', range: { offset: 100, length: 50 } })
      .attenuate({ expiresAtMs: ref.expiresAtMs - 10, peers: ['client.a', 'mds'] })
    for (const one of [ref, weak]) {
      const again = BufferRef.decode(one.encode())
      t.strictSame(again.toJSON(), one.toJSON())
      t.strictSame(again.addresses, osd.messenger.addresses)
      t.strictSame(again.encode(), one.encode())
    }
    t.match(weak, { rights: 'read', range: { offset: 100, length: 50 }, size: 1000, expiresAtMs: ref.expiresAtMs - 10 })
    t.equal(weak.rights, 'read', 'and no more')
    t.notMatch(JSON.stringify(weak), Buffer.from(tokenOf(weak).mac).toString('hex'))
    const Lend = defineMessage({ type: 9, name: 'Lend', codec: BufferRef })
    t.ok(Lend(ref), 'the class is a codec')
  })
})

t.test('what would not be weaker is a mistake of its caller', async (t) => {
  await inLab(async (lab) => {
    const osd = await lab.party('osd.0')
    const ref = osd.buffers.register(pattern(1000), { rights: 'read' })
    const part = ref.attenuate({ range: { offset: 10, length: 10 } })
    t.throws(() => ref.attenuate({ rights: 'read-write' }), {
      code: 'INK_BAD_OPTION',
      message: /grants read, and no more/,
    })
    t.throws(() => part.attenuate({ range: { offset: 9, length: 2 } }), { message: /covers 10 bytes from 10 on/ })
    t.throws(() => ref.attenuate({}), { code: 'INK_BAD_OPTION' })
    t.throws(() => ref.attenuate({ peers: [] }), { code: 'INK_BAD_OPTION' })
    t.throws(() => ref.attenuate({ peers: ['OSD 3'] }), { code: 'INK_BAD_OPTION' })
    t.throws(() => ref.attenuate({ range: { offset: 0 } as never }), { code: 'INK_BAD_OPTION' })
    t.throws(() => ref.attenuate({ right: 'read' } as never), { message: /did you mean "rights"/ })
    let weak = ref
    for (let step = 0; step < 16; step++) weak = weak.attenuate({ expiresAtMs: 1 })
    t.throws(() => weak.attenuate({ expiresAtMs: 1 }), { code: 'INK_BAD_OPTION', message: /16 times at most/ })
  })
})

t.test('bytes that are no reference are refused, whatever they are', (t) => {
  for (const bytes of [
    new Uint8Array(0),
    new Uint8Array(100),
    new Uint8Array(20_000).fill(1),
    Buffer.from('no reference'),
  ]) {
    t.throws(() => BufferRef.decode(bytes), { code: 'INK_DECODE_FAILED' })
  }
  t.throws(() => BufferRef.decode('text' as never), { code: 'INK_BAD_ARGUMENT' })
  t.end()
})

t.test('every cut and every longer form of a reference is refused', async (t) => {
  await inLab(async (lab) => {
    const osd = await lab.party('osd.0')
    const ref = osd.buffers.register(pattern(64), { inline: true })
    const refused = (one: Uint8Array): void => {
      try {
        BufferRef.decode(one)
        t.fail(`${one.length} bytes are taken for a reference`)
      } catch (error) {
        if ((error as { code?: string }).code !== 'INK_DECODE_FAILED') throw error
      }
    }
    const bytes = ref.attenuate({ rights: 'read', peers: ['client'] }).encode()
    for (let length = 0; length < bytes.length; length++) refused(bytes.subarray(0, length))
    refused(Buffer.concat([bytes, new Uint8Array(1)]))
    t.strictSame(BufferRef.decode(ref.encode()).contents, pattern(64))
  })
})

t.test(
  'BF-4: a reference with its contents, in which any one bit is another, is refused by whoever gets it',
  async (t) => {
    await inLab(async (lab) => {
      const osd = await lab.party('osd.0')
      const bytes = osd.buffers.register(pattern(64), { inline: true, rights: 'read-write', expiresMs: 1e6 }).encode()
      const taken: number[] = []
      for (let at = 0; at < 8 * bytes.length; at++) {
        const other = bytes.slice()
        other[at >> 3]! ^= 1 << (at & 7)
        try {
          BufferRef.decode(other)
          taken.push(at >> 3)
        } catch (error) {
          if ((error as { code?: string }).code !== 'INK_DECODE_FAILED') throw error
        }
      }
      t.strictSame(taken, [], 'nobody asks the owner whether it is genuine')
      for (let length = 0; length < bytes.length; length++) {
        // Without all of its contents it is one of which none ride along.
        if (length === bytes.length - 64 - DIGEST_BYTES) continue
        t.throws(() => BufferRef.decode(bytes.subarray(0, length)), { code: 'INK_DECODE_FAILED' })
      }
    })
  },
)

t.test('BF-4: a reference in which any one bit is another is refused', async (t) => {
  await inLab(async (lab) => {
    const osd = await lab.party('osd.0')
    const client = await lab.party('client.a')
    const memory = pattern(200)
    const ref = osd.buffers
      .register(memory, { rights: 'read-write', expiresMs: 1e9 })
      .attenuate({ rights: 'read', range: { offset: 8, length: 64 } })
      .attenuate({ expiresAtMs: 2 ** 47, peers: ['client.a', 'osd'] })
    t.equal(await reasonOf(client.buffers.receive(ref)), 'done')
    const connection = client.messenger.connections[0]!
    const bytes = ref.encode()
    const reasons = new Map<string, number>()
    const flipped = Array.from({ length: 8 * bytes.length }, async (_, at) => {
      const other = bytes.slice()
      other[at >> 3]! ^= 1 << (at & 7)
      // Straight to the owner, whatever the reference says of it: that is what a thief would do.
      const reason = await rawReason(connection, other)
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    })
    await Promise.all(flipped)
    t.equal(reasons.get('done') ?? 0, 0)
    t.strictSame([...reasons.keys()].sort(), ['denied', 'gone'], 'another instance is gone, all else is denied')
    t.equal(reasons.get('gone'), 128, 'as many as the instance has bits')
  })
})

t.test('nobody takes back what another has taken away, and nobody makes a reference', async (t) => {
  await inLab(async (lab) => {
    const osd = await lab.party('osd.0')
    const client = await lab.party('client.a')
    const ref = osd.buffers.register(pattern(100), { rights: 'read-write' })
    const other = osd.buffers.register(pattern(100), { rights: 'read' })
    const weak = ref.attenuate({ rights: 'read' }).attenuate({ range: { offset: 0, length: 10 } })
    t.equal(await reasonOf(client.buffers.receive(weak)), 'done')
    const connection = client.messenger.connections[0]!
    const token = tokenOf(weak)
    const forged: Readonly<Record<string, Token>> = {
      'a step left out': { ...token, caveats: token.caveats.slice(0, 1) },
      'all steps left out': { ...token, caveats: [] },
      'steps in another order': { ...token, caveats: [...token.caveats].reverse() },
      'the steps of another': { ...token, header: tokenOf(other).header },
      'a step without its MAC': { ...token, caveats: [...token.caveats, token.caveats[0]!] },
      'the MAC before': { ...token, mac: tokenOf(ref).mac },
      'another MAC': { ...token, mac: new Uint8Array(32) },
    }
    for (const [what, one] of Object.entries(forged)) {
      t.equal(await rawReason(connection, encodeToken({ ...one, contents: null })), 'denied', what)
    }
    // Of a number that was given out and of one that was not, a stranger hears the same.
    const heard = new Set<string>()
    for (const id of [1, 2, 3, 999]) {
      const header = { ...token.header.value, id }
      const bytes = encodeToken({
        ...token,
        header: { value: header, bytes: encodeHeader(header) },
        caveats: [],
        contents: null,
      })
      heard.add(await rawMessage(connection, bytes))
    }
    t.equal(heard.size, 1, [...heard].join())
    t.equal(encodeCaveat({ kind: 'rights', rights: 1 }).length, 2)
    const stolen = await failureOf(client.buffers.send(ref.attenuate({ peers: ['client.b'] }), { from: pattern(3) }))
    t.equal(stolen.reason, 'denied', 'not for this peer')
    const reader = ref.attenuate({ rights: 'read' })
    t.equal(await reasonOf(client.buffers.send(reader, { from: pattern(3) })), 'denied', 'the right was taken away')
  })
})

t.test(
  'BF-4: rights, range, time and uses are judged by the owner, in every combination, whatever its holder does',
  async (t) => {
    await inLab(async (lab) => {
      const osd = await lab.party('osd.0')
      const client = await lab.party('client.a')
      const connection = client.messenger.connect(osd.messenger.addresses[0]!)
      const wrong: string[] = []
      let count = 0
      for (const rights of ['read', 'write', 'read-write'] as const) {
        for (const left of ['read', 'write', 'read-write'] as const) {
          for (const isLate of [false, true]) {
            for (const usesLeft of [0, 1]) {
              const ref = osd.buffers.register(pattern(30), { rights, expiresMs: 1000, maxUses: 1 + 16 * usesLeft })
              if (rights !== 'read-write' && left !== rights) continue
              const weak = ref.attenuate({ rights: left, range: { offset: 10, length: 10 } })
              if (usesLeft === 0) await rawCall(connection, weak.encode(), left === 'write' ? 'write' : 'read', 10, 0)
              if (isLate) await lab.settle(1001)
              for (const direction of ['read', 'write'] as const) {
                for (const offset of [9, 10, 19, 20, 21]) {
                  count++
                  const isFit = left === 'read-write' || left === direction
                  // No byte at the end of what it covers is one that it covers.
                  const length = offset === 20 ? 0 : 1
                  const isIn = offset >= 10 && offset <= 20
                  const reason =
                    isLate || usesLeft === 0 ? 'expired' : !isFit ? 'denied' : !isIn ? 'out-of-range' : 'done'
                  const error = await rawCall(connection, weak.encode(), direction, offset, length)
                  const heard = error?.code ?? 'done'
                  if (heard !== reason) wrong.push(`${rights} ${left} ${direction} ${offset}: ${heard}, not ${reason}`)
                }
              }
            }
          }
        }
      }
      t.strictSame(wrong, [])
      t.equal(count, 5 * 2 * 2 * 2 * 5)
    })
  },
)

async function rawCall(
  connection: Connection,
  token: Uint8Array,
  direction: 'read' | 'write' = 'read',
  offset = 8,
  length = 1,
): Promise<CallError | null> {
  const transaction = connection.transact(TransferCall, { direction, range: { offset, length }, token })
  if (direction === 'write' && length > 0) await transaction.send(new Uint8Array(length)).catch(() => false)
  try {
    await transaction.end()
    return null
  } catch (thrown) {
    if (thrown instanceof CallError) return thrown
    throw thrown
  }
}

async function rawReason(connection: Connection, token: Uint8Array): Promise<string> {
  return (await rawCall(connection, token))?.code ?? 'done'
}

async function rawMessage(connection: Connection, token: Uint8Array): Promise<string> {
  const error = await rawCall(connection, token)
  return `${error?.code} ${error?.message}`
}
