/** `inkwire dashboard`: the page for all processes that answer on admin sockets. */
import { DashboardServer, dashboardPlace, type Look } from '../observe/dashboard/dashboard-server.ts'
import { ABOUT_ASKING, ASKING, EXIT, UsageError, textOf, type Command, type Context, type Values } from './command.ts'
import { knownOf, socketsOf } from './targets.ts'

export const dashboard: Command = {
  name: 'dashboard',
  summary: 'a page in the browser: sessions as a live graph, queues, credit, faults and traces',
  usage: '[--listen http://127.0.0.1:0]',
  args: [0, 0],
  options: { admin: ASKING.admin, listen: { type: 'string' } },
  about: { listen: 'where the page is, on a loopback address; default: any free port', admin: ABOUT_ASKING.admin },
  exits: { ok: 'it served until Ctrl-C' },
  help: `Prints an address with a token, and serves until Ctrl-C. The page only reads. Whoever is elsewhere comes by a tunnel:
ssh -L 7070:127.0.0.1:7070 host.

  inkwire dashboard -a /run/inkwire
  inkwire dashboard --listen http://127.0.0.1:7070 -a /run/osd.0.asok`,
  async run({ context, values }) {
    const listen = textOf(values, 'listen') ?? 'http://127.0.0.1:0'
    const place = dashboardPlace(listen)
    if (place === null) throw new UsageError('--listen is a loopback address such as http://127.0.0.1:7070')
    socketsOf(context, values)
    const server = new DashboardServer(place, () => look(context, values))
    await server.listen()
    server.stay()
    context.out(`${server.url}\n`)
    await new Promise<void>((resolve) => {
      if (context.signal.aborted) resolve()
      context.signal.addEventListener('abort', () => {
        resolve()
      })
    })
    server.close()
    return EXIT.ok
  },
}

/** Processes come and go: sockets are looked for anew each time. */
async function look(context: Context, values: Values): Promise<Look> {
  const known = await knownOf(socketsOf(context, values))
  return {
    snapshots: known.flatMap(({ snapshot }) => snapshot ?? []),
    traces: known.flatMap(({ path, snapshot, traces }) =>
      traces.map((one) => ({ of: snapshot?.name ?? path, ...one })),
    ),
    errors: known.flatMap(({ error }) => error ?? []),
  }
}
