/** Listening on a path: what a process that died left there is taken away. */

import { unlink } from 'node:fs/promises'
import { connect } from 'node:net'

/**
 * Removes a socket file that nobody listens on; whether there was one.
 *
 * A file on which somebody answers stays, and so does whatever is no socket.
 */
export async function removeStaleSocket(path: string): Promise<boolean> {
  const code = await new Promise<string>((resolve) => {
    const probe = connect({ path })
    probe.once('connect', () => {
      probe.destroy()
      resolve('CONNECTED')
    })
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
  })
  if (code !== 'ECONNREFUSED') return false
  await unlink(path)
  return true
}
