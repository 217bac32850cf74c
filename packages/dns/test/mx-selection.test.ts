import { parseDomain, type Domain } from '@postroad/address'
import { createSeededRandom } from '@postroad/runtime'
import { describe, expect, it } from 'vitest'
import { createZoneResolver, selectMxHosts, type MxRequest, type MxSelection } from '../src/index.ts'

const domain = (text: string): Domain => {
  const parsed = parseDomain(text, { smtputf8: true })
  if (!parsed.ok) throw new TypeError(text)
  return parsed.value
}

const select = (
  zone: string,
  asked: string,
  more: Partial<MxRequest> & { failing?: readonly string[] } = {},
): Promise<MxSelection> =>
  selectMxHosts({
    resolver: createZoneResolver(zone, { failing: more.failing ?? [] }),
    domain: domain(asked),
    random: createSeededRandom(1),
    ownNames: ['us.example'],
    allowPrivateAddresses: false,
    ...more,
  })

const names = (selection: MxSelection): readonly string[] =>
  selection.kind === 'hosts' ? selection.hosts.map(({ name }) => name) : [selection.status]

const HOSTS = `
one.example A 8.0.0.1
two.example A 8.0.0.2
three.example A 8.0.0.3
three.example AAAA 2600::3
us.example A 8.0.0.9
`

describe('the hosts of a domain (RFC 5321 §5.1)', () => {
  it('come lowest preference first, with their addresses', async () => {
    const zone = `${HOSTS}d.example MX 30 three.example\nd.example MX 10 One.Example.\nd.example MX 20 two.example`
    expect(await select(zone, 'd.example')).toEqual({
      kind: 'hosts',
      hosts: [
        { name: 'one.example', preference: 10, addresses: ['8.0.0.1'] },
        { name: 'two.example', preference: 20, addresses: ['8.0.0.2'] },
        { name: 'three.example', preference: 30, addresses: ['2600::3', '8.0.0.3'] },
      ],
    })
  })

  it('of equal preference come in random order', async () => {
    const zone = `${HOSTS}d.example MX 10 one.example\nd.example MX 10 two.example\nd.example MX 5 three.example`
    const orders = new Set<string>()
    for (let seed = 0; seed < 20; seed += 1) {
      const found = names(await select(zone, 'd.example', { random: createSeededRandom(seed) }))
      expect(found[0]).toBe('three.example')
      orders.add(found.slice(1).join(' '))
    }
    expect([...orders].toSorted()).toEqual(['one.example two.example', 'two.example one.example'])
  })

  it('is the domain itself where it has no MX record', async () => {
    expect(await select(HOSTS, 'one.example')).toEqual({
      kind: 'hosts',
      hosts: [{ name: 'one.example', preference: 0, addresses: ['8.0.0.1'] }],
    })
  })

  it('are never the domain itself where it has MX records that cannot be used', async () => {
    const zone = 'd.example MX 10 missing.example\nd.example A 8.0.0.1'
    expect(await select(zone, 'd.example')).toMatchObject({ kind: 'failed', status: '5.4.4' })
  })

  it('are those of the name that a CNAME leads to', async () => {
    const zone = `${HOSTS}alias.example CNAME d.example\nd.example MX 10 one.example`
    expect(names(await select(zone, 'alias.example'))).toEqual(['one.example'])
  })

  it('may be named by a CNAME, against RFC 2181 §10.3', async () => {
    const zone = `${HOSTS}d.example MX 10 mx.example\nmx.example CNAME two.example`
    expect(await select(zone, 'd.example')).toMatchObject({ hosts: [{ name: 'mx.example', addresses: ['8.0.0.2'] }] })
  })

  it('are looked up by A-labels', async () => {
    expect(names(await select(`${HOSTS}xn--bcher-kva.example MX 10 one.example`, 'bücher.example'))).toEqual([
      'one.example',
    ])
  })

  it.each([
    { families: [4], addresses: ['8.0.0.3'] },
    { families: [6], addresses: ['2600::3'] },
    { families: [4, 6], addresses: ['8.0.0.3', '2600::3'] },
  ] as const)('have addresses of the families $families', async ({ families, addresses }) => {
    expect(await select(HOSTS, 'three.example', { families })).toMatchObject({ hosts: [{ addresses }] })
  })

  it('are named once, however often they are published', async () => {
    const zone = `${HOSTS}d.example MX 10 one.example\nd.example MX 20 one.example\nd.example MX 20 two.example`
    expect(names(await select(zone, 'd.example'))).toEqual(['one.example', 'two.example'])
  })
})

describe('a domain that takes no mail', () => {
  it.each([
    { what: 'does not exist', zone: HOSTS, asked: 'missing.example', status: '5.1.2' },
    {
      what: 'says so (RFC 7505 §3)',
      zone: 'd.example MX 0 .\nd.example A 8.0.0.1',
      asked: 'd.example',
      status: '5.1.10',
    },
    { what: 'has neither MX nor address', zone: 'd.example TXT x', asked: 'd.example', status: '5.1.2' },
    {
      what: 'has hosts without address',
      zone: 'd.example MX 10 x.example\nx.example TXT x',
      asked: 'd.example',
      status: '5.4.4',
    },
    { what: 'has an address for a host', zone: 'd.example MX 10 8.0.0.1', asked: 'd.example', status: '5.4.4' },
  ])('fails where it $what', async ({ zone, asked, status }) => {
    expect(await select(zone, asked)).toEqual({ kind: 'failed', status, text: expect.any(String) as unknown })
  })

  it('is not one that has a null MX among others', async () => {
    expect(names(await select(`${HOSTS}d.example MX 0 .\nd.example MX 10 one.example`, 'd.example'))).toEqual([
      'one.example',
    ])
  })
})

