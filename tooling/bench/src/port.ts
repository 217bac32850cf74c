/** Ports on loopback: a contestant that meets somebody else's server on its port measures that one. */

import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Makes sure that nobody listens on a port of the loopback address.
 *
 * @throws Where somebody does.
 */
export async function claimPort(port: number): Promise<number> {
  const server = createServer()
  server.listen({ port, host: '127.0.0.1', exclusive: true })
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new Error(`Port ${port} is in use: end what listens there (ss -ltnp) and run again.`, { cause })
  }
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('No port was given.')
  return address.port
}

/** A port that nobody listens on now. */
export function freePort(): Promise<number> {
  return claimPort(0)
}
