import { describe, expect, it } from 'vitest'
import { createZoneResolver, parseZone, ZoneError } from '../src/index.ts'
import { describeResolverContract } from '../src/testing/index.ts'

describeResolverContract('the zone resolver', {
  open: async (zoneText, failing) => ({
    resolver: createZoneResolver(zoneText, { failing }),
    close: async () => undefined,
  }),
})

describe('a zone (RFC 1035 §5.1)', () => {
  it('may be written in many ways', () => {
    const zone = parseZone(`
; a comment
$TTL 1h
example.org      MX 10 mx.example.org ; whole names need no dot below the root
$ORIGIN Example.ORG.
@   3600 IN A    192.0.2.1
    IN 3600 AAAA 2001:DB8::1
mx  in 1D a      192.0.2.2\r
$ORIGIN sub
@            A   192.0.2.3
www        CNAME mx.example.org.
`)
    expect([...zone.a]).toEqual([
      ['example.org', ['192.0.2.1']],
      ['mx.example.org', ['192.0.2.2']],
      ['sub.example.org', ['192.0.2.3']],
    ])
    expect([...zone.aaaa]).toEqual([['example.org', ['2001:db8::1']]])
    expect([...zone.mx]).toEqual([['example.org', [{ preference: 10, exchange: 'mx.example.org' }]]])
    expect([...zone.cname]).toEqual([['www.sub.example.org', 'mx.example.org']])
  })

  it('has every problem named with its line', () => {
    const text = `
  A 192.0.2.1
a A 192.0.2.300
a AAAA 192.0.2.1
a MX mx
a MX 65536 mx
a MX 10 a..b
a..b A 192.0.2.1
a HINFO x
a
a CNAME b
a CNAME c
$INCLUDE x
$ORIGIN
a A 192.0.2.1 192.0.2.2
a PTR ${'x'.repeat(64)}
`
    try {
      parseZone(text)
      expect.unreachable()
    } catch (error) {
      if (!(error instanceof ZoneError)) throw error
      expect(error.code).toBe('DNS_ZONE_INVALID')
      expect(error.problems.map(({ line, message }) => `${line}: ${message}`)).toEqual([
        '2: The first record needs a name.',
        '3: "192.0.2.300" is no IPv4 address.',
        '4: "192.0.2.1" is no IPv6 address.',
        '5: MX needs a preference and a host.',
        '6: "65536" is no preference from 0 to 65535.',
        '7: "a..b" is no name.',
        '8: "a..b" is no name.',
        '9: The type HINFO is not supported.',
        '10: The type is missing.',
        '12: a has two CNAME records.',
        '13: $INCLUDE is not supported.',
        '14: $ORIGIN needs one name.',
        '15: A needs one value.',
        `16: "${'x'.repeat(64)}" is no name.`,
      ])
    }
  })

  it('that is empty has nothing but the root', async () => {
    const resolver = createZoneResolver('')
    expect(await resolver.mx('.')).toEqual({ kind: 'none' })
    expect(await resolver.mx('example.org')).toEqual({ kind: 'no-such-name' })
  })
})
