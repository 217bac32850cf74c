/** How much processes have read, by the kernel's account: what came to a sink, without asking it to count. */

import { readFile } from 'node:fs/promises'

/** Bytes that the living ones of these processes have read until now, from sockets and files. */
export async function bytesRead(pids: Iterable<number>): Promise<number> {
  const all = await Promise.all(
    [...pids].map(async (pid) => {
      const text = await readFile(`/proc/${pid}/io`, 'latin1').catch(() => '')
      return Number(/^rchar: (\d+)/m.exec(text)?.[1] ?? 0)
    }),
  )
  return all.reduce((sum, bytes) => sum + bytes, 0)
}

/**
 * Begins to watch what comes to the processes of a sink; what it gives ends that.
 *
 * @throws What it gives, where so many messages of at least so many bytes cannot have come: somebody else took them.
 */
export async function watchArrival(
  pids: () => Promise<readonly number[]>,
): Promise<(messages: number, sizeBytes: number) => Promise<void>> {
  const before = await bytesRead(await pids())
  return async (messages, sizeBytes) => {
    const came = (await bytesRead(await pids())) - before
    if (came < messages * sizeBytes) {
      throw new Error(`${messages} messages were sent, but only ${came} bytes came: who else took them?`)
    }
  }
}
