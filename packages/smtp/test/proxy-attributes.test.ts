import { assert, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseProxyAttributes } from '../src/proxy-attributes.ts'

type Command = 'XCLIENT' | 'XFORWARD'

const read = (command: Command, argument: string): Record<string, string | undefined> | undefined => {
  const attributes = parseProxyAttributes(argument, command)
  return attributes && Object.fromEntries(attributes)
}
const BOTH: readonly Command[] = ['XCLIENT', 'XFORWARD']

describe('parseProxyAttributes', () => {
  it.each([
    { argument: 'NAME=client.example.org', attributes: { NAME: 'client.example.org' } },
    { argument: 'name=a+20b  HELO=[192.0.2.7]', attributes: { NAME: 'a b', HELO: '[192.0.2.7]' } },
    { argument: 'ADDR=192.0.2.7', attributes: { ADDR: '192.0.2.7' } },
    { argument: 'ADDR=IPV6:2001:DB8:0:0::7', attributes: { ADDR: '2001:db8::7' } },
    { argument: 'PORT=65535 PROTO=ESMTP', attributes: { PORT: '65535', PROTO: 'ESMTP' } },
    { argument: 'HELO=[unavailable] NAME=[TEMPUNAVAIL]', attributes: { HELO: undefined, NAME: undefined } },
    { argument: 'ADDR=[UNAVAILABLE] PORT=[UNAVAILABLE]', attributes: { ADDR: undefined, PORT: undefined } },
    { argument: `NAME=${'a'.repeat(255)}`, attributes: { NAME: 'a'.repeat(255) } },
  ])('reads $argument of both commands', ({ argument, attributes }) => {
    for (const command of BOTH) expect(read(command, argument)).toEqual(attributes)
  })

  it.each([
    { argument: 'DESTADDR=ipv6:::1 DESTPORT=0', attributes: { DESTADDR: '::1', DESTPORT: '0' } },
    { argument: 'PROTO=esmtp LOGIN=ada', attributes: { PROTO: 'ESMTP', LOGIN: 'ada' } },
  ])('reads $argument of XCLIENT', ({ argument, attributes }) => {
    expect(read('XCLIENT', argument)).toEqual(attributes)
  })

  it.each([
    { argument: 'IDENT=4711 SOURCE=local', attributes: { IDENT: '4711', SOURCE: 'LOCAL' } },
    { argument: 'PROTO=HTTP', attributes: { PROTO: 'HTTP' } },
    { argument: `PROTO=${'p'.repeat(64)}`, attributes: { PROTO: 'p'.repeat(64) } },
    { argument: 'ADDR=client.example.org', attributes: { ADDR: 'client.example.org' } },
    { argument: 'ADDR=192.0.2.256', attributes: { ADDR: '192.0.2.256' } },
    { argument: `ADDR=${'a'.repeat(255)}`, attributes: { ADDR: 'a'.repeat(255) } },
  ])('reads $argument of XFORWARD', ({ argument, attributes }) => {
    expect(read('XFORWARD', argument)).toEqual(attributes)
  })

  it.each([
    '',
    'NAME',
    '=x',
    'NAME=',
    'ADDR=',
    'PROTO=',
    'FOO=x',
    'NAME=a NAME=b',
    'NAME=a=b',
    'NAME=å',
    'NAME=+0A',
    'NAME=a+2',
    `NAME=${'a'.repeat(256)}`,
    `ADDR=${'a'.repeat(256)}`,
    `PROTO=${'p'.repeat(65)}`,
    'PORT=-1',
    'PORT=65536',
    'PORT=000025',
  ])('refuses %j of both commands', (argument) => {
    for (const command of BOTH) expect(read(command, argument)).toBeUndefined()
  })

  it.each([
    'ADDR=client.example.org',
    'ADDR=2001:db8::7',
    'ADDR=192.0.2.256',
    'ADDR=x400:y',
    'DESTADDR=client.example.org',
    'DESTPORT=x',
    'PROTO=LMTP',
    'IDENT=4711',
    'SOURCE=LOCAL',
  ])('refuses %j of XCLIENT', (argument) => {
    expect(read('XCLIENT', argument)).toBeUndefined()
  })

  it.each(['SOURCE=ELSEWHERE', 'LOGIN=ada', 'DESTPORT=25', 'DESTADDR=192.0.2.7'])(
    'refuses %j of XFORWARD',
    (argument) => {
      expect(read('XFORWARD', argument)).toBeUndefined()
    },
  )

  it('knows no attribute by the name of a property that every object has', () => {
    for (const command of BOTH) expect(read(command, 'constructor=x __proto__=y')).toBeUndefined()
  })

  it('never throws', () => {
    for (const command of BOTH) {
      assert(property(string({ unit: 'binary' }), (argument) => void parseProxyAttributes(`ADDR=${argument}`, command)))
    }
  })
})
