/**
 * The thread of `checkSqliteStore`: a connection that only reads. Runs only as its worker.
 *
 * @packageDocumentation
 */

import { openForChecking } from './database.ts'
import { faultOf } from './faults.ts'
import type { CheckSteps, Finding, PageFault, StepTable, ThreadData } from './protocol.ts'
import { integer, text } from './row.ts'
import { SCHEMA_VERSION } from './schema.ts'
import { IN_FILE } from './steps/contents.ts'
import { integrity } from './steps/integrity.ts'
import { invariants } from './steps/invariants.ts'
import { type Connection, serve } from './thread.ts'

/** Most contents in files that are given at once. */
const FILES = 1_000

serve(open)

function open(data: ThreadData): Connection<CheckSteps> {
  const { database, version } = openForChecking(data.path, data.bounds)

  /** In one view of the database, however much is written meanwhile. */
  const together = <Result>(read: () => Result): Result => {
    database.exec('BEGIN')
    try {
      return read()
    } finally {
      // Where damage was met, a commit would say so again.
      if (database.isTransaction) database.exec('ROLLBACK')
    }
  }

  const steps: StepTable<CheckSteps> = {
    check: (_, now) =>
      together(() => {
        const pages = integrity(database, 'full').map((fault) => findingOf(fault))
        if (version === SCHEMA_VERSION) return { version, findings: [...pages, ...invariants(database, now)] }
        const old: Finding = {
          severity: 'leftover',
          what: `is of version ${version}; only its pages were looked at`,
          where: data.path,
          advice: `open it once: that makes it version ${SCHEMA_VERSION}`,
        }
        return { version, findings: [...pages, old] }
      }),
    files: ({ after, id }) => {
      if (version !== SCHEMA_VERSION) return []
      const select = `SELECT serial, id, size FROM content WHERE chunked = ${IN_FILE} AND serial > ?`
      const rows =
        id === undefined
          ? database.prepare(`${select} ORDER BY serial LIMIT ${FILES}`).all(after)
          : database.prepare(`${select} AND id = ?`).all(after, id)
      return rows.map((row) => ({
        serial: integer(row, 'serial'),
        id: text(row, 'id'),
        sizeBytes: integer(row, 'size'),
      }))
    },
    named: ({ ids }) => {
      if (version !== SCHEMA_VERSION) return ids
      const isNamed = database.prepare(
        'SELECT 1 FROM content WHERE id = ? UNION ALL SELECT 1 FROM unlinking WHERE id = ?',
      )
      return ids.filter((id) => isNamed.get(id, id) !== undefined)
    },
  }

  return {
    steps,
    run: ({ asked }, runOne) =>
      asked.map((one) => {
        try {
          return runOne(one)
        } catch (error) {
          return { kind: 'fault', fault: faultOf(error) }
        }
      }),
    report: () => ({ logBytes: 0, isDamaged: false, filesWait: false }),
    close: () => database.close(),
  }
}

function findingOf({ page, of, text: what }: PageFault): Finding {
  const advice = 'open the store with an older copy; what lies elsewhere can be read meanwhile'
  const place = page === undefined ? 'the database' : `page ${page}`
  return { severity: 'damage', what, where: of === undefined ? place : `${place} of ${of}`, advice }
}
