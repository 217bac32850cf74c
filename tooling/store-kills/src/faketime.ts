/** A wall clock that can be stepped under a process while it runs: libfaketime of the distribution. */

import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unpackDebian } from '@postroad/tooling-debian'

/** A clock that a process is started with. */
export interface FakeClock {
  /** For the process's environment. Its monotonic clock and its timers stay true. */
  readonly environment: Readonly<Record<string, string>>
  /** Puts its wall clock so far off the machine's, in seconds, from now on. */
  step(seconds: number): Promise<void>
}

/** Makes a clock that is right until it is stepped; `file` is where its offset is kept. */
export async function createFakeClock(file: string): Promise<FakeClock> {
  const library = await findLibrary()
  const step = (seconds: number): Promise<void> => writeFile(file, `${seconds < 0 ? '' : '+'}${seconds}\n`)
  await step(0)
  const environment = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  }
  return { environment, step }
}

/** Why no clock can be made; `undefined` where one can. */
export async function whyNoFakeClock(): Promise<string | undefined> {
  try {
    await findLibrary()
    return undefined
  } catch (error) {
    return `there is no libfaketime: ${error instanceof Error ? error.message : String(error)}`
  }
}

async function findLibrary(): Promise<string> {
  const unpacked = await unpackDebian('faketime', ['libfaketime'])
  const parent = unpacked.path('usr/lib')
  for (const name of await readdir(parent)) {
    const folder = join(parent, name, 'faketime')
    const files = await readdir(folder).catch((): string[] => [])
    // For programs with threads.
    if (files.includes('libfaketimeMT.so.1')) return join(folder, 'libfaketimeMT.so.1')
  }
  throw new Error(`nothing under ${parent} is libfaketimeMT.so.1`)
}
