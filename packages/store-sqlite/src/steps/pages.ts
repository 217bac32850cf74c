/**
 * Pages over the entries of one database, for control.
 *
 * A filter that gives state or group is answered from the indexes that leases use: only such entries are read. Without,
 * pages walk by arrival; where a page of the table cannot be read they go on by the indexes, around what is damaged.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type ControlAction, type EntryFilter, matchesFilter } from '@postroad/queue'
import { isDamaged } from '../faults.ts'
import type { PageOfEntries } from '../protocol.ts'
import { integer, type Row, text } from '../row.ts'
import { isBehind, placeOf } from './due-rows.ts'
import { filteredViewOf, type ViewedRow } from './views.ts'

/** Most lanes that are looked into for one page, so that it ends soon although few of them hold what is wanted. */
const LANES = 1_000
const FIRST = -Number.MAX_SAFE_INTEGER
const LAST = Number.MAX_SAFE_INTEGER

/** One page. */
export interface PageOfRows {
  readonly rows: readonly ViewedRow[]
  readonly cursor: string | undefined
}

/** One stretch of an index. */
interface Stretch {
  readonly over: 'queued' | 'leased' | 'held'
  /** Only of this group, by serial; `undefined`: of all. */
  readonly group?: number | undefined
  /** All groups but this. */
  readonly except?: number | undefined
  readonly due?: 'ready' | 'waiting' | undefined
}

/** Where a page ended: in which stretch, behind which entry; numbers as its index has them. */
interface Place {
  readonly stretch: number
  readonly after: readonly number[]
}

/** What one look into a stretch gave. */
interface Found {
  readonly serials: readonly number[]
  /** Where to go on; `undefined`: the stretch has ended. */
  readonly after: readonly number[] | undefined
}

/** How pages go around damage. */
export interface AroundDamage {
  /** Whether an entry is known not to be readable. */
  readonly isPassedOver: (serial: number) => boolean
  /** Told of an entry that cannot be read, or that they cannot be walked by arrival; may throw on, to try all again. */
  readonly onDamage: (serial: number | undefined, error: unknown) => void
}

/** Pages over entries. */
export class Pages {
  readonly #byId: StatementSync
  readonly #bySerial: StatementSync
  readonly #after: StatementSync
  readonly #groupOf: StatementSync
  readonly #serialOf: StatementSync
  readonly #nextLane: StatementSync
  readonly #nextLaneOf: StatementSync
  readonly #lane: StatementSync
  readonly #taken: StatementSync
  readonly #leased: StatementSync
  readonly #leasedOf: StatementSync
  readonly #held: StatementSync
  readonly #heldOf: StatementSync
  readonly #around: AroundDamage
  #walkIsBroken = false
  #hasJustBroken = false

