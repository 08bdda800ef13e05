/**
 * The page of the simulator: draws the world, and writes what a visitor does into the address bar.
 *
 * The world moves in steps of whole milliseconds of its own time, so a story that is read from an address meets it where it was written.
 */
import { formatDeeds, parseDeeds } from './deeds.ts'
import type { Deed, Done } from './deeds.ts'
import { HOSTS, World, pairs } from './world.ts'
import type { WorldView } from './world.ts'

const STEP_MS = 10
/** A page that slept does not make up for it. */
const FRAME_MS_MAX = 100
const DOTS_MAX = 120
const FLIGHT_MS = 350
/** Of a story that is seen again before the visitor takes over. */
const STORY_MS_MAX = 600_000

const PLACES: Readonly<Record<string, readonly [number, number]>> = {
  'osd.0': [300, 110],
  'osd.1': [190, 370],
  'osd.2': [410, 370],
  'client.a': [60, 210],
  'client.b': [540, 210],
}

const byId = (id: string): HTMLElement => document.getElementById(id)!
const input = (id: string): HTMLInputElement => byId(id) as HTMLInputElement
const svg = (name: string, attributes: Readonly<Record<string, string | number>>): SVGElement => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
  return element
}

let world = new World(0)
let done: Done[] = []
let moving: Promise<void> | null = null
let [owedMs, lastFrame] = [0, 0]
let pace: 'running' | 'paused' = 'running'
const waiting: Deed[] = []
const flights: { dot: SVGElement; from: readonly [number, number]; to: readonly [number, number]; since: number }[] = []

async function begin(seed: number, story: readonly Done[]): Promise<void> {
  world = new World(seed)
  done = [...story]
  owedMs = 0
  input('seed').value = String(seed)
  const latency = story.findLast(({ deed }) => deed.kind === 'latency')?.deed
  showLatency(latency?.kind === 'latency' ? latency.ms : 20)
  await world.begin()
  const lastMs = Math.min(story.at(-1)?.atMs ?? 0, STORY_MS_MAX)
  await world.replay(story, lastMs)
  world.onArrival = fly
  write()
  draw(world.view())
}

/** Puts all that was done into the address bar. */
function write(): void {
  const parts = new URLSearchParams({ seed: input('seed').value })
  if (done.length > 0) parts.set('do', formatDeeds(done))
  history.replaceState(null, '', `#${parts.toString().replaceAll('%3A', ':').replaceAll('%3B', ';')}`)
}

function act(deed: Deed): void {
  waiting.push(deed)
}

async function move(ms: number): Promise<void> {
  for (const deed of waiting.splice(0)) {
    done.push({ atMs: world.nowMs, deed })
    world.act(deed)
    write()
  }
  await world.advance(ms)
}

function frame(now: number): void {
  const speed = Number(input('speed').value)
  owedMs += Math.min(now - lastFrame, FRAME_MS_MAX) * (pace === 'running' ? speed : 0)
  lastFrame = now
  const steps = Math.floor(owedMs / STEP_MS)
  if (moving === null && (steps > 0 || waiting.length > 0)) {
    owedMs -= steps * STEP_MS
    moving = move(steps * STEP_MS).finally(() => {
      moving = null
      draw(world.view())
    })
  }
  for (const flight of [...flights]) place(flight, now)
  requestAnimationFrame(frame)
}

function fly(from: string, to: string): void {
  const [start, end] = [PLACES[from], PLACES[to]]
  if (start === undefined || end === undefined || flights.length >= DOTS_MAX) return
  const dot = svg('circle', { r: 4, class: 'dot' })
  byId('dots').append(dot)
  flights.push({ dot, from: start, to: end, since: performance.now() })
}

function place(flight: (typeof flights)[number], now: number): void {
  const part = (now - flight.since) / FLIGHT_MS
  if (part >= 1) {
    flight.dot.remove()
    flights.splice(flights.indexOf(flight), 1)
    return
  }
  flight.dot.setAttribute('cx', String(flight.from[0] + (flight.to[0] - flight.from[0]) * Math.max(0, part)))
  flight.dot.setAttribute('cy', String(flight.from[1] + (flight.to[1] - flight.from[1]) * Math.max(0, part)))
}

