import { describe, expect, it } from 'vitest'
import { parseQueueStart, parseTurnDomains } from '../src/turn-arguments.ts'

describe('parseQueueStart (RFC 1985 §5)', () => {
  it.each([
    { argument: 'Example.ORG', node: 'example.org', kind: 'domain' },
    { argument: '@example.org', node: 'example.org', kind: 'subdomains' },
    { argument: '#uucp', node: 'uucp', kind: 'queue' },
    { argument: `#${'q'.repeat(255)}`, node: 'q'.repeat(255), kind: 'queue' },
  ])('reads $argument', ({ argument, node, kind }) => {
    expect(parseQueueStart(argument)).toEqual({ node, kind })
  })

  it.each([
    '',
    '@',
    '#',
    'localname',
    '@com',
    '[192.0.2.1]',
    'a b.test',
    '#a b',
    '#å',
    `#${'q'.repeat(256)}`,
    '-.test',
  ])('refuses %j', (argument) => {
    expect(parseQueueStart(argument)).toBeUndefined()
  })
})

describe('parseTurnDomains (RFC 2645 §5.2.1)', () => {
  it('reads domains, or none for all', () => {
    expect(parseTurnDomains('')).toEqual([])
    expect(parseTurnDomains('Example.org,example.com')).toEqual(['example.org', 'example.com'])
  })

  it.each(['example', 'example.org,', ',example.org', 'example.org, example.com', 'example.org,[192.0.2.1]'])(
    'refuses %j',
    (argument) => {
      expect(parseTurnDomains(argument)).toBeUndefined()
    },
  )
})