  constructor(database: DatabaseSync, around: AroundDamage) {
    this.#around = around
    const prepare = (sql: string): StatementSync => database.prepare(sql)
    this.#byId = prepare('SELECT * FROM entry WHERE id = ?')
    this.#bySerial = prepare('SELECT * FROM entry WHERE serial = ?')
    this.#after = prepare('SELECT * FROM entry WHERE serial > ? ORDER BY serial LIMIT ?')
    this.#groupOf = prepare('SELECT id FROM grp WHERE serial = ?')
    this.#serialOf = prepare('SELECT serial FROM grp WHERE id = ?')
    // A lane is looked through in two: what is due whatever the clock says, and what waits for it.
    const queued = 'SELECT grp, priority, later FROM due WHERE'
    this.#nextLane = prepare(`${queued} (grp, priority, later) > (?, ?, ?) ORDER BY grp, priority, later LIMIT 1`)
    this.#nextLaneOf = prepare(`${queued} grp = ? AND (priority, later) > (?, ?) ORDER BY priority, later LIMIT 1`)
    this.#lane = prepare(
      `SELECT not_before, serial FROM due WHERE grp = ? AND priority = ? AND later = ?
       AND (not_before, serial) > (?, ?) AND not_before <= ? ORDER BY not_before, serial LIMIT ?`,
    )
    this.#taken = prepare('SELECT not_before, serial FROM taken WHERE grp = ? AND priority = ? AND later = ?')
    const leased = 'SELECT lease_until, grp, serial FROM entry INDEXED BY entry_leased WHERE state = 1'
    this.#leased = prepare(
      `${leased} AND (lease_until, grp, serial) > (?, ?, ?) ORDER BY lease_until, grp, serial LIMIT ?`,
    )
    this.#leasedOf = prepare(
      `${leased} AND (lease_until, grp, serial) > (?, ?, ?) AND +grp = ? ORDER BY lease_until, grp, serial LIMIT ?`,
    )
    const held = 'SELECT grp, serial FROM entry INDEXED BY entry_held WHERE state = 2'
    this.#held = prepare(`${held} AND (grp, serial) > (?, ?) ORDER BY grp, serial LIMIT ?`)
    this.#heldOf = prepare(`${held} AND grp = ? AND serial > ? ORDER BY serial LIMIT ?`)
  }

  /**
   * The entries of a page that match.
   *
   * @param action What will be done to them: then the order is one in which none comes again in the state it is given.
   */
  page(request: PageOfEntries, now: number, action?: ControlAction): PageOfRows {
    const { filter } = request
    const { rows, cursor } = this.#examine(request, now, action)
    const groups = new Map<number, string>()
    const viewed = rows.map((row) => ({ row, group: this.#groupId(groups, integer(row, 'grp')) }))
    return { rows: viewed.filter((one) => matchesFilter(filteredViewOf(one, now), filter)), cursor }
  }

  /** To be called after a transaction that met damage: whether the next page goes another way. */
  blame(): boolean {
    const hasJustBroken = this.#hasJustBroken
    this.#hasJustBroken = false
    return hasJustBroken
  }

  #examine(request: PageOfEntries, now: number, action: ControlAction | undefined): RowsAndCursor {
    const { filter, cursor = '', limit } = request
    if (filter.ids !== undefined) return this.#lookUp(filter.ids, cursor, limit)
    const [kind = '', floor = '', ...place] = cursor.split(',')
    const isBroken = kind === 'd'
    if (filter.state === undefined && filter.group === undefined && !isBroken) {
      const arrival = numberOf(floor)
      if (this.#walkIsBroken) return this.#follow(ALL, arrival, [], limit, now)
      try {
        return this.#walk(arrival, limit)
      } catch (error) {
        if (!isDamaged(error)) throw error
        this.#walkIsBroken = true
        this.#hasJustBroken = true
        this.#around.onDamage(undefined, error)
        return this.#follow(ALL, arrival, [], limit, now)
      }
    }
    const stretches = isBroken ? ALL : this.#stretches(filter, action)
    return this.#follow(stretches, isBroken ? numberOf(floor) : undefined, place.map(numberOf), limit, now)
  }

  #lookUp(ids: readonly string[], cursor: string, limit: number): RowsAndCursor {
    const from = numberOf(cursor)
    const unique = [...new Set(ids)]
    const rows: Row[] = []
    for (const id of unique.slice(from, from + limit)) {
      const row = this.#byId.get(id)
      if (row !== undefined) rows.push(row)
    }
    return { rows, cursor: from + limit < unique.length ? String(from + limit) : undefined }
  }

  /** By arrival. */
  #walk(after: number, limit: number): RowsAndCursor {
    const rows = this.#after.all(after, limit + 1)
    if (rows.length <= limit) return { rows, cursor: undefined }
    rows.pop()
    return { rows, cursor: `a,${integer(rows.at(-1) ?? {}, 'serial')}` }
  }

  /** Along stretches of indexes, from a place on; with `floor` only what arrived after that. */
  #follow(
    stretches: readonly Stretch[],
    floor: number | undefined,
    from: readonly number[],
    limit: number,
    now: number,
  ): RowsAndCursor {
    const [first = 0, ...after] = from
    let place: Place = { stretch: first, after: after }
    const rows: Row[] = []
    let examined = 0
    for (let looks = 0; looks < LANES && examined < limit; looks += 1) {
      const stretch = stretches[place.stretch]
      if (stretch === undefined) return { rows, cursor: undefined }
      const found = this.#look(stretch, place.after, limit - examined, now)
      examined += found.serials.length
      for (const serial of found.serials) {
        const row = floor !== undefined && serial <= floor ? undefined : this.#read(serial)
        if (row !== undefined) rows.push(row)
      }
      place = found.after === undefined ? { stretch: place.stretch + 1, after: [] } : { ...place, after: found.after }
    }
    const numbers = [place.stretch, ...place.after].join(',')
    return { rows, cursor: floor === undefined ? `s,,${numbers}` : `d,${floor},${numbers}` }
  }

  #look(stretch: Stretch, after: readonly number[], limit: number, now: number): Found {
    const { over, group, except } = stretch
    const [first = FIRST, second = FIRST, third = FIRST] = after
    if (over === 'queued') return this.#lookIntoLane(stretch, after, limit, now)
    if (over === 'leased') {
      const place = [first, second, third]
      const rows = group === undefined ? this.#leased.all(...place, limit) : this.#leasedOf.all(...place, group, limit)
      return foundIn(rows, limit, ['lease_until', 'grp', 'serial'])
    }
    if (group !== undefined) return foundIn(this.#heldOf.all(group, first, limit), limit, ['serial'])
    // Of a group that is passed over, one look comes behind all it has.
    const rows = this.#held.all(first, first === except ? LAST : second, limit)
    const { after: next } = foundIn(rows, limit, ['grp', 'serial'])
    return { serials: serialsOf(rows.filter((row) => row['grp'] !== except)), after: next }
  }

  #lookIntoLane({ group, except, due }: Stretch, after: readonly number[], limit: number, now: number): Found {
    let [grp = FIRST, priority = FIRST, later = FIRST, notBefore = FIRST, serial = FIRST] = after
    if (after.length === 0) {
      const lane =
        group === undefined ? this.#nextLane.get(FIRST, FIRST, FIRST) : this.#nextLaneOf.get(group, FIRST, FIRST)
      if (lane === undefined) return { serials: [], after: undefined }
      grp = integer(lane, 'grp')
      priority = integer(lane, 'priority')
      later = integer(lane, 'later')
    }
    const waits = later === 1
    if (waits && due === 'waiting' && notBefore <= now) [notBefore, serial] = [now, LAST]
    const taken = this.#taken.get(grp, priority, later)
    if (taken !== undefined && isBehind(placeOf(taken), { notBefore, serial })) ({ notBefore, serial } = placeOf(taken))
    const isPassed = grp === except || (!waits && due === 'waiting')
    const until = waits && due === 'ready' ? now : LAST
    const rows = isPassed ? [] : this.#lane.all(grp, priority, later, notBefore, serial, until, limit)
    const serials = serialsOf(rows)
    const last = rows.at(-1)
    if (last !== undefined && rows.length === limit) {
      return { serials, after: [grp, priority, later, integer(last, 'not_before'), integer(last, 'serial')] }
    }
    const next =
      group === undefined
        ? this.#nextLane.get(grp, grp === except ? LAST : priority, later)
        : this.#nextLaneOf.get(group, priority, later)
    return { serials, after: next && ['grp', 'priority', 'later'].map((column) => integer(next, column)) }
  }

  /** What a filter by state or group means, in the order in which an action changes nothing that is still to come. */
  #stretches({ state, group }: EntryFilter, action: ControlAction | undefined): readonly Stretch[] {
    const queued = state === 'ready' || state === 'waiting' ? state : undefined
    if (group !== undefined) {
      const serial = this.#serial(group)
      if (state !== undefined)
        return [{ over: queued === undefined ? overOf(state) : 'queued', group: serial, due: queued }]
      const [first, last] = action?.kind === 'hold' ? (['held', 'queued'] as const) : (['queued', 'held'] as const)
      return [
        { over: first, group: serial },
        { over: 'leased', group: serial },
        { over: last, group: serial },
      ]
    }
    const over = queued === undefined ? overOf(state) : 'queued'
    if (action?.kind !== 'reroute' || over === 'leased') return [{ over, due: queued }]
    // What moves comes into the group that was walked first.
    const target = this.#serial(action.group)
    return [
      { over, due: queued, group: target },
      { over, due: queued, except: target },
    ]
  }

  /** A row; `undefined` where it is gone, or cannot be read. */
  #read(serial: number): Row | undefined {
    if (this.#around.isPassedOver(serial)) return undefined
    try {
      return this.#bySerial.get(serial)
    } catch (error) {
      if (!isDamaged(error)) throw error
      this.#around.onDamage(serial, error)
      return undefined
    }
  }

  /** Of a group that is not there: of none. */
  #serial(id: string): number {
    const row = this.#serialOf.get(id)
    return row === undefined ? -1 : integer(row, 'serial')
  }

  #groupId(known: Map<number, string>, serial: number): string {
    const id = known.get(serial) ?? text(this.#groupOf.get(serial) ?? {}, 'id')
    known.set(serial, id)
    return id
  }
}

const ALL: readonly Stretch[] = [{ over: 'queued' }, { over: 'leased' }, { over: 'held' }]

interface RowsAndCursor {
  readonly rows: readonly Row[]
  readonly cursor: string | undefined
}

function overOf(state: EntryFilter['state']): Stretch['over'] {
  return state === 'held' || state === 'leased' ? state : 'queued'
}

function foundIn(rows: readonly Row[], limit: number, columns: readonly string[]): Found {
  const last = rows.at(-1)
  return {
    serials: serialsOf(rows),
    after: last === undefined || rows.length < limit ? undefined : columns.map((column) => integer(last, column)),
  }
}

function serialsOf(rows: readonly Row[]): readonly number[] {
  return rows.map((row) => integer(row, 'serial'))
}

/** Of a cursor; what is none of ours begins anew. */
function numberOf(text: string): number {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : 0
}