function build(): void {
  const map = byId('map')
  for (const [from, to] of pairs()) {
    const [[x1, y1], [x2, y2]] = [PLACES[from]!, PLACES[to]!]
    const hit = svg('line', {
      x1,
      y1,
      x2,
      y2,
      class: 'hit',
      tabindex: 0,
      role: 'button',
      'aria-label': `cut ${from} and ${to}`,
    })
    onPress(hit, () => act({ kind: 'cut', from, to }))
    map.append(hit, svg('line', { x1, y1, x2, y2, class: 'link down', id: `link-${from}-${to}` }))
  }
  // Below the processes: a message goes into one, and hides no name.
  map.append(svg('g', { id: 'dots' }))
  for (const host of HOSTS) {
    const [x, y] = PLACES[host]!
    const node = svg('g', {
      class: 'node',
      id: `node-${host}`,
      tabindex: 0,
      role: 'button',
      'aria-label': `kill or start ${host}`,
    })
    const name = svg('text', { x, y: y + 5 })
    name.textContent = host
    node.append(svg('circle', { cx: x, cy: y, r: 40 }), name)
    onPress(node, () => act({ kind: node.classList.contains('down') ? 'start' : 'crash', host }))
    map.append(node)
  }
}

function onPress(element: SVGElement, press: () => void): void {
  element.addEventListener('click', press)
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return
    event.preventDefault()
    press()
  })
}

function draw(view: WorldView): void {
  for (const { from, to, state } of view.links) {
    const kind = state === 'open' ? '' : state === 'down' ? ' down' : ' wait'
    byId(`link-${from}-${to}`).setAttribute('class', `link${kind}`)
  }
  for (const { name, runs, isApart } of view.hosts) {
    byId(`node-${name}`).setAttribute('class', `node${runs ? '' : ' down'}${isApart ? ' apart' : ''}`)
  }
  counts(view)
  const news = byId('news')
  const lines = [...view.news].reverse()
  if (news.firstChild?.textContent === lines[0] && news.childElementCount === lines.length) return
  news.replaceChildren(...lines.map((line) => Object.assign(document.createElement('li'), { textContent: line })))
}

function counts(view: WorldView): void {
  const rows: [string, string | number, string][] = [
    ['simulated time', `${(view.nowMs / 1000).toFixed(1)} s`, ''],
    ['sent', view.sent, ''],
    ['arrived', view.arrived, ''],
    ['arrived twice', view.twice, view.twice === 0 ? 'good' : 'bad'],
    ['out of order', view.outOfOrder, view.outOfOrder === 0 ? 'good' : 'bad'],
    ['handed back after a crash', view.handedBack, ''],
    ['sessions resumed', view.resumes, ''],
    ['sent again on a new link', view.replayed, ''],
    ['waiting to be sent', view.links.reduce((sum, { queued }) => sum + queued, 0), ''],
  ]
  byId('counts').replaceChildren(
    ...rows.map(([name, value, mood]) => {
      const [row, title, number] = ['div', 'dt', 'dd'].map((tag) => document.createElement(tag))
      title!.textContent = name
      number!.textContent = String(value)
      number!.className = mood
      row!.append(title!, number!)
      return row!
    }),
  )
}

function showLatency(ms: number): void {
  input('latency').value = String(ms)
  byId('latency-now').textContent = `${ms} ms`
}

function listen(): void {
  byId('latency').addEventListener('input', () => showLatency(Number(input('latency').value)))
  byId('latency').addEventListener('change', () => act({ kind: 'latency', ms: Number(input('latency').value) }))
  byId('speed').addEventListener('input', () => {
    byId('speed-now').textContent = `${input('speed').value} ×`
  })
  byId('pause').addEventListener('click', () => {
    pace = pace === 'running' ? 'paused' : 'running'
    byId('pause').textContent = pace === 'running' ? 'Pause' : 'Go on'
  })
  byId('cut-all').addEventListener('click', () => {
    for (const [from, to] of pairs()) act({ kind: 'cut', from, to })
  })
  byId('apart').addEventListener('click', () => act({ kind: 'partition', host: 'osd.0' }))
  byId('heal').addEventListener('click', () => act({ kind: 'heal' }))
  byId('again').addEventListener('click', () => void restart(Number(input('seed').value), []))
}

/** Waits for the step that is being made: a clock is run by one. */
async function restart(seed: number, story: readonly Done[]): Promise<void> {
  await moving
  moving = begin(Number.isSafeInteger(seed) && seed >= 0 ? seed : 7, story).finally(() => {
    moving = null
  })
}

build()
listen()
const address = new URLSearchParams(location.hash.slice(1))
void restart(Number(address.get('seed') ?? 7), parseDeeds(address.get('do') ?? '', HOSTS)).then(() =>
  requestAnimationFrame(frame),
)
