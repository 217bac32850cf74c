/** Listening at an address and port, or at a path: what a process that died left there is taken away. */

import { lstat, unlink } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import type { ListenAddress } from './server-options.ts'

/**
 * Connections that may wait to be taken; the system has its own bound (`net.core.somaxconn`).
 *
 * A client whose connection found no place waits for our greeting as if it had one, for seconds: here the server speaks
 * first (RFC 5321 §3.1). So a burst must find more places than Node's 511.
 */
const BACKLOG = 4_096

/** Listens; rejects with what the system says. A path at which nobody answers any more is taken over. */
export async function listenAt(address: ListenAddress, accept: (socket: Socket) => void): Promise<Server> {
  try {
    return await listen(address, accept)
  } catch (error) {
    const stale = 'path' in address && isInUse(error) && (await removeStaleSocket(address.path))
    if (!stale) throw error
    return listen(address, accept)
  }
}

async function listen(address: ListenAddress, accept: (socket: Socket) => void): Promise<Server> {
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, accept)
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject)
    const onListening = (): void => {
      listener.off('error', reject)
      resolve()
    }
    const place = 'path' in address ? { path: address.path } : { port: address.port, host: address.host }
    listener.listen({ ...place, backlog: BACKLOG }, onListening)
  })
  return listener
}

/**
 * Removes a socket file that nobody listens on; whether there was one.
 *
 * A file on which somebody answers stays, and so does whatever is no socket.
 */
async function removeStaleSocket(path: string): Promise<boolean> {
  const code = await new Promise<string>((resolve) => {
    const probe = connect({ path })
    probe.once('connect', () => {
      probe.destroy()
      resolve('CONNECTED')
    })
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
  })
  // A file that is no socket refuses connections in the same way.
  if (code !== 'ECONNREFUSED' || !(await lstat(path)).isSocket()) return false
  await unlink(path)
  return true
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
