import { expect, it } from 'vitest'
import { parseEndpoint } from '../src/endpoint.ts'
import { slotOf } from '../src/slot.ts'

const NOBODY = { username: undefined, password: undefined, database: 0, master: '' }

it.each([
  {
    url: 'redis://127.0.0.1:6379',
    endpoint: { ...NOBODY, kind: 'single', tls: false, addresses: [{ host: '127.0.0.1', port: 6_379 }] },
  },
  {
    url: 'redis://[2001:db8::1]/3',
    endpoint: { ...NOBODY, kind: 'single', tls: false, addresses: [{ host: '2001:db8::1', port: 6_379 }], database: 3 },
  },
  {
    url: 'rediss://user:p@ss/w:rd?#@redis.example.org:6380/0',
    endpoint: {
      ...NOBODY,
      kind: 'single',
      tls: true,
      addresses: [{ host: 'redis.example.org', port: 6_380 }],
      username: 'user',
      password: 'p@ss/w:rd?#',
    },
  },
  {
    url: 'redis://:p%40ss@a',
    endpoint: { ...NOBODY, kind: 'single', tls: false, addresses: [{ host: 'a', port: 6_379 }], password: 'p@ss' },
  },
  {
    url: 'redis://:100%@a',
    endpoint: { ...NOBODY, kind: 'single', tls: false, addresses: [{ host: 'a', port: 6_379 }], password: '100%' },
  },
  {
    url: 'redis+cluster://a:7000,b,192.0.2.1:7001/',
    endpoint: {
      ...NOBODY,
      kind: 'cluster',
      tls: false,
      addresses: [
        { host: 'a', port: 7_000 },
        { host: 'b', port: 6_379 },
        { host: '192.0.2.1', port: 7_001 },
      ],
    },
  },
  {
    url: 'rediss+sentinel://user:secret@s1,s2:26380/mymaster/2',
    endpoint: {
      kind: 'sentinel',
      tls: true,
      addresses: [
        { host: 's1', port: 26_379 },
        { host: 's2', port: 26_380 },
      ],
      username: 'user',
      password: 'secret',
      database: 2,
      master: 'mymaster',
    },
  },
])('reads $url', ({ url, endpoint }) => {
  expect(parseEndpoint(url)).toEqual(endpoint)
})

it.each([
  { url: 'http://:secret@a', why: 'begins with none of' },
  { url: 'redis://:secret@', why: 'a host that is none' },
  { url: 'redis://:secret@a,b', why: 'several hosts' },
  { url: 'redis://:secret@a:0', why: 'port out of range' },
  { url: 'redis://:secret@a:65536', why: 'port out of range' },
  { url: 'redis://:secret@a b', why: 'a host that is none' },
  { url: 'redis://:secret@a/x', why: 'database that is no number' },
  { url: 'redis://:secret@a/1/2', why: 'database that is no number' },
  { url: 'redis://:secret@a/0?db=1', why: 'a query or a fragment' },
  { url: 'redis+cluster://:secret@a,,b', why: 'a host that is none' },
  { url: 'redis+cluster://:secret@a/3', why: 'a Redis Cluster has not' },
  { url: 'redis+sentinel://:secret@a', why: 'the name of the master' },
  { url: 'redis+sentinel://:secret@a/', why: 'the name of the master' },
])('refuses $url in a sentence without the password', ({ url, why }) => {
  expect(() => parseEndpoint(url)).toThrow(why)
  expect(() => parseEndpoint(url)).not.toThrow('secret')
})

it.each([
  // The check value of CRC-16/XMODEM: 0x31C3.
  { key: '123456789', slot: 0x31_c3 },
  { key: '{123456789}:seq', slot: 0x31_c3 },
  { key: 'a{123456789}{b}', slot: 0x31_c3 },
  { key: '', slot: 0 },
])('knows the slot of "$key"', ({ key, slot }) => {
  expect(slotOf(key)).toBe(slot)
})

it('takes the whole key where nothing stands within the braces', () => {
  expect(slotOf('{}123456789')).not.toBe(slotOf(''))
})
