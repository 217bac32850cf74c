/**
 * Reads the text of a directory file.
 *
 *     postmaster = "ada"                      # an account; may be left out
 *
 *     [[users]]
 *     name = "ada"
 *     passwords = ["$scrypt$ln=15,r=8,p=3$…$…"] # any one opens; none: nobody can log in
 *     mailboxes = ["ada@example.org"]
 *     send-as = ["*@example.net"]             # may be left out
 *
 *     [domains]
 *     local = ["example.org"]
 *     relay = ["example.net"]                 # may be left out
 *
 *     [aliases]                               # may be left out
 *     "info@example.org" = ["ada@example.org", "grace@example.net"]
 *
 *     [catch-all]                             # may be left out
 *     "example.org" = "ada"
 */

import { createAddressBook, type AccountEntry, type AddressBook, type AddressBookEntries } from '@postroad/directory'
import { parse, TomlError } from 'smol-toml'
import { parseVerifier, type Verifier } from './password.ts'
import type { DirectoryFileProblem } from './problem.ts'

/** Most verifiers of one user: each costs a derivation at a wrong password. */
const MAX_PASSWORDS = 8

/** What the file says. */
export interface DirectoryFileContents {
  readonly book: AddressBook
  /** By account, in the order of the file; an account without any cannot log in. */
  readonly verifiers: ReadonlyMap<string, readonly Verifier[]>
  /** The verifiers of each account that has any: what is derived in place of those that do not exist. */
  readonly decoys: readonly (readonly Verifier[])[]
  readonly counts: { readonly users: number; readonly domains: number; readonly aliases: number }
}

/** Contents, or everything that is wrong with the text. */
export type DirectoryFileResult =
  | { readonly ok: true; readonly contents: DirectoryFileContents }
  | { readonly ok: false; readonly problems: readonly DirectoryFileProblem[] }

/** Reads the text. Never throws. */
export function readDirectoryFile(text: string): DirectoryFileResult {
  let root: unknown
  try {
    root = parse(text)
  } catch (error) {
    // The message of smol-toml quotes the line, which may hold a verifier: only the place is taken over.
    const place = error instanceof TomlError ? `line ${error.line}, column ${error.column}` : ''
    return { ok: false, problems: [{ place, message: 'This is not TOML.' }] }
  }

  const reader = createReader()
  const file = reader.table('', root, ['postmaster', 'users', 'domains', 'aliases', 'catch-all'])
  const domains = reader.table('domains', file['domains'] ?? {}, ['local', 'relay'])
  const users = reader.list('users', file['users'] ?? []).map((user, index) => reader.user(`users[${index}]`, user))
  const aliases = reader.record('aliases', file['aliases'] ?? {}, (place, value) => reader.texts(place, value))
  const entries: AddressBookEntries = {
    accounts: users.map(({ account }) => account),
    domains: {
      local: reader.texts('domains.local', domains['local'] ?? []),
      relay: reader.texts('domains.relay', domains['relay'] ?? []),
    },
    aliases,
    catchAll: reader.record('catch-all', file['catch-all'] ?? {}, (place, value) => reader.text(place, value)),
    ...(file['postmaster'] === undefined ? {} : { postmaster: reader.text('postmaster', file['postmaster']) }),
  }
  // What has the wrong shape is half read; only where all is text do contradictions mean something.
  if (reader.misshapen()) return { ok: false, problems: reader.problems }

  const result = createAddressBook(entries)
  const found = result.ok ? [] : result.problems.map(({ path, message }) => ({ place: placeOf(path), message }))
  const problems = [...reader.problems, ...found]
  if (!result.ok || problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    contents: {
      book: result.book,
      verifiers: new Map(users.map(({ account, verifiers }) => [account.name, verifiers])),
      decoys: users.map(({ verifiers }) => verifiers).filter((verifiers) => verifiers.length > 0),
      counts: {
        users: users.length,
        domains: entries.domains.local.length + (entries.domains.relay?.length ?? 0),
        aliases: Object.keys(aliases).length,
      },
    },
  }
}

interface UserEntry {
  readonly account: AccountEntry
  readonly verifiers: readonly Verifier[]
}

/** Reads values of the shapes that are expected, and remembers what is not. */
interface Reader {
  readonly problems: readonly DirectoryFileProblem[]
  /** Whether something had the wrong shape, so that values are missing. */
  misshapen(): boolean
  table(place: string, value: unknown, keys: readonly string[]): Readonly<Record<string, unknown>>
  list(place: string, value: unknown): readonly unknown[]
  text(place: string, value: unknown): string
  texts(place: string, value: unknown): readonly string[]
  record<Value>(place: string, value: unknown, read: (place: string, value: unknown) => Value): Record<string, Value>
  user(place: string, value: unknown): UserEntry
}

function createReader(): Reader {
  const problems: DirectoryFileProblem[] = []
  let isMisshapen = false
  const misshape = (place: string, expected: string): void => {
    isMisshapen = true
    problems.push({ place, message: `Expected ${expected}.` })
  }

  const reader: Reader = {
    problems,
    misshapen: () => isMisshapen,
    table(place, value, keys) {
      if (!isTable(value)) {
        misshape(place, 'a table')
        return {}
      }
      for (const key of Object.keys(value)) {
        if (keys.includes(key)) continue
        problems.push({ place: join(place, key), message: `This key is not known; known are ${keys.join(', ')}.` })
      }
      return value
    },
    list(place, value) {
      if (Array.isArray(value)) return value
      misshape(place, 'a list')
      return []
    },
    text(place, value) {
      if (typeof value === 'string') return value
      misshape(place, 'text')
      return ''
    },
    texts: (place, value) => reader.list(place, value).map((entry, index) => reader.text(`${place}[${index}]`, entry)),
    record(place, value, read) {
      if (!isTable(value)) {
        misshape(place, 'a table')
        return {}
      }
      return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, read(join(place, key), entry)]))
    },
    user(place, value) {
      const user = reader.table(place, value, ['name', 'passwords', 'mailboxes', 'send-as'])
      const passwords = reader.texts(`${place}.passwords`, user['passwords'] ?? [])
      if (passwords.length > MAX_PASSWORDS)
        problems.push({ place: `${place}.passwords`, message: `At most ${MAX_PASSWORDS} verifiers are possible.` })
      const verifiers = passwords.flatMap((text, index) => {
        const result = parseVerifier(text)
        if (result.ok) return [result.verifier]
        problems.push({ place: `${place}.passwords[${index}]`, message: result.message })
        return []
      })
      const account: AccountEntry = {
        name: reader.text(`${place}.name`, user['name']),
        mailboxes: reader.texts(`${place}.mailboxes`, user['mailboxes'] ?? []),
        sendAs: reader.texts(`${place}.send-as`, user['send-as'] ?? []),
      }
      return { account, verifiers }
    },
  }
  return reader
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

/** The names of the address book as those of the file. */
const FILE_KEYS: Readonly<Record<string, string>> = { accounts: 'users', sendAs: 'send-as', catchAll: 'catch-all' }

function placeOf(path: readonly (string | number)[]): string {
  return path.reduce<string>((place, part, index) => {
    if (typeof part === 'number') return `${place}[${part}]`
    // The second part of an alias or a catch-all is the operator's own key.
    const isOwn = index > 0 && (path[0] === 'aliases' || path[0] === 'catchAll')
    return join(place, isOwn ? part : (FILE_KEYS[part] ?? part))
  }, '')
}

function join(place: string, key: string): string {
  const text = /^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key)
  return place === '' ? text : `${place}.${text}`
}
