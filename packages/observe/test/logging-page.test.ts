import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** The events of the page's first table, as it writes them. */
function events(page: string): string[] {
  const rows = page
    .split('| field | meaning |')[0]!
    .split('\n')
    .filter((line) => line.startsWith('| `'))
  return rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`([\w.]+)`/g)].map((match) => match[1]!))
}

/** The names under `type:` in the types of what a package reports. */
function reported(path: string): string[] {
  return [...read(path).matchAll(/\btype: ('[\w.-]+'(?: \| '[\w.-]+')*)/g)].flatMap((match) =>
    [...match[1]!.matchAll(/'([\w.-]+)'/g)].map((name) => name[1]!),
  )
}

/** What is written out in the sources: `event: 'a.b'`. */
function literal(folder: string): string[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  )
  return files.flatMap((name) =>
    [...read(join(folder, name)).matchAll(/\bevent: '([\w.]+)'/g)].map((match) => match[1]!),
  )
}

it('the page of the log lists the events that are written, and no other', () => {
  const plain = [
    'intake/src/observer.ts',
    'relay/src/observer.ts',
    'mda/src/observer.ts',
    'store-redis/src/observer.ts',
  ]
  const written = new Set([
    ...['packages/observe/src', 'packages/assembly/src'].flatMap(literal),
    ...readdirSync(join(root, 'apps')).flatMap((name) => literal(`apps/${name}/src`)),
    // The relay's fault has a literal name of its own.
    ...plain.flatMap((path) => reported(`packages/${path}`)).filter((name) => name !== 'fault'),
    ...reported('packages/directory-file/src/file-directory.ts').filter((name) => name.startsWith('directory.')),
    ...reported('packages/smtp-server/src/observer.ts').map((name) => `smtp.${name}`),
    ...reported('packages/smtp-client/src/observer.ts')
      // The relay has a line for each recipient.
      .filter((name) => name !== 'transaction-ended')
      .map((name) => `client.${name.replace('-', '.')}`),
  ])
  expect(events(read('docs/logging.md')).toSorted()).toEqual([...written].toSorted())
})
