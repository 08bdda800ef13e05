/**
 * A line chart with logarithmic axes, as SVG text. No library: two axes, some lines and their names are all there is.
 *
 * It brings its own background, so that it can be read on light and dark pages.
 */
export interface Series {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface Chart {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly series: readonly Series[]
  readonly formatX: (value: number) => string
  readonly formatY: (value: number) => string
}

const WIDTH = 760
const HEIGHT = 420
const LEFT = 80
const RIGHT = 160
const TOP = 40
const BOTTOM = 50
const COLOURS = ['#0b63c5', '#c2410c', '#15803d', '#7e22ce', '#b91c1c', '#0e7490', '#a16207', '#475569', '#be185d']

export function svg(chart: Chart): string {
  const points = chart.series.flatMap((series) => series.points).filter(([x, y]) => x > 0 && y > 0)
  const x = axis(
    points.map(([value]) => value),
    LEFT,
    WIDTH - RIGHT,
  )
  const y = axis(
    points.map(([, value]) => value),
    HEIGHT - BOTTOM,
    TOP,
  )
  const style = 'font-family="system-ui, sans-serif" font-size="12" fill="#1f2937"'
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" ${style}>`,
    `<title>${escape(chart.title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(LEFT, 22, chart.title, 'font-size="15" font-weight="600"'),
    ...y.ticks.flatMap((value) => [
      `<path d="M${LEFT} ${at(y, value)}H${WIDTH - RIGHT}" stroke="#e5e7eb"/>`,
      text(LEFT - 8, at(y, value) + 4, chart.formatY(value), 'text-anchor="end"'),
    ]),
    ...distinct(points.map(([value]) => value)).map((value) =>
      text(at(x, value), HEIGHT - BOTTOM + 18, chart.formatX(value), 'text-anchor="middle"'),
    ),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, chart.xLabel, 'text-anchor="middle"'),
    text(LEFT, TOP - 6, chart.yLabel, 'fill="#6b7280"'),
    ...chart.series.flatMap((series, index) => line(series, index, x, y)),
    '</svg>',
  ]
  return `${parts.join('\n')}\n`
}

interface Axis {
  readonly low: number
  readonly high: number
  readonly from: number
  readonly to: number
  readonly ticks: readonly number[]
}

/** From the power of ten below the smallest value to the one above the largest. */
function axis(values: readonly number[], from: number, to: number): Axis {
  const low = Math.floor(Math.log10(Math.min(...values, 1e9)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values, 1e-9))))
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index))
  return { low, high, from, to, ticks }
}

function at({ low, high, from, to }: Axis, value: number): number {
  return Math.round((from + ((Math.log10(value) - low) / (high - low)) * (to - from)) * 10) / 10
}

function line(series: Series, index: number, x: Axis, y: Axis): string[] {
  const colour = COLOURS[index % COLOURS.length]!
  const points = series.points.filter(([a, b]) => a > 0 && b > 0).map(([a, b]) => [at(x, a), at(y, b)] as const)
  if (points.length === 0) return []
  const path = points.map(([a, b], step) => `${step === 0 ? 'M' : 'L'}${a} ${b}`).join('')
  const labelY = TOP + 10 + index * 18
  return [
    `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...points.map(([a, b]) => `<circle cx="${a}" cy="${b}" r="3" fill="${colour}"/>`),
    `<path d="M${WIDTH - RIGHT + 14} ${labelY - 4}h18" stroke="${colour}" stroke-width="3"/>`,
    text(WIDTH - RIGHT + 38, labelY, series.name, ''),
  ]
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escape(content)}</text>`
}

function escape(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

function distinct(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b)
}
