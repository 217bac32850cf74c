import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { type StartedRedis, startRedis } from '../src/index.ts'

const started: StartedRedis[] = []

const start = async (options?: Parameters<typeof startRedis>[0]): Promise<StartedRedis> => {
  const redis = await startRedis(options)
  started.push(redis)
  return redis
}

/** Sends one inline command and gives the answer as it came. */
const ask = (port: number, command: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(`${command}\r\n`))
    socket.once('error', reject)
    socket.once('data', (bytes) => {
      socket.destroy()
      resolve(bytes.toString('latin1'))
    })
  })

afterEach(async () => {
  vi.unstubAllEnvs()
  for (const redis of started.splice(0)) await redis.stop()
})

it('keeps what was answered OK when it is killed and started again on the same folder and port', async () => {
  const first = await start()
  expect(await ask(first.port, 'SET kept yes')).toBe('+OK\r\n')
  await first.kill('SIGKILL')
  await expect(ask(first.port, 'PING')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  const second = await start({ port: first.port, folder: first.folder })
  expect(second.url).toBe(first.url)
  expect(second.pid).not.toBe(first.pid)
  expect(await ask(second.port, 'GET kept')).toBe('$3\r\nyes\r\n')
})

it.each([
  { setting: 'appendonly', value: 'yes' },
  { setting: 'appendfsync', value: 'always' },
  { setting: 'maxmemory-policy', value: 'noeviction' },
  { setting: 'save', value: '' },
  { setting: 'bind', value: '127.0.0.1' },
])('runs with $setting "$value"', async ({ setting, value }) => {
  const redis = await start()
  expect(await ask(redis.port, `CONFIG GET ${setting}`)).toBe(
    `*2\r\n$${setting.length}\r\n${setting}\r\n$${value.length}\r\n${value}\r\n`,
  )
})

it('lets arguments of the caller win', async () => {
  const redis = await start({ extraArgs: ['--appendfsync', 'everysec'] })
  expect(await ask(redis.port, 'CONFIG GET appendfsync')).toContain('everysec')
})

it('removes its own folder when it stops, and stops twice', async () => {
  const redis = await start()
  expect(existsSync(redis.folder)).toBe(true)
  await redis.stop()
  await redis.stop()
  expect(existsSync(redis.folder)).toBe(false)
})

it('says why it did not start', async () => {
  await expect(startRedis({ extraArgs: ['--no-such-setting', 'x'] })).rejects.toThrow('did not start')
})

/** Runs something with a `setpriv` of ours before the system's. */
const withSetpriv = async (script: string | undefined, use: (path: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'postroad-path-'))
  try {
    if (script !== undefined) await writeFile(join(folder, 'setpriv'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    await use(folder + delimiter + (process.env['PATH'] ?? ''))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

it("does not take another's server for its own, however late its own begins", async () => {
  const other = await start()
  await withSetpriv('sleep 0.3; shift 2; exec "$@"', async (path) => {
    vi.stubEnv('PATH', path)
    await expect(start({ port: other.port })).rejects.toThrow('did not start')
  })
  expect(await ask(other.port, 'PING')).toBe('+PONG\r\n')
})

it.each([
  { system: 'with setpriv', setpriv: undefined },
  // As of BusyBox, and of util-linux before 2.33.
  { system: 'whose setpriv knows no --pdeathsig', setpriv: 'echo "setpriv: unrecognized option" >&2; exit 1' },
])('is ended when the process that started it is killed, on a system $system', async ({ setpriv }) => {
  const code = `const { startRedis } = await import(${JSON.stringify(new URL('../src/index.ts', import.meta.url))})
    const { pid, folder } = await startRedis()
    console.log(JSON.stringify({ pid, folder }))
    setInterval(() => {}, 60_000)`
  await withSetpriv(setpriv, async (path) => {
    const starter = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      env: { ...process.env, PATH: path },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const [line] = await once(starter.stdout, 'data')
      const { pid, folder } = JSON.parse(String(line)) as { pid: number; folder: string }
      expect(isRunning(pid)).toBe(true)
      starter.kill('SIGKILL')
      await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false)
      await rm(folder, { recursive: true, force: true })
    } finally {
      starter.kill('SIGKILL')
    }
  })
})

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
