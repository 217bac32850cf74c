/** The tests that every `Resolver` must pass, over a zone given as text. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Resolver } from '../resolver.ts'

/** How the suite gets an implementation. */
export interface ResolverHarness {
  /**
   * A resolver that sees this zone (the format of `parseZone`), below a root without anything else. Lookups of the names
   * in `failing` must fail. Opened once.
   */
  open(zoneText: string, failing: readonly string[]): Promise<OpenedResolver>
}

/** A resolver under test. */
export interface OpenedResolver {
  /** Used by all tests of the suite, also at once. */
  readonly resolver: Resolver
  /** Ends what `open` began; called once, after the last test. */
  close(): Promise<void>
}

const ZONE = `
$ORIGIN example.
@         SOA  ns hostmaster 1 2 3 4 5
both      A    192.0.2.1
          A    192.0.2.2
          AAAA 2001:DB8::1
only4     A    192.0.2.4
mail      MX   20 Second.Example.
          MX   10 both
null      MX   0 .
text      TXT  something
deep.er   A    192.0.2.5
alias     CNAME mail
alias2    CNAME alias
nowhere   CNAME missing
loop      CNAME loop2
loop2     CNAME loop
broken    A    192.0.2.6
1.2.0.192.in-addr.arpa. PTR both
1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR Both.Example.
`

/** Registers the tests. Call it once per implementation. */
export function describeResolverContract(name: string, harness: ResolverHarness): void {
  describe(`${name} keeps the Resolver contract`, () => {
    let opened: OpenedResolver
    let resolver: Resolver

    beforeAll(async () => {
      opened = await harness.open(ZONE, ['broken.example'])
      resolver = opened.resolver
    })

    afterAll(async () => {
      await opened.close()
    })

    it.each(['both.example', 'BOTH.Example', 'both.example.'])('finds the addresses of %s', async (asked) => {
      expect(recordsOf(await resolver.a(asked)).toSorted()).toEqual(['192.0.2.1', '192.0.2.2'])
      expect(recordsOf(await resolver.aaaa(asked))).toEqual(['2001:db8::1'])
    })

    it('gives the addresses of both families, IPv6 first, or of the one there is', async () => {
      const [first, ...rest] = recordsOf(await resolver.addresses('both.example'))
      expect([first, ...rest.toSorted()]).toEqual(['2001:db8::1', '192.0.2.1', '192.0.2.2'])
      expect(await resolver.addresses('only4.example')).toEqual({ kind: 'records', records: ['192.0.2.4'] })
      expect(await resolver.addresses('text.example')).toEqual({ kind: 'none' })
      expect(await resolver.addresses('missing.example')).toEqual({ kind: 'no-such-name' })
    })

    it('finds MX records, with hosts in lower case without a final dot (RFC 1035 §3.3.9)', async () => {
      const records = recordsOf(await resolver.mx('mail.example'))
      expect(records.toSorted((a, b) => a.preference - b.preference)).toEqual([
        { preference: 10, exchange: 'both.example' },
        { preference: 20, exchange: 'second.example' },
      ])
    })

    it('gives the null MX as "." (RFC 7505 §3)', async () => {
      expect(await resolver.mx('null.example')).toEqual({
        kind: 'records',
        records: [{ preference: 0, exchange: '.' }],
      })
    })

    it.each(['both.example', 'text.example', 'er.example'])(
      'tells that %s exists without such a record (RFC 2308 §2.2)',
      async (asked) => {
        expect(await resolver.mx(asked)).toEqual({ kind: 'none' })
      },
    )

    it.each(['missing.example', 'below.both.example', 'x'.repeat(64), 'a..b', '', 'bücher.example', 'a b.example'])(
      'tells that "%s" does not exist (RFC 8020 §2)',
      async (asked) => {
        expect(await resolver.a(asked)).toEqual({ kind: 'no-such-name' })
        expect(await resolver.mx(asked)).toEqual({ kind: 'no-such-name' })
      },
    )

    it('follows CNAME records, one and more', async () => {
      for (const asked of ['alias.example', 'alias2.example']) {
        expect(recordsOf(await resolver.mx(asked))).toHaveLength(2)
        expect(await resolver.a(asked)).toEqual({ kind: 'none' })
      }
      expect(await resolver.a('nowhere.example')).toEqual({ kind: 'no-such-name' })
    })

    it('answers a loop of CNAME records, without records', async () => {
      expect((await resolver.a('loop.example')).kind).not.toBe('records')
    })

    it('tells a failure from an answer', async () => {
      expect(await resolver.a('broken.example')).toEqual({ kind: 'failure', reason: expect.any(String) as unknown })
      expect((await resolver.mx('broken.example')).kind).toBe('failure')
      expect((await resolver.addresses('broken.example')).kind).toBe('failure')
    })

    it('finds the names of addresses (RFC 1035 §3.5)', async () => {
      expect(await resolver.ptr('192.0.2.1')).toEqual({ kind: 'records', records: ['both.example'] })
      expect(await resolver.ptr('2001:db8::1')).toEqual({ kind: 'records', records: ['both.example'] })
      expect(await resolver.ptr('192.0.2.99')).toEqual({ kind: 'no-such-name' })
      expect(await resolver.ptr('both.example')).toEqual({ kind: 'no-such-name' })
    })

    it('answers many questions at once, each its own', async () => {
      const asked = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? 'only4.example' : 'missing.example'))
      const answers = await Promise.all(asked.map((name) => resolver.a(name)))
      expect(answers.map(({ kind }) => kind)).toEqual(
        asked.map((name) => (name === 'only4.example' ? 'records' : 'no-such-name')),
      )
    })
  })
}

function recordsOf<DnsRecord>(
  answer: { readonly kind: 'records'; readonly records: readonly DnsRecord[] } | { readonly kind: string },
): readonly DnsRecord[] {
  return 'records' in answer ? answer.records : []
}
