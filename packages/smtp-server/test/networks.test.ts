import { describe, expect, it } from 'vitest'
import { Networks } from '../src/networks.ts'

describe('networks', () => {
  it.each([
    { network: '192.0.2.7', inside: ['192.0.2.7'], outside: ['192.0.2.8', '::1', ''] },
    { network: '192.0.2.0/24', inside: ['192.0.2.0', '192.0.2.255'], outside: ['192.0.3.0', '192.0.1.255'] },
    { network: '192.0.2.77/24', inside: ['192.0.2.1'], outside: ['192.0.3.1'] },
    { network: '0.0.0.0/0', inside: ['192.0.2.1', '255.255.255.255'], outside: ['2001:db8::1', ''] },
    { network: '2001:db8::1', inside: ['2001:db8::1', '2001:0DB8:0::1'], outside: ['2001:db8::2', '192.0.2.1'] },
    { network: '2001:db8::/32', inside: ['2001:db8:ffff::'], outside: ['2001:db9::'] },
    { network: 'fe80::/10', inside: ['fe80::1%eth0'], outside: ['fec0::1%eth0'] },
    { network: 'unix', inside: [''], outside: ['127.0.0.1', '::1'] },
  ])('$network has $inside and not $outside', ({ network, inside, outside }) => {
    const networks = new Networks([network])
    for (const address of inside) expect(networks.has(address), address).toBe(true)
    for (const address of outside) expect(networks.has(address), address).toBe(false)
  })

  it('are none where none is named, and all that are named', () => {
    expect(new Networks([]).has('192.0.2.1')).toBe(false)
    expect(new Networks([]).has('')).toBe(false)
    const both = new Networks(['192.0.2.0/24', '2001:db8::/32'])
    expect([both.has('192.0.2.1'), both.has('2001:db8::1'), both.has('nonsense')]).toEqual([true, true, false])
  })

  it.each([
    '',
    'localhost',
    '192.0.2',
    '192.0.2.0/33',
    '192.0.2.0/-1',
    '192.0.2.0/',
    '2001:db8::/129',
    'fe80::1%eth0',
    '/8',
  ])('refuses %j', (network) => {
    expect(() => new Networks([network])).toThrow(expect.objectContaining({ code: 'SMTP_SERVER_NETWORK' }))
  })
})
