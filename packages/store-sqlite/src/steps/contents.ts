/**
 * Content in the database: named by entries, or gone.
 *
 * Small content is a row. Large content is a row and a file, which was durable before the row was written. When the last
 * entry that names it goes, the row goes in the same transaction, and the file's id is kept in `unlinking` until a commit
 * behind that is durable and the file is removed. What stands there cannot be named any more; what the sweep finds is put
 * there too before it is removed. So whoever comes first, naming or removing, the other sees it in its transaction.
 *
 * Content in pieces was written by version 1 of the database alone: it is read and removed.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { NoContent } from '../faults.ts'
import type { NewContent } from '../protocol.ts'
import { integer, type Row, text } from '../row.ts'

/** Where content lies: column `chunked`. */
export const IN_ROW = 0
export const IN_PIECES = 1
export const IN_FILE = 2

/** Most files that are taken on at once. */
export const FILES_AT_ONCE = 500

/** The contents of one database. */
export class Contents {
  readonly #fileIsThere: (id: string) => boolean
  readonly #select: StatementSync
  readonly #insert: StatementSync
  readonly #name: StatementSync
  readonly #release: StatementSync
  readonly #delete: StatementSync
  readonly #deleteLast: StatementSync
  readonly #deletePieces: StatementSync
  readonly #isUnlinking: StatementSync
  readonly #unlink: StatementSync
  readonly #unlinkable: StatementSync
  readonly #unlinked: StatementSync
  #filesWait: boolean

  /** @param fileIsThere Looks into the folder of content files. */
  constructor(database: DatabaseSync, fileIsThere: (id: string) => boolean) {
    this.#fileIsThere = fileIsThere
    const prepare = (sql: string): StatementSync => database.prepare(sql)
    this.#select = prepare('SELECT serial, names, chunked, expires_at FROM content WHERE id = ?')
    this.#insert = prepare(
      `INSERT INTO content (id, names, chunked, expires_at, size, front) VALUES (?, 1, ?, NULL, ?, coalesce(?, x''))
       ON CONFLICT (id) DO UPDATE SET names = names + 1 WHERE names > 0`,
    )
    this.#name = prepare('UPDATE content SET names = names + 1 WHERE id = ? AND names > 0')
    this.#release = prepare('UPDATE content SET names = names - 1 WHERE id = ?')
    this.#delete = prepare('DELETE FROM content WHERE serial = ?')
    // What most content is: small, and named by one entry.
    this.#deleteLast = prepare(`DELETE FROM content WHERE id = ? AND names <= 1 AND chunked = ${IN_ROW}`)
    this.#deletePieces = prepare('DELETE FROM piece WHERE content = ?')
    this.#isUnlinking = prepare('SELECT 1 FROM unlinking WHERE id = ?')
    this.#unlink = prepare('INSERT OR IGNORE INTO unlinking (id, asked) VALUES (?, 0)')
    this.#unlinkable = prepare(
      `UPDATE unlinking SET asked = asked + 1 WHERE serial IN
       (SELECT serial FROM unlinking WHERE serial > ? ORDER BY serial LIMIT ${FILES_AT_ONCE}) RETURNING serial, id`,
    )
    this.#unlinked = prepare('DELETE FROM unlinking WHERE id = ?')
    this.#filesWait = prepare('SELECT 1 FROM unlinking LIMIT 1').get() !== undefined
  }

  /** Whether files may wait to be removed, of this process or of one before. */
  get filesWait(): boolean {
    return this.#filesWait
  }

  /**
   * Sees to it that the content can be named.
   *
   * @throws {NoContent} Where it is not there and does not come along.
   */
  require({ id, sealed }: NewContent): void {
    const row = this.#select.get(id)
    const isThere = row === undefined ? this.#comesAlong(id, sealed) : integer(row, 'names') > 0
    if (!isThere) throw new NoContent(id)
  }

  /** One more entry names the content, which comes along or was required before; what comes along is written. */
  name({ id, sealed }: NewContent): void {
    const { changes } =
      sealed === undefined
        ? this.#name.run(id)
        : this.#insert.run(id, sealed.isFile ? IN_FILE : IN_ROW, sealed.sizeBytes, sealed.front)
    // Not to be heard as missing, for the entry is there: all that was done with it is undone.
    if (changes === 0) throw new Error(`content ${id} cannot be named`)
  }

  /** One entry that named the content is gone; it goes with the last. */
  release(id: string): void {
    if (this.#deleteLast.run(id).changes > 0) return
    const row = this.#select.get(id)
    if (row === undefined) return
    if (integer(row, 'names') > 1) this.#release.run(id)
    else this.#remove(id, row)
  }

  /** Removes content of version 1 that no entry names; with `expiredBefore` only what expired before that. */
  unstage(id: string, expiredBefore: number | undefined): boolean {
    const row = this.#select.get(id)
    if (row === undefined || integer(row, 'names') > 0) return false
    if (expiredBefore !== undefined && integer(row, 'expires_at') >= expiredBefore) return false
    this.#remove(id, row)
    return true
  }

  /**
   * Sees to it that a file, wherever it lies, can never be named; `false` where it is named, or waits for its removal
   * already: that may have to wait for a durable commit.
   */
  orphan(id: string): boolean {
    if (this.#select.get(id) !== undefined) return false
    this.#filesWait = true
    return this.#unlink.run(id).changes > 0
  }

  /**
   * Files to be removed once this transaction is committed durably: all that can be seen here was committed before it, and
   * the row that is written makes sure that there is something to sync. `last` is where the next call goes on.
   */
  unlinkable(after: number): { readonly files: readonly string[]; readonly last: number | undefined } {
    const rows = this.#unlinkable.all(after)
    const isMore = rows.length >= FILES_AT_ONCE
    if (!isMore) this.#filesWait = false
    const last = isMore ? Math.max(...rows.map((row) => integer(row, 'serial'))) : undefined
    return { files: rows.map((row) => text(row, 'id')), last }
  }

  /** Files that were removed. */
  unlinked(files: readonly string[]): void {
    for (const id of files) this.#unlinked.run(id)
  }

  /** A file is looked for: a sweep of another process, whose clock ran ahead, may have taken it. */
  #comesAlong(id: string, sealed: NewContent['sealed']): boolean {
    if (sealed?.isFile !== true) return sealed !== undefined
    return this.#isUnlinking.get(id) === undefined && this.#fileIsThere(id)
  }

  #remove(id: string, row: Row): void {
    const serial = integer(row, 'serial')
    const place = integer(row, 'chunked')
    if (place === IN_PIECES) this.#deletePieces.run(serial)
    this.#delete.run(serial)
    if (place !== IN_FILE) return
    this.#unlink.run(id)
    this.#filesWait = true
  }
}
