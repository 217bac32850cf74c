import { scryptSync } from 'node:crypto'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mailboxOf } from '@postroad/address'
import { DirectoryUnavailableError } from '@postroad/directory'
import { describeDirectoryContract, type MemoryDirectoryOptions } from '@postroad/directory/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DirectoryFileError, openFileDirectory, type FileDirectory, type FileDirectoryEvent } from '../src/index.ts'

let folder: string
let files = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'directory-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function write(text: string, path = join(folder, `${(files += 1)}.toml`)): Promise<string> {
  await writeFile(path, text, { mode: 0o600 })
  return path
}

const open = async (text: string, observer?: (event: FileDirectoryEvent) => void): Promise<FileDirectory> =>
  openFileDirectory({ path: await write(text), ...(observer === undefined ? {} : { observer }) })

const encode = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')

/** A cheap verifier, for tests alone. */
function verifier(password: string): string {
  const salt = Buffer.from('0123456789abcdef')
  return `$scrypt$ln=4,r=8,p=1$${encode(salt)}$${encode(scryptSync(password, salt, 32, { N: 16, r: 8, p: 1 }))}`
}

const quote = (text: string): string => JSON.stringify(text)
const quoteAll = (texts: readonly string[]): string => `[${texts.map(quote).join(', ')}]`

function toToml({ accounts, domains, aliases = {}, catchAll = {}, postmaster }: MemoryDirectoryOptions): string {
  return [
    ...(postmaster === undefined ? [] : [`postmaster = ${quote(postmaster)}`]),
    ...accounts.map(
      ({ name, password, mailboxes, sendAs = [] }) =>
        `[[users]]\nname = ${quote(name)}\npasswords = ${quoteAll([verifier('another one'), verifier(password)])}\n` +
        `mailboxes = ${quoteAll(mailboxes)}\nsend-as = ${quoteAll(sendAs)}`,
    ),
    `[domains]\nlocal = ${quoteAll(domains.local)}\nrelay = ${quoteAll(domains.relay ?? [])}`,
    `[aliases]`,
    ...Object.entries(aliases).map(([name, targets]) => `${quote(name)} = ${quoteAll(targets)}`),
    `[catch-all]`,
    ...Object.entries(catchAll).map(([domain, account]) => `${quote(domain)} = ${quote(account)}`),
  ].join('\n')
}

describeDirectoryContract('the directory file', { open: (contents) => open(toToml(contents)) })

const SMALL = `
[domains]
local = ["example.org"]
[[users]]
name = "ada"
passwords = [${quote(verifier('first'))}, ${quote(verifier('second'))}]
mailboxes = ["ada@example.org"]
[[users]]
name = "no-password"
mailboxes = ["none@example.org"]
`

describe('passwords', () => {
  it.each([
    { name: 'ada', password: 'first', account: { name: 'ada' } },
    { name: 'ada', password: 'second', account: { name: 'ada' } },
    { name: 'ada', password: 'third', account: undefined },
    { name: 'no-password', password: '', account: undefined },
    // The verifiers of ada are derived in place of those that do not exist; they open for nobody else.
    { name: 'no-password', password: 'first', account: undefined },
    { name: 'nobody', password: 'first', account: undefined },
    { name: 'ada', password: 'x'.repeat(1_025), account: undefined },
  ])('of $name with "$password" are judged', async ({ account, ...attempt }) => {
    await using directory = await open(SMALL)
    expect(await directory.authenticate(attempt)).toEqual(account)
  })

  it('are refused where nobody has any', async () => {
    await using directory = await open('[domains]\nlocal = ["example.org"]')
    expect(await directory.authenticate({ name: 'ada', password: 'x' })).toBeUndefined()
  })

  it('are judged two at a time; beyond those that may wait the directory is unavailable', async () => {
    const events: FileDirectoryEvent[] = []
    const path = await write(SMALL)
    await using directory = await openFileDirectory({
      path,
      limits: { concurrentVerifications: 1, waitingVerifications: 1 },
      observer: (event) => events.push(event),
    })
    const attempt = { name: 'ada', password: 'first' }
    const results = await Promise.allSettled([1, 2, 3].map(() => directory.authenticate(attempt)))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect(results[2]).toMatchObject({ reason: { code: 'DIRECTORY_UNAVAILABLE' } })
    expect(events.at(-1)).toEqual({ type: 'directory.overloaded', path })
  })

  it('are not judged after the end', async () => {
    const directory = await open(SMALL)
    await directory[Symbol.asyncDispose]()
    await expect(directory.authenticate({ name: 'ada', password: 'first' })).rejects.toBeInstanceOf(
      DirectoryUnavailableError,
    )
    await expect(directory.domain(mailboxOf('a@example.org').domain)).rejects.toBeInstanceOf(DirectoryUnavailableError)
  })
})

