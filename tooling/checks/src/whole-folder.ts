/** Folders that appear whole or not at all, whoever else makes them at the same time: what a cache keeps. */

import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Failure } from './check.ts'

/**
 * Makes a folder where there is none: `fill` gets an empty one beside it, which takes its place when nothing failed.
 *
 * @returns What `fill` said was wrong; empty where the folder is there now.
 */
export async function makeWhole(
  folder: string,
  fill: (work: string) => Promise<readonly Failure[]>,
): Promise<readonly Failure[]> {
  if (existsSync(folder)) return []
  mkdirSync(dirname(folder), { recursive: true })
  const work = mkdtempSync(`${folder}-`)
  // As any other folder: what is in it may be for other users, as a program is that a test runs as one.
  chmodSync(work, 0o755)
  try {
    const failures = await fill(work)
    if (failures.length > 0) return failures
    try {
      renameSync(work, folder)
    } catch (error) {
      // Another process was first.
      if (!existsSync(folder)) throw error
    }
    return []
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
