/** `inkwire dashboard`: the page for all processes that answer on admin sockets. */
import { DashboardServer, dashboardPlace, type Look } from '../observe/dashboard/dashboard-server.ts'
import {
  ABOUT_ASKING,
  ASKING,
  EXIT,
  Unreachable,
  UsageError,
  textOf,
  type Command,
  type Context,
  type Values,
} from './command.ts'
import { knownOf, socketsOf } from './targets.ts'

export const dashboard: Command = {
  name: 'dashboard',
  summary: 'a page in the browser: sessions as a live graph, queues, credit, faults and traces; and a simulator',
  usage: '[--listen http://127.0.0.1:0]',
  args: [0, 0],
  options: { admin: ASKING.admin, listen: { type: 'string' } },
  about: { listen: 'where the page is, on a loopback address; default: any free port', admin: ABOUT_ASKING.admin },
  exits: { ok: 'it served until Ctrl-C' },
  help: `Prints an address with a token, and serves until Ctrl-C. The page only reads. Whoever is elsewhere comes by a tunnel:
ssh -L 7070:127.0.0.1:7070 host. At /simulator is Inkwire itself on a simulated network, where links can be cut and processes killed;
that needs no process to look at, and processes that begin later are found.

  inkwire dashboard -a /run/inkwire
  inkwire dashboard --listen http://127.0.0.1:7070 -a /run/osd.0.asok`,
  async run({ context, values }) {
    const listen = textOf(values, 'listen') ?? 'http://127.0.0.1:0'
    const place = dashboardPlace(listen)
    if (place === null) throw new UsageError('--listen is a loopback address such as http://127.0.0.1:7070')
    const { nobody } = found(context, values)
    if (nobody !== null) context.err(`${nobody}\n`)
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

/** The sockets that there are now; where there are none, what to do about it. */
function found(
  context: Context,
  values: Values,
): { readonly sockets: readonly string[]; readonly nobody: string | null } {
  try {
    return { sockets: socketsOf(context, values), nobody: null }
  } catch (thrown) {
    if (thrown instanceof Unreachable) return { sockets: [], nobody: thrown.message }
    throw thrown
  }
}

/** Processes come and go: sockets are looked for anew each time. */
async function look(context: Context, values: Values): Promise<Look> {
  const { sockets, nobody } = found(context, values)
  if (nobody !== null) return { snapshots: [], traces: [], errors: [nobody] }
  const known = await knownOf(sockets)
  return {
    snapshots: known.flatMap(({ snapshot }) => snapshot ?? []),
    traces: known.flatMap(({ path, snapshot, traces }) =>
      traces.map((one) => ({ of: snapshot?.name ?? path, ...one })),
    ),
    errors: known.flatMap(({ error }) => error ?? []),
  }
}
