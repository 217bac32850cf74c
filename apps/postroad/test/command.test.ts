import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openParts } from '@postroad/assembly'
import { loadConfig } from '@postroad/config'
import { openFileDirectory } from '@postroad/directory-file'
import { createLog } from '@postroad/observe'
import { runCommand } from '../src/index.ts'
import { prepareFirstStart } from '../src/first-start.ts'
import { captureTerminal } from './terminal.ts'

let folder: string
const terminal = captureTerminal()

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postroad-command-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('the command', () => {
  it.each([['--help'], ['-h'], ['help']])('lists what there is with %s', async (word) => {
    expect(await runCommand([word])).toBe(0)
    for (const name of ['start', 'send', 'store', 'hash-password', 'config'])
      expect(terminal.out).toContain(`  ${name}`)
  })

  it('says what is wrong with the command line', async () => {
    expect(await runCommand([])).toBe(64)
    expect(await runCommand(['fly'])).toBe(64)
    expect(terminal.complaints).toContain('there is no command "fly"')
  })

  it.each(['start', 'send', 'store', 'hash-password', 'config'])('tells more of %s', async (name) => {
    expect(await runCommand([name, '--help'])).toBe(0)
    expect(terminal.out).toContain(`usage: postroad ${name}`)
    expect(await runCommand([name, '--nonsense'])).toBe(64)
    expect(terminal.complaints).toContain(`Try: postroad ${name} --help`)
  })

  it.each([
    [['send', '--tls', 'maybe'], 'required, implicit, opportunistic or none'],
    [['send', '--port', '70000'], 'is no port'],
    [['send'], '--from and --to are needed'],
    [['send', '--from', 'ada', '--to', 'b@example.org'], '--from "ada" is not an address, such as ada@example.org'],
    [['send', '--from', 'a@example.org', '--to', 'b@example.org', '--to', '@'], '--to "@" is not an address'],
    [['start', '--role', 'cook'], 'there is no role "cook"'],
    [['config', 'burn'], 'check, show, example or schema?'],
    [['store'], 'check what?'],
  ])('refuses %j', async (args, words) => {
    expect(await runCommand(args)).toBe(64)
    expect(terminal.complaints).toContain(words)
  })

  it('checks and shows a configuration', async () => {
    const good = join(folder, 'good.toml')
    await writeFile(good, 'hostname = "mail.example.org"\n[relay]\ngive-up-after = "3d"\n')
    expect(await runCommand(['config', 'check', '--config', good])).toBe(0)
    expect(await runCommand(['config', 'show', '--config', good])).toBe(0)
    expect(terminal.out).toMatch(/give-up-after/)
    const bad = join(folder, 'bad.toml')
    await writeFile(bad, '[relay]\ngive-up-aftr = "3d"\n')
    expect(await runCommand(['config', 'check', '--config', bad])).toBe(78)
    expect(terminal.complaints).toContain('give-up-after')
  })

  it('prints an example that is a right configuration, and a schema', async () => {
    expect(await runCommand(['config', 'example'])).toBe(0)
    expect(await loadConfig({ text: terminal.out, defaultHostname: 'mail.example.org' })).toMatchObject({ ok: true })
    terminal.out = ''
    expect(await runCommand(['config', 'schema'])).toBe(0)
    expect(JSON.parse(terminal.out)).toHaveProperty('properties')
  })
})

describe('store check', () => {
  it('says that all is well, in text and as JSON', async () => {
    const path = join(folder, 'postroad.toml')
    const file = join(folder, 'store.db')
    await writeFile(path, `data = "${folder}"\n`)
    const loaded = await loadConfig({ text: await readFile(path, 'utf8'), defaultHostname: 'mail.example.org' })
    if (!loaded.ok) throw new Error('bad configuration')
    const { config } = await prepareFirstStart(loaded.config)
    const parts = await openParts(config, createLog({ level: 'silent' }))
    await parts.openStore()
    await parts[Symbol.asyncDispose]()
    expect(await runCommand(['store', 'check', '--config', path])).toBe(0)
    expect(terminal.out).toBe(`${file}: all is well.\n`)
    terminal.out = ''
    expect(await runCommand(['store', 'check', '--config', path, '--json'])).toBe(0)
    expect(JSON.parse(terminal.out)).toEqual({ place: file, findings: [] })
  })

  it('says what it could not read', async () => {
    const path = join(folder, 'postroad.toml')
    await writeFile(path, `data = "${folder}"\n`)
    expect(await runCommand(['store', 'check', '--config', path])).toBe(69)
    expect(terminal.complaints).toContain(`postroad store: store.path: cannot check ${folder}/store.db`)
    await writeFile(path, 'store.kind = "memory"\n')
    expect(await runCommand(['store', 'check', '--config', path])).toBe(69)
    expect(terminal.complaints).toContain('keeps nothing to check')
  })
})

