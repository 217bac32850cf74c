/** What lies in a store without entries, seen from outside of it: by SQL, by the folder's listing, by Redis commands. */

import { readdir } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { checkRedisStore } from '@postroad/store-redis'
import { checkSqliteStore } from '@postroad/store-sqlite'
import { askRedis, withRedis } from './redis-command.ts'
import { databaseIn, type Target } from './target.ts'

/** What was found. */
export interface Leftovers {
  /** Contents, pieces, chunks, files. */
  readonly orphans: number
  /** Broken invariants, as the store's own check names them. */
  readonly faults: readonly string[]
}

/** Looks. Nobody else may use the store. */
export async function findLeftovers(target: Target): Promise<Leftovers> {
  return target.kind === 'sqlite' ? inSqlite(target.folder) : inRedis(target)
}

async function inSqlite(folder: string): Promise<Leftovers> {
  const file = databaseIn(folder)
  const database = new DatabaseSync(file, { readOnly: true })
  let orphans = 0
  try {
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
    for (const name of ['content', 'piece', 'unlinking']) {
      if (!tables.some((table) => table['name'] === name)) continue
      orphans += Number(database.prepare(`SELECT count(*) AS rows FROM ${name}`).get()?.['rows'] ?? 0)
    }
  } finally {
    database.close()
  }
  const files = await readdir(`${file}.content`, { recursive: true, withFileTypes: true }).catch(() => [])
  orphans += files.filter((entry) => entry.isFile()).length
  return { orphans, faults: await findDamage({ kind: 'sqlite', folder }) }
}

/** What the store's own check finds damaged; of a store that may have entries. */
export async function findDamage(target: Target): Promise<readonly string[]> {
  const { findings } =
    target.kind === 'sqlite'
      ? await checkSqliteStore({ path: databaseIn(target.folder) })
      : await checkRedisStore({ url: target.url, prefix: target.prefix })
  const damage = findings.filter(({ severity }) => severity === 'damage')
  return damage.map(({ what, where }) => `the check of the store: ${what}, ${where}`)
}

async function inRedis(target: Extract<Target, { kind: 'redis' }>): Promise<Leftovers> {
  const { url, prefix } = target
  const orphans = await withRedis(url, async (connection) => {
    let count = 0
    let cursor = '0'
    do {
      const reply = await askRedis(connection, 'SCAN', cursor, 'MATCH', `{${prefix}:*}:content:*`, 'COUNT', '1000')
      if (!Array.isArray(reply)) throw new Error('SCAN gave no list')
      cursor = String(reply[0])
      // What has a time to live goes by itself: staged by somebody who was killed before the script that names it.
      const keys: readonly unknown[] = Array.isArray(reply[1]) ? reply[1] : []
      for (const key of keys) if (Number(await askRedis(connection, 'PTTL', String(key))) === -1) count += 1
    } while (cursor !== '0')
    return count
  })
  return { orphans, faults: await findDamage(target) }
}
