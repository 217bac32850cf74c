/** What SQLite's own checks find, with the page, and the table or index that the page belongs to. */

import type { DatabaseSync } from 'node:sqlite'
import { isDamaged } from '../faults.ts'
import type { PageFault } from '../protocol.ts'
import { integer, text } from '../row.ts'

/** Most findings of one check. */
const FINDINGS = 100

/**
 * Checks the whole file: `quick` its pages, `full` also that indexes agree with their tables. Reads all of it.
 *
 * @returns Nothing where all is well.
 */
export function integrity(database: DatabaseSync, how: 'quick' | 'full'): readonly PageFault[] {
  const owners = ownersOf(database)
  const pragma = how === 'quick' ? 'quick_check' : 'integrity_check'
  const lines: string[] = []
  try {
    for (const row of database.prepare(`PRAGMA ${pragma}(${FINDINGS})`).iterate()) {
      lines.push(...String(row[pragma]).split('\n'))
    }
  } catch (error) {
    // It looks at pages first, and stumbles over them when it comes to rows.
    if (!isDamaged(error) || lines.length === 0) throw error
  }
  return lines
    .filter((line) => line !== 'ok' && line !== '' && !line.startsWith('***'))
    .map((line) => faultIn(line, owners))
}

/** One line of the check. Those about pages begin `Tree 5 page 12 ...`, or `Page 12: ...`. */
function faultIn(line: string, owners: ReadonlyMap<number, string>): PageFault {
  const words = line.split(/[ :]/, 4)
  const isTree = words[0] === 'Tree' && words[2] === 'page'
  const page = Number(isTree ? words[3] : words[0] === 'Page' ? words[1] : undefined)
  return {
    page: Number.isSafeInteger(page) ? page : undefined,
    of: isTree ? owners.get(Number(words[1])) : undefined,
    text: line,
  }
}

/** Tables and indexes by their root pages. */
function ownersOf(database: DatabaseSync): ReadonlyMap<number, string> {
  const rows = database.prepare('SELECT type, name, tbl_name, rootpage FROM sqlite_schema WHERE rootpage > 0').all()
  return new Map(
    rows.map((row) => {
      const [type, name, table] = [text(row, 'type'), text(row, 'name'), text(row, 'tbl_name')]
      return [integer(row, 'rootpage'), type === 'table' ? `table ${name}` : `index ${name} of ${table}`]
    }),
  )
}

/** Findings in a few words, for a sentence: `page 12 of table entry, page 40 of index entry_due of entry`. */
export function describePages(faults: readonly PageFault[]): string | undefined {
  const named = faults.flatMap(({ page, of }) =>
    page === undefined ? [] : [of === undefined ? `page ${page}` : `page ${page} of ${of}`],
  )
  const unique = [...new Set(named)]
  if (unique.length === 0) return undefined
  const [few, more] = [unique.slice(0, 5), unique.length - 5]
  return more > 0 ? `${few.join(', ')}, and ${more} more` : few.join(', ')
}