describe('start', () => {
  it('says what it could not make', async () => {
    await writeFile(join(folder, 'data'), 'a file where the folder should be')
    const path = join(folder, 'postroad.toml')
    await writeFile(path, `data = "${folder}/data"\n`)
    expect(await runCommand(['start', '--config', path])).toBe(69)
    expect(terminal.complaints).toMatch(/^postroad start: data: cannot make .*: .*\n$/)
    expect(terminal.complaints).not.toContain('EEXIST')
  })

  it('refuses a role that the configuration has switched off', async () => {
    const path = join(folder, 'postroad.toml')
    await writeFile(path, `data = "${folder}/data"\n[mta]\nenabled = false\n`)
    expect(await runCommand(['start', '--config', path, '--role', 'mta'])).toBe(78)
    expect(terminal.complaints).toBe('postroad start: --role mta: the configuration says enabled = false in [mta]\n')
  })
})

describe('the first start', () => {
  it('keeps what it makes from other users of the machine', async () => {
    const loaded = await loadConfig({ text: `hostname = "mail.example.org"\ndata = "${folder}/data"\n` })
    if (!loaded.ok) throw new Error('bad configuration')
    await prepareFirstStart(loaded.config)
    expect((await stat(join(folder, 'data'))).mode & 0o077).toBe(0)
  })

  it('makes a directory file and a certificate, and touches nothing that exists', async () => {
    const loaded = await loadConfig({ text: `hostname = "mail.example.org"\ndata = "${folder}/data"\n` })
    if (!loaded.ok) throw new Error('bad configuration')
    const first = await prepareFirstStart(loaded.config)
    expect(first.notes).toHaveLength(2)
    const { certificate, key } = first.config.tls
    const parsed = new X509Certificate(await readFile(certificate!))
    expect(parsed.checkHost('mail.example.org')).toBe('mail.example.org')
    expect((await stat(key!)).mode & 0o077).toBe(0)
    await using directory = await openFileDirectory({ path: loaded.config.directory.path })
    expect(directory).toBeDefined()

    const again = await prepareFirstStart(loaded.config)
    expect(again.notes).toEqual([])
    expect(again.config.tls).toEqual(first.config.tls)
  })

  it('of several processes at once makes one pair of key and certificate', async () => {
    for (let round = 0; round < 5; round += 1) {
      const loaded = await loadConfig({ text: `hostname = "mail.example.org"\ndata = "${folder}/data${round}"\n` })
      if (!loaded.ok) throw new Error('bad configuration')
      const { config } = loaded
      const [first] = await Promise.all(Array.from({ length: 4 }, () => prepareFirstStart(config)))
      const { certificate, key } = first!.config.tls
      const cert = new X509Certificate(await readFile(certificate!))
      expect(cert.checkPrivateKey(createPrivateKey(await readFile(key!)))).toBe(true)
      expect(await readdir(config.data)).toEqual(['directory.toml', 'tls'])
    }
  })

  it('makes no certificate for a key that it does not know', async () => {
    const loaded = await loadConfig({ text: `hostname = "mail.example.org"\ndata = "${folder}"\n` })
    if (!loaded.ok) throw new Error('bad configuration')
    await mkdir(join(folder, 'tls'))
    await writeFile(join(folder, 'tls', 'key.pem'), 'somebody made this')
    await expect(prepareFirstStart(loaded.config)).rejects.toThrow(
      `data: ${folder}/tls does not hold both certificate.pem and key.pem; remove it, or name yours in [tls]`,
    )
  })

  it('leaves a configured certificate alone', async () => {
    const text = `hostname = "mail.example.org"\ndata = "${folder}"\n[tls]\ncertificate = "/c.pem"\nkey = "/k.pem"\n`
    const loaded = await loadConfig({ text })
    if (!loaded.ok) throw new Error('bad configuration')
    expect((await prepareFirstStart(loaded.config)).config.tls).toEqual({ certificate: '/c.pem', key: '/k.pem' })
  })
})
