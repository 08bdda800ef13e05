/**
 * What `ceph status` shows, from a program: the monitors, `status` and `df` of a cluster; with `--follow` also every newer
 * map of OSDs, and what becomes of the session with the monitor.
 *
 *   node .build/examples/ceph-status/main.js --mon v2:10.0.0.1:3300/0 --keyring /etc/ceph/ceph.client.admin.keyring
 *   node .build/examples/ceph-status/main.js --lab
 */
import type { MonClient, OsdMap } from 'inkwire/ceph'
import { CLUSTER_HELP, parseCluster } from '../ceph-lab/options.ts'
import { main, withCluster, type Session } from '../ceph-lab/program.ts'

const HELP = `Prints the monitors, the status and the usage of a Ceph cluster.

  node .build/examples/ceph-status/main.js --mon ADDRESS [options]
  node .build/examples/ceph-status/main.js --lab [options]

  --follow           goes on: prints every newer map of OSDs, and loses and finds monitors, until Ctrl-C
  --restart-monitor  with --lab: kills the monitor with SIGKILL and starts it again, then asks once more
${CLUSTER_HELP}`

await main('ceph-status', async () => {
  const own = { follow: { type: 'boolean' }, 'restart-monitor': { type: 'boolean' } } as const
  const parsed = parseCluster(process.argv.slice(2), own)
  if (parsed === null) {
    console.log(HELP)
    return
  }
  const { cluster, values } = parsed
  await withCluster(cluster, async (session) => {
    await show(session.monitors)
    if (values['restart-monitor'] === true) await restart(session)
    if (values['follow'] === true) await follow(session)
  })
})

async function show(monitors: MonClient): Promise<void> {
  const map = await monitors.monMap()
  console.log(`cluster ${map.fsid}, map of monitors e${map.epoch}`)
  for (const { name, address } of map.monitors) console.log(`  mon.${name} at ${address ?? 'no address of msgr2'}`)
  for (const prefix of ['status', 'df']) {
    const { output } = await monitors.command({ prefix })
    console.log(Buffer.from(output).toString().trimEnd())
  }
}

/** The command is asked while there is no monitor, and answered by the one that comes back. */
async function restart({ monitors, lab }: Session): Promise<void> {
  if (lab === null) return
  const states = monitors.state$.subscribe((state) => {
    if (state.name === 'hunting') console.log(`the monitor is lost: ${state.reason}`)
    if (state.name === 'open') console.log(`in a session with ${state.monitor}`)
  })
  await lab.kill('mon')
  const asked = monitors.command({ prefix: 'health' })
  lab.start('mon')
  const { output } = await asked
  console.log(`after the restart: ${Buffer.from(output).toString().split('\n')[0] ?? ''}`)
  states.unsubscribe()
}

async function follow({ monitors, stop }: Session): Promise<void> {
  const told = [
    monitors.state$.subscribe((state) => {
      if (state.name === 'hunting') console.log(`the monitor is lost: ${state.reason}`)
      if (state.name === 'open') console.log(`in a session with ${state.monitor}`)
    }),
    monitors.osdMap$.subscribe((map) => console.log(lineOf(map))),
  ]
  if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }))
  for (const one of told) one.unsubscribe()
}

function lineOf({ epoch, osds, pools }: OsdMap): string {
  const up = [...osds.values()].filter((osd) => osd.up).length
  const names = [...pools.values()].map(({ name }) => name)
  return `map of OSDs e${epoch}: ${up} of ${osds.size} up, pools ${names.join(', ') || 'none'}`
}
