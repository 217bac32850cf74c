/** The memory of this process. */

import { readFile, writeFile } from 'node:fs/promises'
import { readPss } from '../../process-table.ts'
import { collectGarbage } from '../store/garbage.ts'

/** Bytes that it has now, after what can be collected was. */
export async function settledMemory(): Promise<number> {
  // What the first collection frees may hold on to more.
  for (let pass = 0; pass < 3; pass += 1) {
    collectGarbage()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return readPss([process.pid])
}

/** The most bytes that it had resident since `forgetPeak`, or since it began. */
export async function peakMemory(): Promise<number> {
  const text = await readFile('/proc/self/status', 'latin1')
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1_024
}

/** The peak counts from now on: what compiling the modules took is no matter of a server that runs. */
export async function forgetPeak(): Promise<void> {
  await writeFile('/proc/self/clear_refs', '5')
}
