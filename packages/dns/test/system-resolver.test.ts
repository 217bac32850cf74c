import { describe, expect, it } from 'vitest'
import { createSystemResolver } from '../src/index.ts'
import { createNodeResolver, type NodeLookups } from '../src/system-resolver.ts'
import { describeResolverContract } from '../src/testing/index.ts'
import { startDnsServer } from './dns-server.ts'

describeResolverContract('the system resolver', {
  open: async (zoneText, failing) => {
    const { server, close } = await startDnsServer(zoneText, failing)
    return { resolver: createSystemResolver({ servers: [server] }), close }
  },
})

/** Node's lookups, all of which do this. */
function lookups(look: () => Promise<never>): NodeLookups {
  return { resolveMx: look, resolve4: look, resolve6: look, resolvePtr: look }
}
const rejecting = (code: string) => lookups(() => Promise.reject(Object.assign(new Error(code), { code })))

describe('the system resolver', () => {
  it('fails within its time where no server answers', async () => {
    const { server, close } = await startDnsServer('silent.example A 192.0.2.1', [], ['silent.example'])
    const resolver = createSystemResolver({ servers: [server], timeoutMs: 60 })
    expect(await resolver.a('silent.example')).toEqual({ kind: 'failure', reason: 'timeout' })
    await close()
  })

  it.each([
    { code: 'ENODATA', answer: { kind: 'none' } },
    { code: 'ENOTFOUND', answer: { kind: 'no-such-name' } },
    { code: 'EBADNAME', answer: { kind: 'no-such-name' } },
    { code: 'ESERVFAIL', answer: { kind: 'failure', reason: 'SERVFAIL' } },
    { code: 'EREFUSED', answer: { kind: 'failure', reason: 'REFUSED' } },
    { code: 'ETIMEOUT', answer: { kind: 'failure', reason: 'timeout' } },
    { code: 'ECONNREFUSED', answer: { kind: 'failure', reason: 'no server answers' } },
    { code: 'ECANCELLED', answer: { kind: 'failure', reason: 'ECANCELLED' } },
  ])('makes of $code: $answer.kind', async ({ code, answer }) => {
    const resolver = createNodeResolver(rejecting(code), { timeoutMs: 1_000, maxConcurrent: 1 })
    expect(await resolver.mx('example.org')).toEqual(answer)
    expect(await resolver.a('example.org')).toEqual(answer)
  })

  it('makes a failure of what is no fault of DNS', async () => {
    const resolver = createNodeResolver(
      lookups(() => Promise.reject(new TypeError('x'))),
      { timeoutMs: 1_000, maxConcurrent: 1 },
    )
    expect(await resolver.mx('example.org')).toEqual({ kind: 'failure', reason: 'unknown fault' })
  })

  it('gives up at its deadline whatever Node does', async () => {
    const resolver = createNodeResolver(
      lookups(() => new Promise(() => undefined)),
      { timeoutMs: 1, maxConcurrent: 1 },
    )
    expect(await resolver.aaaa('example.org')).toEqual({ kind: 'failure', reason: 'timeout' })
  })

  it('has so many lookups under way and no more', async () => {
    const ends: (() => void)[] = []
    const look = (): Promise<never> =>
      new Promise((_, reject) => ends.push(() => reject(Object.assign(new Error(), { code: 'ENODATA' }))))
    const resolver = createNodeResolver(lookups(look), { timeoutMs: 60_000, maxConcurrent: 2 })
    const answers = ['a', 'b', 'c'].map((name) => resolver.a(name))
    await new Promise(setImmediate)
    expect(ends).toHaveLength(2)
    ends[0]?.()
    await answers[0]
    await new Promise(setImmediate)
    expect(ends).toHaveLength(3)
    for (const end of ends) end()
    expect((await Promise.all(answers)).map(({ kind }) => kind)).toEqual(['none', 'none', 'none'])
  })
})
