/** Waits until a server that is a foreign program takes connections. */

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long a server may take to start, in milliseconds. */
const START_WITHIN_MS = 60_000
const ASK_EVERY_MS = 50
/** How long a connection may stay without a greeting until the next is tried, in milliseconds. */
const GREET_WITHIN_MS = 2_000

/**
 * Resolves when somebody greets at the port of 127.0.0.1.
 *
 * @throws Where the process ends before, or nobody does within a minute.
 */
export async function awaitPort(port: number, child: ChildProcess, name: string): Promise<void> {
  const deadlineAt = performance.now() + START_WITHIN_MS
  while (!(await greets(port))) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      throw new Error(`${name} ended before it took connections (${String(child.signalCode ?? child.exitCode)}).`)
    }
    if (performance.now() > deadlineAt) throw new Error(`${name} takes no connections.`)
    await sleep(ASK_EVERY_MS)
  }
}

async function greets(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'data', { signal: AbortSignal.timeout(GREET_WITHIN_MS) })
    return true
  } catch {
    return false
  } finally {
    socket.on('error', () => {})
    socket.destroy()
  }
}