describe('this host among the hosts (RFC 5321 §5.1)', () => {
  const zone = `${HOSTS}d.example MX 10 one.example\nd.example MX 20 us.example\nd.example MX 20 two.example\nd.example MX 30 three.example`

  it('drops itself and everything that is not preferred to it', async () => {
    expect(names(await select(zone, 'd.example'))).toEqual(['one.example'])
    expect(names(await select(zone, 'd.example', { ownNames: ['US.example.'] }))).toEqual(['one.example'])
  })

  it('knows itself by its addresses too', async () => {
    expect(names(await select(zone, 'd.example', { ownNames: ['8.0.0.9'] }))).toEqual(['one.example'])
  })

  it.each([
    { what: 'the best', ownNames: ['one.example'], asked: 'd.example' },
    { what: 'the implicit one', ownNames: ['one.example'], asked: 'one.example' },
    { what: 'at the address literal', ownNames: ['8.0.0.1'], asked: '[8.0.0.1]' },
  ])('is a loop where it is $what', async ({ ownNames, asked }) => {
    expect(await select(zone, asked, { ownNames })).toMatchObject({ kind: 'failed', status: '5.4.6' })
  })
})

describe('a failure of DNS', () => {
  const zone = `${HOSTS}d.example MX 10 one.example\nd.example MX 20 two.example`

  it.each([
    { what: 'the MX lookup', failing: ['d.example'] },
    { what: 'the lookup of every host', failing: ['one.example', 'two.example'] },
  ])('defers where it is of $what', async ({ failing }) => {
    expect(await select(zone, 'd.example', { failing })).toMatchObject({ kind: 'deferred', status: '4.4.3' })
  })

  it('leaves the other hosts', async () => {
    expect(names(await select(zone, 'd.example', { failing: ['one.example'] }))).toEqual(['two.example'])
  })

  it('defers where the other hosts have no address or none that may be used', async () => {
    const more =
      'd.example MX 5 one.example\nd.example MX 10 inside.example\nd.example MX 20 missing.example\ninside.example A 10.0.0.1'
    expect(await select(more, 'd.example', { failing: ['one.example'] })).toMatchObject({ kind: 'deferred' })
  })
})

describe('address literals (RFC 5321 §4.1.3)', () => {
  it.each([
    { asked: '[8.0.0.1]', addresses: ['8.0.0.1'] },
    { asked: '[IPv6:2600::1]', addresses: ['2600::1'] },
  ])('$asked is its own host', async ({ asked, addresses }) => {
    expect(await select('', asked)).toEqual({ kind: 'hosts', hosts: [{ name: asked, preference: 0, addresses }] })
  })

  it.each(['[127.0.0.1]', '[10.0.0.1]', '[IPv6:::1]', '[IPv6:fe80::1]', '[IPv6:::ffff:127.0.0.1]'])(
    '%s is refused',
    async (asked) => {
      expect(await select('', asked)).toMatchObject({ kind: 'failed', status: '5.4.4' })
      expect(await select('', asked, { allowPrivateAddresses: true })).toMatchObject({ kind: 'hosts' })
    },
  )
})

describe('addresses that are not public', () => {
  const zone = `${HOSTS}d.example MX 10 inside.example\nd.example MX 20 mixed.example
inside.example A 127.0.0.1
inside.example AAAA ::1
mixed.example A 10.0.0.1
mixed.example A 8.0.0.8
only.example MX 10 inside.example`

  it('are passed over', async () => {
    expect(await select(zone, 'd.example')).toMatchObject({
      hosts: [{ name: 'mixed.example', addresses: ['8.0.0.8'] }],
    })
  })

  it('fail the domain that has no others', async () => {
    expect(await select(zone, 'only.example')).toMatchObject({ kind: 'failed', status: '5.4.4' })
  })

  it('are used where that is allowed', async () => {
    expect(await select(zone, 'only.example', { allowPrivateAddresses: true })).toMatchObject({
      hosts: [{ addresses: ['::1', '127.0.0.1'] }],
    })
  })
})

describe('a domain that publishes very much', () => {
  const zone = Array.from({ length: 200 }, (_, index) => {
    const host = `h${index}.example`
    return `d.example MX ${index} ${host}\n${Array.from({ length: 5 }, (_, address) => `${host} A 8.0.${index}.${address}`).join('\n')}`
  }).join('\n')

  it('has 10 hosts looked up, and 20 addresses given, the most preferred', async () => {
    const resolver = createZoneResolver(zone)
    let lookups = 0
    const counting = {
      ...resolver,
      a: (name: string) => ((lookups += 1), resolver.a(name)),
      aaaa: (name: string) => ((lookups += 1), resolver.aaaa(name)),
    }
    const selection = await select('', 'd.example', { resolver: counting })
    expect(lookups).toBe(20)
    expect(names(selection)).toEqual(['h0.example', 'h1.example', 'h2.example', 'h3.example'])
  })

  it('has fewer looked up where that is asked', async () => {
    expect(names(await select(zone, 'd.example', { maxHosts: 2 }))).toEqual(['h0.example', 'h1.example'])
  })
})
