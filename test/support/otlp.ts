/** The real SDK of OpenTelemetry, set up as a service does it, and a collector that takes what it sends: OTLP as JSON over HTTP. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'

/** Spans of this process go there, and contexts travel as W3C's `traceparent`. */
export function traceTo(service: string, url: string): NodeTracerProvider {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url }))],
  })
  provider.register()
  return provider
}

/** A span as it came. */
export interface CollectedSpan {
  readonly service: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly name: string
  readonly kind: number
  readonly error: string | null
  readonly attributes: Readonly<Record<string, string>>
}

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue?: string }
}

/** ExportTraceServiceRequest, as far as it is read. */
interface Request {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly traceId: string
        readonly spanId: string
        readonly parentSpanId?: string
        readonly name: string
        readonly kind: number
        readonly status?: { readonly code?: number; readonly message?: string }
        readonly attributes: readonly Attribute[]
      }[]
    }[]
  }[]
}

export class Collector {
  readonly spans: CollectedSpan[] = []
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async listen(): Promise<Collector> {
    const server = createServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        if (request.url === '/v1/traces') collector.#take(JSON.parse(Buffer.concat(parts).toString()) as Request)
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
      })
    })
    const collector = new Collector(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return collector
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1/traces`
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #take({ resourceSpans }: Request): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = plain(resource.attributes)['service.name'] ?? ''
      for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
        const { traceId, spanId, parentSpanId = '', name, kind, status, attributes } = span
        const error = status?.code === 2 ? (status.message ?? '') : null
        const ids = { traceId, spanId, parentSpanId }
        this.spans.push({ service, ...ids, name, kind, error, attributes: plain(attributes) })
      }
    }
  }
}

function plain(attributes: readonly Attribute[]): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? '']))
}
