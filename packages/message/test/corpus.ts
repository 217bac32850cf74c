/** Finds the corpus of other projects' test data; absent on most machines. */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Folder of the corpus: `POSTROAD_CORPUS`, else `shared/corpus` beside the repository; `undefined` where there is none. */
export function findCorpus(): string | undefined {
  const beside = fileURLToPath(new URL('../../../../shared/corpus', import.meta.url))
  const folder = process.env['POSTROAD_CORPUS'] ?? beside
  return existsSync(folder) ? folder : undefined
}

/** Every file below a folder whose name ends so, in order. */
export function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(folder)
    .toSorted()
    .flatMap((name) => {
      const path = join(folder, name)
      if (statSync(path).isDirectory()) return filesBelow(path, ending)
      return name.endsWith(ending) ? [path] : []
    })
}

/** A file's bytes. */
export function readBytes(path: string): Uint8Array {
  return new Uint8Array(readFileSync(path))
}

/** The bytes with every line end CRLF, as on the wire. */
export function toCrlf(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1')
  return new Uint8Array(Buffer.from(text.replaceAll(/\r?\n/g, '\r\n'), 'latin1'))
}
