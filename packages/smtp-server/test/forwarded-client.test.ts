import { describe, expect, it } from 'vitest'
import { readForwardedClient } from '../src/forwarded-client.ts'

const read = (attributes: Record<string, string | undefined>) =>
  readForwardedClient(new Map(Object.entries(attributes)))

describe('the attributes of XCLIENT', () => {
  it.each([
    { attributes: {}, client: { account: undefined } },
    {
      attributes: { ADDR: '192.0.2.1', PORT: '40000', DESTPORT: '25', LOGIN: 'ada' },
      client: { remoteAddress: '192.0.2.1', remotePort: 40_000, localPort: 25, account: 'ada' },
    },
    { attributes: { ADDR: 'IPV6:2001:0DB8::1' }, client: { remoteAddress: '2001:db8::1' } },
    { attributes: { ADDR: 'ipv6:::1' }, client: { remoteAddress: '::1' } },
    { attributes: { ADDR: 'IPV6:::FFFF:192.0.2.1' }, client: { remoteAddress: '192.0.2.1' } },
    { attributes: { ADDR: '2001:db8::1' }, client: { remoteAddress: '2001:db8::1' } },
    {
      attributes: { ADDR: undefined, PORT: undefined, DESTPORT: undefined, LOGIN: undefined },
      client: { remoteAddress: '', remotePort: 0, localPort: 0, account: undefined },
    },
    { attributes: { NAME: 'a', HELO: 'b', PROTO: 'ESMTP', DESTADDR: 'x' }, client: { account: undefined } },
  ])('$attributes', ({ attributes, client }) => {
    expect(read(attributes)).toEqual({ account: undefined, ...client })
  })

  it.each([
    { ADDR: 'client.example.org' },
    { ADDR: '' },
    { ADDR: 'IPV6:192.0.2.1' },
    { ADDR: 'fe80::1%eth0' },
    { PORT: '65536' },
    { PORT: '-1' },
    { PORT: '' },
    { DESTPORT: 'smtp' },
  ])('%j is none', (attributes) => {
    expect(read(attributes)).toBeUndefined()
  })
})
