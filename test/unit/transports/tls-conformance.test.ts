/** The TLS transport keeps the contract of transports. */
import t from 'tap'
import { transportConformance } from '../../../src/testing/conformance/transport-conformance.ts'
import { tls } from '../../../src/transports/tls.ts'
import { Authority } from '../../support/certificates.ts'

const authority = new Authority()
const own = { ...authority.issue({ name: 'osd.0' }), ca: authority.cert }

transportConformance(t, {
  make: (wishes) => tls({ key: own.key, cert: own.cert, ca: own.ca, ...wishes }),
  address: () => 'tls://127.0.0.1:0',
  resetShowsAs: 'reset or remote',
})
