import { expect, it } from 'vitest'
import { parseEndpoint } from '../src/endpoint.ts'
import { type ReachOptions, sentinelSettings, serverSettings } from '../src/settings.ts'

const ADDRESS = { host: 'redis.example.org', port: 6_379 }

const reachOf = (url: string): ReachOptions => ({
  endpoint: parseEndpoint(url),
  tls: { ca: 'an authority' },
  sentinel: { password: 'of sentinels' },
  commandTimeoutMs: 5_000,
})

it('has the system ask after seconds whether the other side is there', () => {
  // Without a number of its own ioredis takes 0, which is the two hours of the system.
  expect(serverSettings(reachOf('redis://a'), ADDRESS).keepAlive).toBe(10_000)
  expect(sentinelSettings(reachOf('redis+sentinel://a/m'), ADDRESS).keepAlive).toBe(10_000)
})

it('speaks TLS only where the URL says so, and to Sentinels too', () => {
  expect(serverSettings(reachOf('redis://a'), ADDRESS).tls).toBeUndefined()
  expect(serverSettings(reachOf('rediss://a'), ADDRESS).tls).toEqual({ ca: 'an authority' })
  expect(sentinelSettings(reachOf('rediss+sentinel://a/m'), ADDRESS).tls).toEqual({ ca: 'an authority' })
})

it('tells Sentinels neither the user nor the database of the servers', () => {
  const settings = sentinelSettings(reachOf('redis+sentinel://user:secret@a/m/3'), ADDRESS)
  expect(settings).toMatchObject({ password: 'of sentinels' })
  expect(settings).not.toHaveProperty('username')
  expect(settings).not.toHaveProperty('db')
})
