import { describe, expect, it } from 'vitest'
import { formatTransmissionType, TRANSMISSION_TYPES } from '../src/index.ts'

describe('TRANSMISSION_TYPES', () => {
  it('has the names of RFC 3848 §1 and RFC 6531 §4.3', () => {
    const both = (name: string): string[] => ['', 'A', 'S', 'SA'].map((suffix) => name + suffix)
    const names = ['SMTP', ...['ESMTP', 'UTF8SMTP', 'LMTP', 'UTF8LMTP'].flatMap(both)]
    expect([...TRANSMISSION_TYPES.keys()].toSorted()).toEqual(names.toSorted())
  })

  it('gives each name back', () => {
    for (const [name, type] of TRANSMISSION_TYPES) expect(formatTransmissionType(type)).toBe(name)
  })

  it('says what a name means', () => {
    expect(TRANSMISSION_TYPES.get('UTF8LMTPSA')).toEqual({
      protocol: 'lmtp',
      extended: true,
      smtputf8: true,
      tls: true,
      authenticated: true,
    })
  })
})
