/**
 * The least that group commit can cost: records of the same size appended to a file, as many as there are callers in one
 * write or one write each, then `fdatasync`. No queue, no index, no second thread.
 */

import { closeSync, fdatasyncSync, openSync, unlinkSync, writevSync } from 'node:fs'
import { join } from 'node:path'
import { serveContestant } from '../../serve-contestant.ts'

const RECORD = Buffer.alloc(10_240, 'A line of mail as people and programs write it.\r\n')
/** A new file begins then, so that the disk does not fill. */
const MOST_BYTES = 256 * 2 ** 20

let folder = ''
let file: number | undefined
let written = 0
let isOneWrite = true

/** The file under this name is this one's alone; unlinked at once, so that it goes with the process. */
function begin(): number {
  if (file !== undefined) closeSync(file)
  const path = join(folder, 'append')
  const opened = openSync(path, 'ax')
  unlinkSync(path)
  written = 0
  return opened
}

serveContestant({
  start: async (setup) => {
    folder = String(setup['folder'])
    isOneWrite = setup['writes'] === 'group'
    file = begin()
  },
  measure: async (work, roundMs) => {
    const batch = Array.from({ length: Number(work['callers']) }, () => RECORD)
    const startedAt = performance.now()
    let operations = 0
    let seconds = 0
    while (seconds * 1_000 < roundMs) {
      if (file === undefined || written >= MOST_BYTES) file = begin()
      let bytes = isOneWrite ? writevSync(file, batch) : 0
      // A write each; or one was cut short, though hardly that of a regular file.
      while (bytes < batch.length * RECORD.length) bytes += writevSync(file, [RECORD])
      fdatasyncSync(file)
      written += bytes
      operations += batch.length
      seconds = (performance.now() - startedAt) / 1_000
    }
    return { operations, seconds }
  },
})
