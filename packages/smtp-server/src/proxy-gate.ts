/**
 * Waits for the header of the PROXY protocol at the start of a connection, before TLS and greeting.
 *
 * What came behind the header is put back into the stream, paused, for whoever reads it next. Until the header is whole
 * nothing is said, and at most one chunk of the stream beyond `MAX_PROXY_HEADER_BYTES` is held.
 */

import type { Duplex } from 'node:stream'
import { concat } from '@postroad/bytes'
import { readProxyHeader } from './proxy-header.ts'
import type { ProxiedPeer } from './proxy-header.ts'
import type { Watched } from './watchdog.ts'

/** What a proxy said: whom it speaks for; nothing where it speaks for itself. `refused`: no header, or too late. */
export type GateVerdict = { readonly kind: 'passed'; readonly peer?: ProxiedPeer } | { readonly kind: 'refused' }

/** One connection that has not said yet whom it is for. */
export class ProxyGate implements Watched {
  readonly deadlineAt: number
  readonly #stream: Duplex
  readonly #onVerdict: (gate: ProxyGate, verdict: GateVerdict) => void
  #bytes: Uint8Array = new Uint8Array(0)
  #chunks: Uint8Array[] = []
  #length = 0
  #atLeast = 1
  #over = false

  /** @param onVerdict Called once. Where it is `refused` the stream is destroyed already. */
  constructor(parts: {
    readonly stream: Duplex
    readonly deadlineAt: number
    readonly onVerdict: (gate: ProxyGate, verdict: GateVerdict) => void
  }) {
    this.#stream = parts.stream
    this.deadlineAt = parts.deadlineAt
    this.#onVerdict = parts.onVerdict
  }

  /** Begins. The stream must not have been read from. */
  start(): void {
    const stream = this.#stream
    stream.on('error', ignore)
    stream.on('close', this.#refuse)
    stream.on('end', this.#refuse)
    stream.on('data', this.#onData)
    if (stream.destroyed) this.#refuse()
  }

  /** The header is late, or the server stops. */
  expire(): void {
    this.#refuse()
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    if (this.#length < this.#atLeast) return
    this.#bytes = concat([this.#bytes, ...this.#chunks])
    this.#chunks = []
    const header = readProxyHeader(this.#bytes)
    if (header.kind === 'bad') this.#refuse()
    else if (header.kind === 'more') this.#atLeast = header.atLeastBytes
    else this.#pass(this.#bytes.subarray(header.lengthBytes), header.peer)
  }

  #pass(rest: Uint8Array, peer: ProxiedPeer | undefined): void {
    if (!this.#leave()) return
    const stream = this.#stream
    stream.pause()
    if (rest.length > 0) stream.unshift(rest)
    this.#onVerdict(this, peer === undefined ? { kind: 'passed' } : { kind: 'passed', peer })
    // Whoever has taken the stream listens for its errors by now.
    stream.off('error', ignore)
  }

  readonly #refuse = (): void => {
    if (!this.#leave()) return
    this.#stream.destroy()
    this.#onVerdict(this, { kind: 'refused' })
  }

  /** Stops listening; false where that has been done. */
  #leave(): boolean {
    if (this.#over) return false
    this.#over = true
    this.#chunks = []
    this.#stream.off('close', this.#refuse)
    this.#stream.off('end', this.#refuse)
    this.#stream.off('data', this.#onData)
    return true
  }
}

function ignore(): void {
  // `close` tells.
}
