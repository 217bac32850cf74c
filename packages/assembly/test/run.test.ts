import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDomain } from '@postroad/address'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runProgram, type Parts, type Program, type Service } from '../src/index.ts'

let folder: string
let complaints: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postroad-run-'))
  complaints = ''
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    complaints += String(text)
    return true
  })
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true)
})

afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true, force: true })
})

const program: Program = { name: 'postroad-test', about: 'A test.', create: async () => [] }

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

describe('a program', () => {
  it('prints its help', async () => {
    expect(await runProgram(program, ['--help'])).toBe(0)
  })

  it('refuses options that it does not know', async () => {
    expect(await runProgram(program, ['--nonsense'])).toBe(64)
    expect(complaints).toContain('postroad-test --help')
  })

  it('prints every problem of the configuration, and starts nothing', async () => {
    const path = await file('bad.toml', 'hostnam = "x"\n[relay]\nlease = "soon"\n')
    expect(await runProgram(program, ['--config', path])).toBe(78)
    expect(complaints).toContain('hostname')
    expect(complaints).toContain('lease')
  })

  it('names what cannot be opened', async () => {
    const path = await file(
      'lonely.toml',
      `hostname = "mail.example.org"\n[store]\nkind = "memory"\n[directory]\npath = "${folder}/missing.toml"\n`,
    )
    expect(await runProgram(program, ['--config', path])).toBe(69)
    expect(complaints).toContain('missing.toml')
  })

  it('names what cannot be started, after closing what was opened', async () => {
    const directory = await file('directory.toml', '[domains]\nlocal = ["example.org"]\n')
    const path = await file(
      'good.toml',
      `hostname = "mail.example.org"\n[store]\nkind = "memory"\n[directory]\npath = "${directory}"\n`,
    )
    const failing = { ...program, create: () => Promise.reject(new Error('the port is taken')) }
    expect(await runProgram(failing, ['--config', path])).toBe(69)
    expect(complaints).toContain('the port is taken')
  })

  it('gives all services together 30 seconds to stop', async () => {
    const directory = await file('directory.toml', '[domains]\nlocal = ["example.org"]\n')
    const path = await file('good.toml', `[log]\nlevel = "silent"\n[directory]\npath = "${directory}"\n`)
    const deadlines: number[] = []
    const service = (name: string): Service => ({
      name,
      listening: [],
      async stop({ deadlineMs }) {
        deadlines.push(deadlineMs)
        const end = performance.now() + 20
        while (performance.now() < end);
      },
    })
    const running = runProgram({ ...program, create: async () => [service('a'), service('b')] }, ['--config', path])
    await expect.poll(() => process.listenerCount('SIGTERM')).toBeGreaterThan(0)
    process.emit('SIGTERM')
    expect(await running).toBe(0)
    const [first = 0, second = 0] = deadlines
    expect(first).toBeLessThanOrEqual(30_000)
    expect(second).toBeLessThanOrEqual(first - 20)
    process.removeAllListeners('SIGTERM').removeAllListeners('SIGINT')
  })

  it('reads the directory again at SIGHUP, and keeps it where the file has problems', async () => {
    const directory = await file('directory.toml', '[domains]\nlocal = ["example.org"]\n')
    const path = await file(
      'good.toml',
      `hostname = "mail.example.org"\n[store]\nkind = "memory"\n[directory]\npath = "${directory}"\n`,
    )
    let open: Parts | undefined
    const running = runProgram(
      {
        ...program,
        create: async (_config, parts) => {
          open = parts
          return [{ name: 'test', listening: [], stop: async () => undefined }]
        },
      },
      ['--config', path],
    )
    await expect.poll(() => process.listenerCount('SIGHUP')).toBeGreaterThan(0)
    const roleOf = async (name: string): Promise<string | undefined> => {
      const domain = parseDomain(name)
      return domain.ok ? open?.directory.domain(domain.value) : undefined
    }
    expect(await roleOf('example.net')).toBe('none')

    await file('directory.toml', '[domains]\nlocal = ["example.org", "example.net"]\n')
    process.emit('SIGHUP')
    await expect.poll(() => roleOf('example.net')).toBe('local')

    await file('directory.toml', '[domains]\nlocal = "nothing"\n')
    await expect(open?.reload()).rejects.toThrow('domains.local')
    expect(await roleOf('example.net')).toBe('local')

    process.emit('SIGTERM')
    expect(await running).toBe(0)
    expect(process.listenerCount('SIGHUP')).toBe(0)
    process.removeAllListeners('SIGTERM').removeAllListeners('SIGINT')
  })

  it('runs until a signal, then stops its services and closes its parts', async () => {
    const directory = await file('directory.toml', '[domains]\nlocal = ["example.org"]\n')
    const path = await file(
      'good.toml',
      `hostname = "mail.example.org"\n[store]\nkind = "memory"\n[log]\nlevel = "silent"\n[directory]\npath = "${directory}"\n`,
    )
    const stop = vi.fn(async () => undefined)
    let ready = (): void => undefined
    const started = new Promise<void>((resolve) => {
      ready = resolve
    })
    const running = runProgram(
      {
        ...program,
        create: async (_config, parts) => {
          await parts.openStore()
          ready()
          return [{ name: 'test', listening: [], stop }]
        },
      },
      ['--config', path],
    )
    await started
    await expect.poll(() => process.listenerCount('SIGTERM')).toBeGreaterThan(0)
    process.emit('SIGTERM')
    expect(await running).toBe(0)
    expect(stop).toHaveBeenCalledOnce()
    process.removeAllListeners('SIGTERM').removeAllListeners('SIGINT')
  })
})
