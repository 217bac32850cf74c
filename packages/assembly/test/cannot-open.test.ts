import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { loadConfig, type Config } from '@postroad/config'
import { createLog } from '@postroad/observe'
import { reply } from '@postroad/envelope'
import { createSmtpServer } from '@postroad/smtp-server'
import { systemClock } from '@postroad/runtime/system'
import { listenAll, openParts, openResolver, runProgram, type Program } from '../src/index.ts'

let folder: string
let complaints: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postroad-open-'))
  complaints = ''
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    complaints += String(text)
    return true
  })
})

afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true, force: true })
})

const silent = createLog({ level: 'silent' })

async function configOf(text: string): Promise<Config> {
  const loaded = await loadConfig({ text: `data = "${folder}"\n${text}`, defaultHostname: 'mail.example.org' })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded.config
}

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

/** The sentence with which opening the parts fails. */
async function failureOf(text: string): Promise<string> {
  const opened = openParts(await configOf(text), silent)
  return opened.then(
    async (parts) => {
      await parts[Symbol.asyncDispose]()
      return 'opened'
    },
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
}

const emptyDirectory = '[domains]\nlocal = ["example.org"]\n'

describe('what cannot be opened is named with its setting, its place and its reason', () => {
  it('a certificate that is not there', async () => {
    await file('directory.toml', emptyDirectory)
    expect(await failureOf(`[tls]\ncertificate = "${folder}/c.pem"\nkey = "${folder}/k.pem"\n`)).toBe(
      `tls.certificate: cannot read ${folder}/c.pem: there is no such file`,
    )
  })

  it('a certificate that is none', async () => {
    await file('directory.toml', emptyDirectory)
    const path = await file('c.pem', 'not a certificate')
    expect(await failureOf(`[tls]\ncertificate = "${path}"\nkey = "${path}"\n`)).toContain(
      `tls.certificate and tls.key: cannot use ${path} with ${path}:`,
    )
  })

  it('a directory file that is not there, and how to come by one', async () => {
    expect(await failureOf('')).toBe(
      `directory.path: cannot read ${folder}/directory.toml: there is no such file; \`postroad start\` makes one to fill in`,
    )
  })

  it('every problem of a directory file, on a line of its own', async () => {
    const path = await file('directory.toml', '[[users]]\nname = 1\nfoo = 2\n')
    const lines = (await failureOf('')).split('\n')
    expect(lines.length).toBeGreaterThan(1)
    for (const line of lines) expect(line).toContain(`${path}: users[0]`)
  })

  it('a Redis that is away, without its password', async () => {
    await file('directory.toml', emptyDirectory)
    const port = await closedPort()
    const config = await configOf(`[store]\nkind = "redis"\nurl = "redis://us:hunter2@127.0.0.1:${port}"\n`)
    await using parts = await openParts(config, silent)
    const error = await parts.openStore().catch((reason: unknown) => reason)
    expect(String(error)).toContain(`store.url: cannot use Redis at redis://***@127.0.0.1:${port}:`)
    expect(String(error)).not.toContain('hunter2')
  })

  it('a database that is none', async () => {
    await file('directory.toml', emptyDirectory)
    const path = await file('store.db', 'this is no database. '.repeat(100))
    await using parts = await openParts(await configOf(''), silent)
    await expect(parts.openStore()).rejects.toThrow(`store.path: cannot open ${path}:`)
  })

  it('a zone that is not there', async () => {
    await expect(openResolver({ kind: 'zone', path: `${folder}/no.zone` })).rejects.toThrow(
      `relay.resolver: cannot read ${folder}/no.zone: there is no such file`,
    )
  })

  it.each([
    { purpose: 'smtp', setting: 'mta.listen' },
    { purpose: 'submissions', setting: 'mta.listen-tls' },
  ])('a port that is taken, as $setting', async ({ purpose, setting }) => {
    const taken = await listenSomewhere()
    const { port } = addressOf(taken)
    const server = createSmtpServer({
      hostname: 'mail.example.org',
      protocol: 'smtp',
      clock: systemClock,
      handler: () => ({
        mail: () => reply(250, '2.1.0', 'OK'),
        rcpt: () => reply(250, '2.1.5', 'OK'),
        content: () => ({ write: () => undefined, end: () => reply(250, '2.0.0', 'OK'), abort: () => undefined }),
      }),
    })
    const listening = listenAll('mta', [{ purpose, server, endpoints: [{ host: '127.0.0.1', port }] }])
    await expect(listening).rejects.toThrow(
      `${setting}: cannot listen on 127.0.0.1:${port}: it is taken, another process listens there`,
    )
    taken.close()
  })
})

describe('a program', () => {
  const program: Program = { name: 'postroad-test', about: 'A test.', create: async () => [] }

  it('prints its name before each line of what cannot be opened', async () => {
    const directory = await file('directory.toml', '[[users]]\nname = 1\nfoo = 2\n')
    const path = await file('postroad.toml', `[directory]\npath = "${directory}"\n`)
    expect(await runProgram(program, ['--config', path])).toBe(69)
    const lines = complaints.trimEnd().split('\n')
    expect(lines.length).toBeGreaterThan(1)
    for (const line of lines) expect(line).toMatch(/^postroad-test: /)
  })

  it('says so where there is nothing to run', async () => {
    const directory = await file('directory.toml', emptyDirectory)
    const path = await file('postroad.toml', `[store]\nkind = "memory"\n[directory]\npath = "${directory}"\n`)
    expect(await runProgram(program, ['--config', path])).toBe(78)
    expect(complaints).toBe('postroad-test: nothing to run: the configuration has every service at enabled = false\n')
  })
})

describe('a directory file', () => {
  it('that others may read is told in the log', async () => {
    const path = await file('directory.toml', emptyDirectory)
    const { chmod } = await import('node:fs/promises')
    await chmod(path, 0o644)
    const lines: string[] = []
    const log = createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } })
    await using parts = await openParts(await configOf(''), log)
    expect(parts.directory).toBeDefined()
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ level: 'warn', event: 'directory.exposed', path, mode: '644' }),
    )
  })
})

async function listenSomewhere(): Promise<Server> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function addressOf(server: Server): AddressInfo {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address
}

async function closedPort(): Promise<number> {
  const server = await listenSomewhere()
  const { port } = addressOf(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}
