/** Room for many sockets in this process. */

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Makes sure that this process may have so many descriptors open; beyond its hard limit with `prlimit`, as root.
 *
 * @throws Where it may not; the message says what to do.
 */
export async function allowDescriptors(count: number): Promise<void> {
  if ((await softLimit()) >= count) return
  await run('prlimit', ['--pid', String(process.pid), `--nofile=${count}:${count}`]).catch(() => {})
  if ((await softLimit()) < count) {
    throw new Error(`${count} descriptors are needed: run "ulimit -n ${count}" before, or this as root.`)
  }
}

/** Node raises the soft limit to the hard one when it starts. */
async function softLimit(): Promise<number> {
  const text = await readFile('/proc/self/limits', 'latin1')
  const limit = /^Max open files\s+(\S+)/m.exec(text)?.[1]
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit ?? 0)
}
