/** Where the mail of these benchmarks goes: servers that take everything and keep nothing. */

import type { Certificate } from './certificate.ts'

/** A server that runs, on a port of 127.0.0.1 that was its own from the start. */
export interface Sink {
  readonly port: number
}

/** How one is started. */
export interface SinkOptions {
  /** Offers STARTTLS with it; absent: no TLS. */
  readonly tls?: Certificate
  /** Its CPU and memory are the contestant's; true. */
  readonly counted?: boolean
}
