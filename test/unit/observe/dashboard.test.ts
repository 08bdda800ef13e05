/** The dashboard over HTTP: a page without secrets, a question with a token, and nothing for anybody else. */
import { request } from 'node:http'
import t from 'tap'
import { memory, Messenger, peer } from '../../../src/index.ts'
import { observe } from '../../../src/observe/index.ts'

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

function ask(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers, method, agent: false }, (response) => {
      let body = ''
      response.on('data', (chunk) => (body += String(chunk)))
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body })
      })
    })
    asked.on('error', reject)
    asked.end()
  })
}

t.test('a page and its question, for whoever has the token, from this machine by its own name', async (t) => {
  const messenger = new Messenger({ name: 'osd.0', transports: [memory()], policies: { default: peer() } })
  const observer = observe(messenger, { dashboard: 'http://127.0.0.1:0' })
  t.equal(observer.dashboardUrl, '', 'not yet')
  await observer.ready
  const { origin, hash, host } = new URL(observer.dashboardUrl)
  const token = hash.replace('#token=', '')
  t.ok(token.length >= 32)
  const page = await ask(`${origin}/`)
  t.equal(page.status, 200)
  t.notOk(page.body.includes(token), 'the page has no secret')
  t.notMatch(page.body, /(src|href)="https?:/, 'and loads nothing from elsewhere')
  const policy = String(page.headers['content-security-policy'])
  t.match(policy, /default-src 'none'; script-src 'nonce-[^']{22,}'/)
  const [, nonce = ''] = /script-src 'nonce-([^']+)'/.exec(policy) ?? []
  t.ok(page.body.includes(`<script nonce="${nonce}">`))
  t.notOk((await ask(`${origin}/`)).body.includes(nonce), 'another one each time')

  const look = await ask(`${origin}/api/look`, { authorization: `Bearer ${token}` })
  t.equal(look.status, 200)
  t.match(JSON.parse(look.body), { snapshots: [{ v: 1, name: 'osd.0' }], traces: [], errors: [] })
  for (const authorization of ['', 'Bearer ', `Bearer ${token}x`, `Bearer ${'x'.repeat(token.length)}`, token])
    t.equal((await ask(`${origin}/api/look`, { authorization })).status, 401)
  t.equal((await ask(`${origin}/api/look?token=${token}`)).status, 401, 'an address with a secret would be in logs')
  t.equal((await ask(`${origin}/api/look`, { authorization: `Bearer ${token}`, host: 'evil.example' })).status, 403)
  t.equal((await ask(`${origin}/`, { host: host.replace(/:\d+/, ':1') })).status, 403)
  t.equal((await ask(`${origin}/`, {}, 'POST')).status, 405)
  t.equal((await ask(`${origin}/etc/passwd`)).status, 404)
  observer.close()
  await t.rejects(ask(`${origin}/`), { code: 'ECONNREFUSED' })
  const wrong = [
    'http://0.0.0.0:1',
    'https://127.0.0.1:1',
    'http://127.0.0.1',
    'http://127.0.0.1:99999',
    'http://evil.example:1',
  ]
  for (const dashboard of wrong) t.throws(() => observe(messenger, { dashboard }), { code: 'INK_BAD_OPTION' })
  t.throws(() => observe(messenger, { dashboardToken: 'short' }), { code: 'INK_BAD_OPTION' })
  const named = observe(messenger, { dashboard: 'http://localhost:0', dashboardToken: 'a-token-of-ones-own' })
  await named.ready
  t.match(named.dashboardUrl, /^http:\/\/localhost:\d+\/#token=a-token-of-ones-own$/)
  await messenger.close()
  t.equal((await ask(named.dashboardUrl).catch(() => ({ status: 0 }))).status, 0, 'it ends with its messenger')
})
