/** Connects to a server through a pair of streams in memory. */

import type { Duplex } from 'node:stream'
import type { Peer } from '../live-session.ts'
import type { SmtpServer } from '../server.ts'
import { streamPair } from './stream-pair.ts'

/** The client's end of a new session, and its end. Whoever reads slowly holds the server back, as over a socket. */
export function connectTo(
  server: SmtpServer,
  peer: Peer = { remoteAddress: '192.0.2.1', remotePort: 40_000, localPort: 25 },
): { readonly stream: Duplex; readonly over: Promise<void> } {
  const [client, side] = streamPair()
  return { stream: client, over: server.attach(side, peer) }
}
