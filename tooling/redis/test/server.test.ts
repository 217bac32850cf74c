import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { afterEach, expect, it } from 'vitest'
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
