/**
 * Free ports of the loopback for servers that must be told theirs.
 *
 * They lie below those that the system gives away by itself, and each process counts in a range of its own: so that
 * between finding one free and its use hardly anybody takes it.
 */

import { once } from 'node:events'
import { createServer } from 'node:net'

const FIRST = 20_000
const RANGE = 120
const RANGES = 100

let tried = 0

/** As many ports as asked for, none of which anybody listens on now. Throws where the range has no more. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = []
  for (let left = RANGE; ports.length < count; left -= 1) {
    if (left === 0) throw new Error('There are not so many free ports.')
    const port = FIRST + (process.pid % RANGES) * RANGE + (tried % RANGE)
    tried += 1
    if (await isFree(port)) ports.push(port)
  }
  return ports
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  const free = await new Promise<boolean>((resolve) => {
    server.once('listening', () => resolve(true))
    server.once('error', () => resolve(false))
  })
  if (free) {
    server.close()
    await once(server, 'close')
  }
  return free
}
