/** The newer keys, against the test vectors of RFC 8009, appendix A, for 256 bits. */
import t from 'tap'
import { derive, open, seal } from '../../../../src/ceph/cephx/aes256k.ts'

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replace(/\s/g, ''), 'hex'))
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const BASE = hex('6D404D37FAF79F9DF0D33568D320669800EB4836472EA8A026D16B7182460C52')
const USAGE = 2

t.test('keys for a purpose follow from the secret', (t) => {
  const encryption = derive(BASE, USAGE, { kind: 0xaa, bytes: 32 })
  t.equal(text(encryption), '56ab22bee63d82d7bc5227f6773f8ea7a5eb1c825160c38312980c442e5c7e49')
  const integrity = derive(BASE, USAGE, { kind: 0x55, bytes: 24 })
  t.equal(text(integrity), '69b16514e3cd8e56b82010d5c73012b622c4d00ffc23ed1f')
  t.end()
})

const VECTORS = [
  {
    plain: '',
    confounder: 'F764E9FA15C276478B2C7D0C4E5F58E4',
    sealed: '41F53FA5BFE7026D91FAF9BE959195A058707273A96A40F0A01960621AC612748B9BBFBE7EB4CE3C',
  },
  {
    plain: '000102030405',
    confounder: 'B80D3251C1F6471494256FFE712D0B9A',
    sealed: '4ED7B37C2BCAC8F74F23C1CF07E62BC7B75FB3F637B9F559C7F664F69EAB7B6092237526EA0D1F61CB20D69D10F2',
  },
  {
    plain: '000102030405060708090A0B0C0D0E0F',
    confounder: '53BF8A0D105265D4E276428624CE5E63',
    sealed:
      'BC47FFEC7998EB91E8115CF8D19DAC4BBBE2E163E87DD37F49BECA92027764F68CF51F14D798C2273F35DF574D1F932E40C4FF255B36A266',
  },
  {
    plain: '000102030405060708090A0B0C0D0E0F1011121314',
    confounder: '763E65367E864F02F55153C7E3B58AF1',
    sealed:
      '40013E2DF58E8751957D2878BCD2D6FE101CCFD556CB1EAE79DB3C3EE86429F2B2A602AC86FEF6ECB647D6295FAE077A1FEB517508D2C16B4192E01F62',
  },
]

t.test('what is sealed is what the standard says, and opens again', (t) => {
  for (const { plain, confounder, sealed } of VECTORS) {
    t.equal(text(seal(BASE, USAGE, hex(plain), hex(confounder))), sealed.toLowerCase())
    t.equal(text(open(BASE, USAGE, hex(sealed))!), plain.toLowerCase())
  }
  t.end()
})

t.test('every length opens again, and two seals of the same bytes differ', (t) => {
  for (let length = 0; length < 100; length++) {
    const plain = new Uint8Array(length).map((_, index) => index * 7)
    const [one, other] = [seal(BASE, 9, plain), seal(BASE, 9, plain)]
    t.not(text(one), text(other))
    t.equal(one.length, length + 40)
    t.strictSame(new Uint8Array(open(BASE, 9, one)!), plain)
  }
  t.end()
})

t.test('another secret, another purpose, an altered bit or a lost byte opens nothing', (t) => {
  const sealed = seal(BASE, 3, new Uint8Array(21))
  t.equal(open(new Uint8Array(32), 3, sealed), null)
  t.equal(open(BASE, 4, sealed), null)
  for (let length = 0; length < sealed.length; length++) t.equal(open(BASE, 3, sealed.subarray(0, length)), null)
  for (let bit = 0; bit < sealed.length * 8; bit += 5) {
    const altered = sealed.slice()
    altered[bit >> 3]! ^= 1 << (bit & 7)
    if (open(BASE, 3, altered) !== null) t.fail(`bit ${bit}`)
  }
  t.end()
})
