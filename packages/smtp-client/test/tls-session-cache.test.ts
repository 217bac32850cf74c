import { describe, expect, it } from 'vitest'
import { TlsSessionCache } from '../src/tls-session-cache.ts'

const session = (name: string, verifiedAt = 0) => ({
  session: Buffer.from(name),
  verified: true,
  certificate: undefined,
  verifiedAt,
})

describe('TlsSessionCache', () => {
  it('gives the latest session of a host, until it is forgotten', () => {
    const cache = new TlsSessionCache()
    cache.keep('a', session('first'))
    cache.keep('a', session('second'))
    expect(cache.find('a', 0)?.session.toString()).toBe('second')
    cache.forget('a')
    expect(cache.find('a', 0)).toBeUndefined()
  })

  it('keeps no more than it may, the youngest', () => {
    const cache = new TlsSessionCache(2)
    for (const name of ['a', 'b', 'c']) cache.keep(name, session(name))
    cache.keep('b', session('b again'))
    cache.keep('d', session('d'))
    expect(cache.size).toBe(2)
    expect(['a', 'b', 'c', 'd'].filter((name) => cache.find(name, 0) !== undefined)).toEqual(['b', 'd'])
    const none = new TlsSessionCache(0)
    none.keep('a', session('a'))
    expect(none.size).toBe(0)
  })

  it('forgets what was looked at too long ago', () => {
    const cache = new TlsSessionCache(10, 1_000)
    cache.keep('young', session('young', 5))
    cache.keep('old', session('old', 4))
    expect(cache.find('young', 1_005)).toBeDefined()
    expect(cache.find('old', 1_005)).toBeUndefined()
    expect(cache.size).toBe(1)
  })
})
