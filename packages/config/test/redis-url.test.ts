/** The address of Redis: one server, a cluster, Sentinels. */

import { expect, it } from 'vitest'
import { maskRedisUrl } from '../src/index.ts'
import { redisUrl } from '../src/redis-url.ts'

it.each([
  'redis://127.0.0.1:6379',
  'redis://[2001:db8::1]:6379/3',
  'rediss://user:p@ss/w:rd?#@redis.example.org:6380/0',
  'redis+cluster://a.example.org:7000,b.example.org:7001,192.0.2.1',
  'rediss+cluster://:secret@a.example.org:7000',
  'redis+sentinel://s1.example.org:26379,s2.example.org/mymaster',
  'rediss+sentinel://user:secret@s1.example.org/mymaster/2',
])('takes %s', (url) => {
  expect(redisUrl().schema.parse(url)).toBe(url)
})

it.each([
  '',
  'http://127.0.0.1',
  'redis://',
  'redis://a,b',
  'redis://a/x',
  'redis+cluster://a,,b',
  'redis+cluster://a/3',
  'redis+sentinel://a',
  'redis+sentinel://a/',
  'redis://a b',
])('refuses %j', (url) => {
  expect(redisUrl().schema.safeParse(url).success).toBe(false)
})

it('is shown without credentials', () => {
  expect(maskRedisUrl('rediss://user:p@ss/w:rd@redis.example.org:6380/0?x=secret')).toBe(
    'rediss://***@redis.example.org:6380/0?***',
  )
  expect(maskRedisUrl('redis+cluster://:secret@a:1,b:2')).toBe('redis+cluster://***@a:1,b:2')
  expect(maskRedisUrl('nonsense')).toBe('***')
})
