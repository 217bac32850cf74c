import { assert, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { XCLIENT_ATTRIBUTES, XFORWARD_ATTRIBUTES } from '../src/extensions/proxy.ts'
import { parseProxyAttributes } from '../src/proxy-attributes.ts'

const read = (argument: string): Record<string, string | undefined> | undefined => {
  const attributes = parseProxyAttributes(argument, [...XCLIENT_ATTRIBUTES, ...XFORWARD_ATTRIBUTES])
  return attributes && Object.fromEntries(attributes)
}

describe('parseProxyAttributes', () => {
  it.each([
    { argument: 'NAME=client.example.org', attributes: { NAME: 'client.example.org' } },
    { argument: 'name=a+20b  HELO=[192.0.2.7]', attributes: { NAME: 'a b', HELO: '[192.0.2.7]' } },
    { argument: 'ADDR=192.0.2.7', attributes: { ADDR: '192.0.2.7' } },
    { argument: 'ADDR=IPV6:2001:DB8:0:0::7', attributes: { ADDR: '2001:db8::7' } },
    { argument: 'DESTADDR=ipv6:::1 DESTPORT=0', attributes: { DESTADDR: '::1', DESTPORT: '0' } },
    { argument: 'PORT=65535 PROTO=esmtp SOURCE=local', attributes: { PORT: '65535', PROTO: 'ESMTP', SOURCE: 'LOCAL' } },
    { argument: 'LOGIN=[unavailable] IDENT=[TEMPUNAVAIL]', attributes: { LOGIN: undefined, IDENT: undefined } },
    { argument: 'ADDR=[UNAVAILABLE] PORT=[UNAVAILABLE]', attributes: { ADDR: undefined, PORT: undefined } },
    { argument: `NAME=${'a'.repeat(255)}`, attributes: { NAME: 'a'.repeat(255) } },
  ])('reads $argument', ({ argument, attributes }) => {
    expect(read(argument)).toEqual(attributes)
  })

  it.each([
    '',
    'NAME',
    '=x',
    'NAME=',
    'FOO=x',
    'NAME=a NAME=b',
    'NAME=a=b',
    'NAME=å',
    'NAME=+0A',
    'NAME=a+2',
    `NAME=${'a'.repeat(256)}`,
    'ADDR=client.example.org',
    'ADDR=2001:db8::7',
    'ADDR=192.0.2.256',
    'ADDR=x400:y',
    'PORT=-1',
    'PORT=65536',
    'PORT=000025',
    'DESTPORT=x',
    'PROTO=LMTP',
    'SOURCE=ELSEWHERE',
  ])('refuses %j', (argument) => {
    expect(read(argument)).toBeUndefined()
  })

  it('never throws', () => {
    assert(property(string({ unit: 'binary' }), (argument) => void read(`ADDR=${argument}`)))
  })
})
