/**
 * The dashboard: a page over HTTP on a loopback address, one question that it asks, with a token, and beside it the simulator.
 *
 * It only reads. The pages have no secret and load nothing from elsewhere; the token is in the fragment of the address, which no log
 * and no referrer sees. A foreign Host is refused, so that no site on the web can ask by another name of this address. It keeps no
 * process alive. Limit: 16 connections; what they send beside a short request ends them.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { InkwireError, wordsOf } from '../../common/errors.ts'
import type { Snapshot } from '../snapshot.ts'
import type { PeerTrace } from '../trace.ts'
import { simulatorFile, type SimulatorFile } from './simulator-files.ts'

/** What the page shows. */
export interface Look {
  readonly snapshots: readonly Snapshot[]
  readonly traces: readonly (PeerTrace & { readonly of: string })[]
  /** Of processes that do not answer. */
  readonly errors: readonly string[]
}

const CONNECTIONS_MAX = 16
const REQUEST_MS = 10_000
const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost']

/** The host and port of an address such as `http://127.0.0.1:0`; null: it is none, or leads outside of this machine. */
export function dashboardPlace(address: string): { readonly host: string; readonly port: number } | null {
  const [, host, port] = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost):(\d{1,5})\/?$/.exec(address) ?? []
  return host === undefined || Number(port) > 65_535 ? null : { host, port: Number(port) }
}

export class DashboardServer {
  readonly #look: () => Look | Promise<Look>
  readonly #place: { readonly host: string; readonly port: number }
  readonly #token: string
  readonly #server: Server
  #port = 0

  constructor(
    place: { readonly host: string; readonly port: number },
    look: () => Look | Promise<Look>,
    token?: string,
  ) {
    this.#place = place
    this.#look = look
    this.#token = token ?? randomBytes(24).toString('base64url')
    // Not imported above: from Node 22 on that loads fetch as well, and puts a name on globalThis.
    const { createServer } = process.getBuiltinModule('node:http')
    this.#server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, (request, response) => {
      void this.#answer(request, response)
    })
    this.#server.maxConnections = CONNECTIONS_MAX
  }

  /** Where a browser finds it, with its token; '' until it listens. */
  get url(): string {
    return this.#port === 0 ? '' : `http://${this.#place.host}:${this.#port}/#token=${this.#token}`
  }

  /** @throws InkwireError `INK_BIND_FAILED`. */
  async listen(): Promise<void> {
    const { host, port } = this.#place
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => {
        reject(
          new InkwireError('INK_BIND_FAILED', `the dashboard at ${host}:${port}: ${error.message}`, { cause: error }),
        )
      })
      this.#server.listen(port, host.replace(/^\[|\]$/g, ''), resolve)
    })
    this.#port = (this.#server.address() as AddressInfo).port
    this.#server.unref()
  }

  /** Keeps the process alive from now on: for a program that is nothing else. */
  stay(): void {
    this.#server.ref()
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '', headers } = request
    const path = url.split('?')[0]
    if (!LOOPBACK.some((host) => headers.host === `${host}:${this.#port}`))
      say(response, 403, 'this page has another address\n')
    else if (method !== 'GET') say(response, 405, 'this page only reads\n')
    else if (path === '/') page(response, readFileSync(new URL('./page.html', import.meta.url), 'utf8'))
    else if (path === '/simulator') await simulator(response, 'simulator.html', page)
    else if (path === '/simulator.js') await simulator(response, 'simulator.js', script)
    else if (path !== '/api/look') say(response, 404, 'there is nothing here\n')
    else if (!this.#mayAsk(headers.authorization)) say(response, 401, 'the token is missing or wrong\n')
    else await this.#tell(response)
  }

  async #tell(response: ServerResponse): Promise<void> {
    try {
      say(response, 200, JSON.stringify(await this.#look()), 'application/json')
    } catch (thrown) {
      say(response, 500, `${wordsOf(thrown)}\n`)
    }
  }

  #mayAsk(authorization = ''): boolean {
    const [given, wanted] = [Buffer.from(authorization), Buffer.from(`Bearer ${this.#token}`)]
    return given.length === wanted.length && timingSafeEqual(given, wanted)
  }
}

/** A page: what has its number may run and colour it, and nothing else. */
function page(response: ServerResponse, html: string): void {
  const nonce = randomBytes(16).toString('base64')
  const policy = [
    ...["default-src 'none'", `script-src 'nonce-${nonce}'`, `style-src 'nonce-${nonce}'`, "connect-src 'self'"],
    ...['img-src data:', "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
  ].join('; ')
  const headers = { 'content-security-policy': policy }
  say(response, 200, html.replaceAll('{{nonce}}', nonce), 'text/html; charset=utf-8', headers)
}

function script(response: ServerResponse, text: string): void {
  say(response, 200, text, 'text/javascript; charset=utf-8')
}

async function simulator(
  response: ServerResponse,
  name: SimulatorFile,
  send: (response: ServerResponse, text: string) => void,
): Promise<void> {
  const text = await simulatorFile(name)
  if (text === null) say(response, 404, 'the simulator is in the package inkwire, which is not whole here\n')
  else send(response, text)
}

function say(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
  more: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    ...more,
  })
  response.end(body)
}
