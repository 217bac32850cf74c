/** What must be true of the tables together, each as a question that gives the rows of which it is not. */

import type { DatabaseSync } from 'node:sqlite'
import { faultOf } from '../faults.ts'
import type { Finding } from '../protocol.ts'
import type { Row } from '../row.ts'
import { NOT_TAKEN } from './due-rows.ts'
import { FREE_NONCE } from './entries.ts'

/** Findings of one kind that are told one by one. */
export const TOLD = 100

/** One invariant. */
interface Invariant {
  /** What is looked at, for the sentence where it cannot be. */
  readonly about: string
  /** May have one parameter `$now`. */
  readonly sql: string
  /** Told the columns of a row as text; empty for NULL. */
  readonly find: (of: (column: string) => string) => Finding
}

const RECOUNT = 'open the store with an older copy, or drop these entries and enqueue them again'

const INVARIANTS: readonly Invariant[] = [
  {
    about: 'the counters of groups',
    sql: `SELECT g.id AS id, e.grp AS grp, g.entries AS entries, g.leased AS leased, g.held AS held, e.n AS n, e.l AS l, e.h AS h
      FROM (SELECT grp, count(*) AS n, sum(state = 1) AS l, sum(state = 2) AS h FROM entry GROUP BY grp) e
      FULL JOIN grp g ON g.serial = e.grp
      WHERE g.serial IS NULL OR g.entries <> coalesce(e.n, 0) OR g.leased <> coalesce(e.l, 0) OR g.held <> coalesce(e.h, 0)`,
    find: (of) =>
      damage(
        of('id') === ''
          ? `${of('n')} entries of a group that is not there`
          : `counts ${of('entries')} entries, ${of('leased')} leased, ${of('held')} held; there are ${of('n') || 0}, ${of('l') || 0}, ${of('h') || 0}`,
        `group ${of('id') || of('grp')}`,
        RECOUNT,
      ),
  },
  {
    about: 'groups that are closed',
    sql: `SELECT id FROM grp WHERE open = 0 AND entries > held AND leased = 0 AND paused_until <= $now
      AND opens_at IS NULL AND coalesce(concurrency, 1) > 0`,
    find: (of) => damage('is closed, and nothing will open it', `group ${of('id')}`, 'resume the group'),
  },
  {
    about: 'the lanes of groups',
    sql: `SELECT g.id AS id, g.open AS open, coalesce(l.priority, e.priority) AS priority, l.state AS state, e.grp AS grp
      FROM (SELECT grp, priority, min(CASE later WHEN 0 THEN 0 ELSE not_before END) AS first FROM due
      WHERE ${NOT_TAKEN} GROUP BY grp, priority) e FULL JOIN lane l ON l.grp = e.grp AND l.priority = e.priority
      LEFT JOIN grp g ON g.serial = coalesce(l.grp, e.grp)
      WHERE l.grp IS NULL OR e.grp IS NULL OR l.state = 3 OR (l.state = 0 AND l.due_at > e.first) OR (l.state = 2 AND g.open = 1)`,
    find: (of) => {
      const where = `group ${of('id')}, priority ${of('priority')}`
      if (of('grp') === '')
        return leftover('a lane without entries', where, 'nothing: it goes when it is next looked at')
      if (of('state') === '3')
        return damage('entries are passed over, for they cannot be read', where, 'open the store with an older copy')
      return damage('entries that are due are not leased', where, 'enqueue another entry into the group')
    },
  },
  {
    about: 'entries that are queued',
    sql: `SELECT id FROM entry WHERE state = 0 AND NOT EXISTS (SELECT 1 FROM due WHERE due.grp = entry.grp AND
      due.priority = entry.priority AND due.later = entry.later AND due.not_before = entry.not_before AND
      due.serial = entry.serial AND ${NOT_TAKEN})`,
    find: (of) => damage('is queued, and in no lane', `entry ${of('id')}`, 'have it retried, or hold and release it'),
  },
  {
    about: 'places in lanes',
    sql: `SELECT due.serial AS serial, grp.id AS id FROM due LEFT JOIN grp ON grp.serial = due.grp
      LEFT JOIN entry ON entry.serial = due.serial WHERE ${NOT_TAKEN} AND (entry.serial IS NULL OR (entry.state, entry.grp,
      entry.priority, entry.later, entry.not_before) IS NOT (0, due.grp, due.priority, due.later, due.not_before))`,
    find: (of) =>
      damage(
        `a place of entry ${of('serial')}, which is not queued there`,
        `group ${of('id')}`,
        'open the store with an older copy',
      ),
  },
  {
    about: 'places in lanes that were taken',
    sql: `SELECT coalesce(g.id, t.grp) AS id, g.taken AS taken, t.n AS n FROM
      (SELECT grp, count(*) AS n FROM due WHERE NOT ${NOT_TAKEN} GROUP BY grp) t FULL JOIN grp g ON g.serial = t.grp
      WHERE coalesce(g.taken, 0) <> coalesce(t.n, 0)`,
    find: (of) =>
      leftover(
        `counts ${of('taken') || 0} places that were taken; there are ${of('n') || 0}`,
        `group ${of('id')}`,
        'nothing: they take room, and go in time',
      ),
  },
  {
    about: 'leased and held entries',
    sql: `SELECT id, state FROM entry WHERE state NOT IN (0, 1, 2) OR (state = 1 AND (nonce IS NULL OR nonce = '${FREE_NONCE}' OR lease_until IS NULL))
      OR (state = 2 AND held_for IS NULL)`,
    find: (of) =>
      damage(
        of('state') === '1'
          ? 'is leased, and nobody can settle it'
          : of('state') === '2'
            ? 'is held for no reason'
            : 'is in no known state',
        `entry ${of('id')}`,
        of('state') === '2' ? 'release it' : 'open the store with an older copy',
      ),
  },
  {
    about: 'entries that were settled',
    sql: 'SELECT entry.id AS id FROM settled JOIN entry ON entry.id = settled.id WHERE settled.until > $now',
    find: (of) => damage('was settled and is there', `entry ${of('id')}`, 'hold it, and see whether it was delivered'),
  },
  {
    about: 'the names of contents',
    sql: `SELECT coalesce(c.id, e.content) AS id, c.names AS names, e.n AS n FROM
      (SELECT content, count(*) AS n FROM entry WHERE content IS NOT NULL GROUP BY content) e
      FULL JOIN content c ON c.id = e.content WHERE c.serial IS NULL OR c.names <> coalesce(e.n, 0)`,
    find: (of) => {
      const where = `content ${of('id')}`
      if (of('names') === '') return damage(`is not there, and ${of('n')} entries name it`, where, 'drop these entries')
      const text = `counts ${of('names')} entries that name it; there are ${of('n') || 0}`
      return Number(of('names')) > Number(of('n'))
        ? leftover(text, where, 'nothing: it takes room, and stays')
        : damage(text, where, RECOUNT)
    },
  },
  {
    about: 'contents that nothing names',
    sql: 'SELECT id FROM content WHERE names = 0 AND (expires_at IS NULL OR expires_at < $now)',
    find: (of) => leftover('was never named', `content ${of('id')}`, 'sweep the spool'),
  },
  {
    about: 'the sizes of contents',
    sql: `SELECT id, size, kept FROM (SELECT id, size, chunked, length(front) + coalesce(
      (SELECT sum(length(bytes)) FROM piece WHERE piece.content = content.serial), 0) AS kept FROM content WHERE names > 0)
      WHERE chunked <> 2 AND size <> kept`,
    find: (of) =>
      damage(
        `is ${of('kept')} bytes long; it was ${of('size')}`,
        `content ${of('id')}`,
        'open the store with an older copy',
      ),
  },
  {
    about: 'pieces of contents',
    sql: `SELECT content, count(*) AS n FROM piece WHERE NOT EXISTS (SELECT 1 FROM content WHERE content.serial = piece.content)
      GROUP BY content`,
    find: (of) =>
      leftover(
        `${of('n')} pieces of content that is gone`,
        `table piece, content ${of('content')}`,
        'nothing: they take room, and stay',
      ),
  },
  {
    about: 'files to be removed',
    sql: 'SELECT content.id AS id FROM unlinking JOIN content ON content.id = unlinking.id',
    find: (of) =>
      damage('is to be removed, and is named', `content ${of('id')}`, 'end the store, and copy its file at once'),
  },
]

/** Asks about every invariant. What cannot be read is a finding too. */
export function invariants(database: DatabaseSync, now: number): readonly Finding[] {
  return INVARIANTS.flatMap(({ about, sql, find }) => {
    try {
      const statement = database.prepare(sql)
      const rows = sql.includes('$now') ? statement.iterate({ $now: now }) : statement.iterate()
      const findings: Finding[] = []
      let more = 0
      for (const row of rows) {
        if (findings.length < TOLD) findings.push(find((column) => columnText(row, column)))
        else more += 1
      }
      const last = findings.at(-1)
      if (more > 0 && last !== undefined) findings.push({ ...last, what: `and ${more} more`, where: about })
      return findings
    } catch (error) {
      const { sentence, cause } = faultOf(error)
      return [damage(`cannot be looked at: ${sentence} (${cause})`, about, 'see what is said of pages')]
    }
  })
}

function damage(what: string, where: string, advice: string): Finding {
  return { severity: 'damage', what, where, advice }
}

function leftover(what: string, where: string, advice: string): Finding {
  return { severity: 'leftover', what, where, advice }
}

function columnText(row: Row, column: string): string {
  const value = row[column]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
