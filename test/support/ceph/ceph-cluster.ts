/**
 * A real Ceph for one test: the lab of the examples, gone when the test ends.
 *
 * Where Ceph's packages are missing, `missingCeph` says so, and the tests that need a cluster skip.
 */
import { missingCeph as missingLab, startLab, type Lab, type LabOptions } from '../../../examples/ceph-lab/lab.ts'
import { within } from '../until.ts'
import type { Test } from 'tap'

/** Enough on a machine that does ten other things; an idle one needs two seconds. */
const START_MS = 60_000

const missing = missingLab('ceph', 'ceph-authtool', 'rados')

/** One line why there can be no cluster here; false when there can. */
export const missingCeph: string | false = missing === null ? false : `${missing}: nothing is tried against it`

export async function startCluster(t: Test, options: LabOptions): Promise<Lab> {
  const lab = await within('a cluster', startLab(options), START_MS)
  t.teardown(() => lab.stop())
  return lab
}

/** What a client needs to log in there, as options of `msgr2()`. */
export function credentials({ keyring }: Lab): { readonly keyring?: string } {
  return keyring === null ? {} : { keyring }
}

/** Address of osd.0, with its nonce. */
export async function addressOfOsd(lab: Lab): Promise<string> {
  const map = JSON.parse(await lab.run('ceph', 'osd', 'dump', '-f', 'json')) as OsdMap
  const address = map.osds[0]?.public_addrs.addrvec.find(({ type }) => type === 'v2')
  return `v2:${address?.addr ?? ''}/${address?.nonce ?? 0}`
}

interface OsdMap {
  readonly osds: readonly {
    readonly public_addrs: { readonly addrvec: readonly { type: string; addr: string; nonce: number }[] }
  }[]
}
