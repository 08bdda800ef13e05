/**
 * The chapters of the docs site, in the order of who needs them first, each page with the title that it has there; a test holds
 * that no page of the repository is forgotten.
 */
export const CHAPTERS = [
  {
    title: 'Build a service',
    pages: {
      'examples/hello/README.md': 'First service',
      'docs/MESSENGER.md': 'Messenger and connections',
      'docs/POLICIES.md': 'Policies',
      'docs/TRANSACTIONS.md': 'Request and reply',
      'docs/ERRORS.md': 'Errors',
      'docs/TESTING.md': 'Testing',
    },
  },
  {
    title: 'Run it',
    pages: {
      'docs/DEPLOYMENT.md': 'Deployment',
      'docs/CLI.md': 'Command line',
      'docs/OBSERVE.md': 'Looking inside',
      'docs/LIMITS.md': 'Limits and sizing',
      'docs/FAILOVER.md': 'Failover',
      'SECURITY.md': 'Security',
    },
  },
  {
    title: 'Connect it',
    pages: {
      'docs/TRANSPORTS.md': 'Transports',
      'docs/PATHS.md': 'Paths',
      'docs/ENDPOINTS.md': 'Endpoints',
      'docs/DISCOVERY.md': 'Discovery',
    },
  },
  {
    title: 'Layers',
    pages: {
      'docs/GROUPS.md': 'Groups',
      'docs/BUFFERS.md': 'Remote buffers',
      'docs/SERVICES.md': 'Services',
      'docs/CEPH.md': 'Ceph',
    },
  },
  {
    title: 'Examples',
    pages: {
      'examples/object-store/README.md': 'Object store',
      'examples/paths/README.md': 'A session that changes its path',
      'examples/replicated-kv/README.md': 'Replicated key-value store',
      'examples/remote-buffers/README.md': 'Buffers of another process',
      'examples/ceph-status/README.md': 'Status of a Ceph cluster',
      'examples/ceph-object/README.md': 'Ceph objects',
      'examples/ceph-lab/README.md': 'A Ceph cluster to try',
    },
  },
  {
    title: 'Inside',
    pages: {
      'docs/ARCHITECTURE.md': 'Architecture',
      'docs/STATES.md': 'States',
      'docs/PROTOCOL.md': 'Protocol',
      'docs/ATTACKS.md': 'Attacks',
      'docs/FAULTS-OF-OTHERS.md': 'Faults of others',
      'docs/PERFORMANCE.md': 'Performance',
      'docs/BENCHMARKS.md': 'Benchmarks',
      'CONTRIBUTING.md': 'Contributing',
      'CHANGELOG.md': 'Changelog',
    },
  },
]
