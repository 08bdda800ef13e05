/** A link whose other side is a test: keeps what is written, and hears whatever the test lets it hear. */
import type { Link, LinkHandlers, Transport } from '../../src/index.ts'

export class TapedLink implements Link {
  readonly capabilities = { local: true } as const
  readonly localAddress = 'memory://here'
  readonly remoteAddress = 'memory://there'
  readonly bufferedBytes = 0
  /** Copies: the memory of what is written may be used again. */
  readonly written: Uint8Array[] = []
  handlers!: LinkHandlers
  #onLink: ((link: Link) => void) | null = null
  #over = false

  /** A transport on which this is the one link: dialled, or told to arrive. */
  transport(scheme: string): Transport {
    return {
      scheme,
      parse: (address) => address,
      dial: () => this,
      listen: async (address, onLink) => {
        this.#onLink = onLink
        return { address, close: async () => undefined }
      },
    }
  }

  arrive(): void {
    this.#onLink?.(this)
  }

  write(chunks: readonly Uint8Array[]): boolean {
    for (const chunk of chunks) this.written.push(new Uint8Array(chunk))
    return true
  }

  pause(): void {}

  resume(): void {}

  close(): void {
    this.end()
  }

  reset(): void {
    this.end()
  }

  /** The other side has closed it. */
  end(): void {
    if (this.#over) return
    this.#over = true
    this.handlers.closed({ end: 'remote', message: 'the tape is over' })
  }
}