describe('reloading', () => {
  it('takes over what the file says now', async () => {
    const path = await write(SMALL)
    await using directory = await openFileDirectory({ path })
    await write(SMALL.replace('ada@example.org', 'lovelace@example.org'), path)
    await directory.reload()
    expect(await directory.recipient(mailboxOf('ada@example.org'))).toEqual({ kind: 'unknown' })
    expect(await directory.recipient(mailboxOf('lovelace@example.org'))).toEqual({ kind: 'mailbox', account: 'ada' })
  })

  it('leaves everything as it was where the file cannot be used, and works the next time', async () => {
    const path = await write(SMALL)
    await using directory = await openFileDirectory({ path })
    await write('users = 5', path)
    await expect(directory.reload()).rejects.toMatchObject({ code: 'DIRECTORY_FILE_INVALID' })
    await rm(path)
    await expect(directory.reload()).rejects.toMatchObject({ code: 'DIRECTORY_FILE_UNREADABLE' })
    expect(await directory.authenticate({ name: 'ada', password: 'first' })).toEqual({ name: 'ada' })
    await write(SMALL.replaceAll('"ada"', '"countess"'), path)
    await directory.reload()
    expect(await directory.authenticate({ name: 'ada', password: 'first' })).toBeUndefined()
    expect(await directory.authenticate({ name: 'countess', password: 'first' })).toEqual({ name: 'countess' })
  })
})

describe('the observer', () => {
  it('learns what was loaded, and that others can read the file', async () => {
    const path = await write(SMALL)
    const events: FileDirectoryEvent[] = []
    await chmod(path, 0o644)
    await using _directory = await openFileDirectory({ path, observer: (event) => events.push(event) })
    expect(events).toEqual([
      { type: 'directory.exposed', path, mode: 0o644 },
      { type: 'directory.loaded', path, users: 2, domains: 1, aliases: 0 },
    ])
  })
})

const problemsOf = async (text: string): Promise<readonly string[]> => {
  try {
    await open(text)
  } catch (error) {
    if (!(error instanceof DirectoryFileError)) throw error
    expect(error.code).toBe('DIRECTORY_FILE_INVALID')
    return error.problems.map(({ place, message }) => `${place}: ${message}`)
  }
  return []
}

describe('a file that cannot be used', () => {
  it('has all its problems named at once, with their places', async () => {
    const found = await problemsOf(`
      postmaster = "nobody"
      colour = "blue"
      [[users]]
      name = "ada"
      passwords = ["{plain}hunter2", "$scrypt$ln=60,r=8,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA"]
      mailboxes = ["ada@example.net"]
      send-as = ["x"]
      pasword = "hunter2"
      [domains]
      local = ["example.org"]
      [aliases]
      "info@example.org" = []
      [catch-all]
      "example.org" = "grace"
    `)
    expect(found.map((problem) => problem.slice(0, problem.indexOf(': ')))).toEqual([
      'colour',
      'users[0].pasword',
      'users[0].passwords[0]',
      'users[0].passwords[1]',
      'users[0].mailboxes[0]',
      'users[0].send-as[0]',
      'aliases."info@example.org"',
      'catch-all."example.org"',
      'postmaster',
    ])
    expect(found.join('\n')).not.toContain('hunter2')
  })

  it('has every value of the wrong shape named', async () => {
    expect(
      await problemsOf(
        'postmaster = 1\nusers = [5, {name = 1, mailboxes = "x"}]\ndomains = {local = [1]}\naliases = []\ncatch-all = {x = 1979-05-27}',
      ),
    ).toEqual([
      'users[0]: Expected a table.',
      'users[0].name: Expected text.',
      'users[1].name: Expected text.',
      'users[1].mailboxes: Expected a list.',
      'aliases: Expected a table.',
      'domains.local[0]: Expected text.',
      'catch-all.x: Expected text.',
      'postmaster: Expected text.',
    ])
  })

  it('has the place of a fault of syntax named, and nothing of the line shown', async () => {
    expect(await problemsOf('[[users]]\nname = "ada"\npasswords = ["hunter2\n')).toEqual([
      expect.stringMatching(/^line 3, column \d+: This is not TOML\.$/),
    ])
    const error = await open('passwords = ["hunter2\n').catch((fault: unknown) => fault)
    expect(String(error)).not.toContain('hunter2')
    expect(error).not.toHaveProperty('cause')
  })

  it('holds at most eight verifiers for a user', async () => {
    const nine = quoteAll(Array.from({ length: 9 }, () => verifier('x')))
    expect(await problemsOf(`[[users]]\nname = "ada"\npasswords = ${nine}`)).toEqual([
      'users[0].passwords: At most 8 verifiers are possible.',
    ])
  })

  it('is refused where it is too large, or not UTF-8', async () => {
    const path = await write(SMALL)
    await expect(openFileDirectory({ path, limits: { maxFileBytes: 10 } })).rejects.toThrow(/at most 10/)
    await writeFile(path, Buffer.from([0xff, 0xfe]))
    await expect(openFileDirectory({ path })).rejects.toThrow(/UTF-8/)
  })

  it('is told from one that cannot be read', async () => {
    const path = join(folder, 'missing.toml')
    await expect(openFileDirectory({ path })).rejects.toMatchObject({
      code: 'DIRECTORY_FILE_UNREADABLE',
      path,
      cause: { code: 'ENOENT' },
    })
  })
})
