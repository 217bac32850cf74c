/** Content in the database: named by entries, or staged until it is. */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { NoContent } from '../faults.ts'
import type { NewContent } from '../protocol.ts'
import { integer } from '../row.ts'

/** The contents of one database. */
export class Contents {
  readonly #select: StatementSync
  readonly #insert: StatementSync
  readonly #name: StatementSync
  readonly #nameFirst: StatementSync
  readonly #release: StatementSync
  readonly #delete: StatementSync
  readonly #deletePieces: StatementSync
  readonly #insertPiece: StatementSync
  readonly #prolong: StatementSync

  constructor(database: DatabaseSync) {
    const prepare = (sql: string): StatementSync => database.prepare(sql)
    this.#select = prepare('SELECT serial, names, chunked, expires_at FROM content WHERE id = ?')
    this.#insert = prepare(
      'INSERT INTO content (id, names, chunked, expires_at, size, front) VALUES (?, ?, ?, ?, ?, ?) RETURNING serial',
    )
    this.#name = prepare('UPDATE content SET names = names + 1 WHERE id = ?')
    this.#nameFirst = prepare('UPDATE content SET names = 1, expires_at = NULL, size = ?, front = ? WHERE id = ?')
    this.#release = prepare('UPDATE content SET names = names - 1 WHERE id = ?')
    this.#delete = prepare('DELETE FROM content WHERE serial = ?')
    this.#deletePieces = prepare('DELETE FROM piece WHERE content = ?')
    this.#insertPiece = prepare('INSERT INTO piece (content, start, bytes) VALUES (?, ?, ?)')
    this.#prolong = prepare('UPDATE content SET expires_at = ? WHERE serial = ?')
  }

  /**
   * Sees to it that the content can be named.
   *
   * @throws {NoContent} Where it is not there and does not come along.
   */
  require({ id, sealed }: NewContent): void {
    const row = this.#select.get(id)
    const isThere = row === undefined ? sealed?.isChunked === false : integer(row, 'names') > 0 || sealed !== undefined
    if (!isThere) throw new NoContent(id)
  }

  /** One more entry names the content; what comes along is written. */
  name({ id, sealed }: NewContent): void {
    const row = this.#select.get(id)
    if (row !== undefined && integer(row, 'names') > 0) this.#name.run(id)
    else if (sealed === undefined) throw new NoContent(id)
    else if (row === undefined) this.#insert.get(id, 1, 0, null, sealed.sizeBytes, sealed.front)
    else this.#nameFirst.run(sealed.sizeBytes, sealed.front, id)
  }

  /** One entry that named the content is gone; it goes with the last. */
  release(id: string): void {
    const row = this.#select.get(id)
    if (row === undefined) return
    if (integer(row, 'names') > 1) this.#release.run(id)
    else this.#remove(integer(row, 'serial'), integer(row, 'chunked') === 1)
  }

  /** Keeps a piece of content that is not named yet. */
  stage(id: string, start: number, bytes: Uint8Array, expiresAt: number): void {
    const row = this.#select.get(id)
    if (row === undefined && start > 0) throw new NoContent(id)
    const serial = integer(row ?? this.#insert.get(id, 0, 1, expiresAt, 0, new Uint8Array()) ?? {}, 'serial')
    this.#insertPiece.run(serial, start, bytes)
    this.#prolong.run(expiresAt, serial)
  }

  /** Removes content that no entry names; with `expiredBefore` only what expired before that. */
  unstage(id: string, expiredBefore: number | undefined): boolean {
    const row = this.#select.get(id)
    if (row === undefined || integer(row, 'names') > 0) return false
    if (expiredBefore !== undefined && integer(row, 'expires_at') >= expiredBefore) return false
    this.#remove(integer(row, 'serial'), true)
    return true
  }

  #remove(serial: number, isChunked: boolean): void {
    if (isChunked) this.#deletePieces.run(serial)
    this.#delete.run(serial)
  }
}
