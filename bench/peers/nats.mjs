/**
 * NATS: both processes are clients of a nats-server (Debian's package) that the listening one starts and stops.
 *
 * NATS does not slow a publisher down for a slow subscriber, so the server may hold much, and a flush bounds the sender.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'nats'
import { Window } from './window.mjs'

const CONFIG = 'host: 127.0.0.1\nport: -1\nmax_payload: 64MB\nmax_pending: 2GB\nwrite_deadline: "60s"\n'

export const subject = {
  async listen(_options, receive) {
    const server = await startServer()
    const nats = await connect({ servers: server.address })
    const pipes = new Map()
    nats.subscribe('to.*', {
      callback: (_error, message) => {
        const name = message.subject
        let pipe = pipes.get(name)
        if (pipe === undefined) pipes.set(name, (pipe = pipeOf(nats, `from.${name.slice(3)}`)))
        receive(message.data, pipe)
      },
    })
    await nats.flush()
    return { address: server.address, close: () => nats.close().then(server.stop) }
  },
  async dial(address, _options, receive) {
    const nats = await connect({ servers: address })
    const name = nats.info.client_id
    const pipe = pipeOf(nats, `to.${name}`)
    nats.subscribe(`from.${name}`, { callback: (_error, message) => receive(message.data, pipe) })
    await nats.flush()
    return pipe
  },
  calls: {
    async serve(_options, answer) {
      const server = await startServer()
      const nats = await connect({ servers: server.address })
      nats.subscribe('call', { callback: (_error, message) => message.respond(answer(message.data)) })
      await nats.flush()
      return { address: server.address, close: () => nats.close().then(server.stop) }
    },
    async dial(address) {
      const nats = await connect({ servers: address })
      const options = { timeout: 60_000 }
      return {
        call: async (data) => (await nats.request('call', data, options)).data,
        close: () => nats.close(),
      }
    },
  },
}

function pipeOf(nats, name) {
  const window = new Window(() => nats.flush())
  return {
    send(data) {
      nats.publish(name, data)
      return window.sent(data.length)
    },
    close: () => nats.close(),
  }
}

async function startServer() {
  const folder = mkdtempSync(join(tmpdir(), 'inkwire-bench-'))
  const config = join(folder, 'nats.conf')
  writeFileSync(config, CONFIG)
  const child = spawn('nats-server', ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  const stop = () => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', stop)
  const address = await new Promise((resolve, reject) => {
    let log = ''
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`nats-server ended: ${log}`)))
    child.stderr.on('data', (chunk) => {
      log += chunk
      const found = /Listening for client connections on ([\d.]+:\d+)/.exec(log)
      if (found && log.includes('Server is ready')) resolve(found[1])
    })
  })
  return { address, stop }
}
