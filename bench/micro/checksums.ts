/** crc32c over what frames have: a header, a batch, a chunk. */
import { payload } from '../harness/subject.ts'
import { crc32c } from '../../src/wire/crc32c.ts'
import type { Suite } from './suite.ts'

export function checksumSuite(): Suite {
  const sizes: [name: string, bytes: number][] = [
    ['48 B', 48],
    ['1 KiB', 1024],
    ['64 KiB', 65536],
    ['1 MiB', 1048576],
  ]
  return {
    name: 'checksums',
    cases: sizes.map(([name, bytes]) => {
      const data = payload(bytes)
      return { name: `crc32c of ${name}`, run: () => crc32c(data) }
    }),
  }
}
