import { type Domain, mailboxOf, parseDomain } from '@postroad/address'
import { reply } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import {
  createRoutes,
  formatDestination,
  groupOf,
  RouteRulesError,
  type RouteMatch,
  type RouteQuery,
} from '../src/index.ts'

const domain = (text: string): Domain => {
  const parsed = parseDomain(text, { smtputf8: true })
  if (!parsed.ok) throw new TypeError(text)
  return parsed.value
}
const query = (recipient: string, more: Partial<RouteQuery> = {}): RouteQuery => ({
  recipient: mailboxOf(recipient),
  role: 'none',
  reversePath: mailboxOf('eve@sender.example'),
  account: undefined,
  ...more,
})

const SMART_HOST = {
  transport: 'host',
  protocol: 'smtp',
  host: 'Relay.example.net',
  port: 587,
  tls: 'required',
} as const

describe('the default table', () => {
  const routes = createRoutes()

  it('delivers local mail here', () => {
    expect(routes.route(query('ada@example.org', { role: 'local' }))).toEqual({
      kind: 'deliver',
      destination: { transport: 'local' },
      group: 'local',
    })
  })

  it.each(['relay', 'none'] as const)(
    'sends mail of role %s to the mail exchangers of its domain (RFC 5321 §5.1)',
    (role) => {
      expect(routes.route(query('ada@example.org', { role }))).toEqual({
        kind: 'deliver',
        destination: { transport: 'mx', domain: 'example.org' },
        group: 'mx:example.org',
      })
    },
  )

  it('names the group of a U-label domain with A-labels', () => {
    expect(routes.route(query('ada@bücher.example'))).toMatchObject({ group: 'mx:xn--bcher-kva.example' })
  })

  it('routes an address literal to itself', () => {
    expect(routes.route(query('ada@[192.0.2.1]'))).toMatchObject({ group: 'mx:[192.0.2.1]' })
  })
})

const matches = (match: RouteMatch, asked: RouteQuery): boolean =>
  createRoutes([{ match, action: { transport: 'refuse', reply: reply(550, '5.7.1', 'no') } }]).route(asked).kind ===
  'refuse'

describe('conditions', () => {
  it.each([
    { match: {}, asked: query('a@example.org'), matched: true },
    { match: { domain: ['example.org'] }, asked: query('a@example.org'), matched: true },
    { match: { domain: ['EXAMPLE.org'] }, asked: query('a@example.org'), matched: true },
    { match: { domain: ['example.org'] }, asked: query('a@sub.example.org'), matched: false },
    { match: { domain: ['.example.org'] }, asked: query('a@sub.example.org'), matched: true },
    { match: { domain: ['.example.org'] }, asked: query('a@example.org'), matched: false },
    { match: { domain: ['.example.org'] }, asked: query('a@badexample.org'), matched: false },
    { match: { domain: ['.example.org'] }, asked: query('a@[192.0.2.1]'), matched: false },
    { match: { domain: ['[192.0.2.1]'] }, asked: query('a@[192.0.2.1]'), matched: true },
    { match: { domain: ['*'] }, asked: query('a@[192.0.2.1]'), matched: true },
    { match: { domain: ['bücher.example'] }, asked: query('a@xn--bcher-kva.example'), matched: true },
    { match: { domain: ['example.net', 'example.org'] }, asked: query('a@example.org'), matched: true },
    { match: { recipient: ['Ada@example.org'] }, asked: query('ada@example.org'), matched: true },
    { match: { recipient: ['ada@example.org'] }, asked: query('bob@example.org'), matched: false },
    { match: { senderDomain: ['sender.example'] }, asked: query('a@example.org'), matched: true },
    { match: { senderDomain: ['*'] }, asked: query('a@example.org', { reversePath: null }), matched: false },
    { match: { senderDomain: ['<>'] }, asked: query('a@example.org', { reversePath: null }), matched: true },
    { match: { senderDomain: ['<>'] }, asked: query('a@example.org'), matched: false },
    { match: { account: ['ada'] }, asked: query('a@example.org', { account: 'ada' }), matched: true },
    { match: { account: ['ada'] }, asked: query('a@example.org', { account: 'Ada' }), matched: false },
    { match: { account: ['ada'] }, asked: query('a@example.org'), matched: false },
    { match: { role: ['relay', 'none'] }, asked: query('a@example.org', { role: 'relay' }), matched: true },
    { match: { role: ['relay'] }, asked: query('a@example.org', { role: 'local' }), matched: false },
    {
      match: { domain: ['example.org'], account: ['bob'] },
      asked: query('a@example.org', { account: 'ada' }),
      matched: false,
    },
  ] satisfies { match: RouteMatch; asked: RouteQuery; matched: boolean }[])(
    '$match of $asked.recipient: $matched',
    ({ match, asked, matched }) => {
      expect(matches(match, asked)).toBe(matched)
    },
  )
})

describe('actions', () => {
  it('makes a smart host one group for every domain', () => {
    const routes = createRoutes([{ match: { domain: ['*'] }, action: SMART_HOST }])
    expect(routes.route(query('a@example.org'))).toMatchObject({
      destination: SMART_HOST,
      group: 'smtp:relay.example.net:587',
    })
    expect(routes.route(query('b@example.com'))).toMatchObject({ group: 'smtp:relay.example.net:587' })
  })

  it('takes the first rule that matches', () => {
    const routes = createRoutes([
      { match: { domain: ['example.org'] }, action: { transport: 'mx', domain: domain('elsewhere.example') } },
      { match: {}, action: SMART_HOST },
    ])
    expect(routes.route(query('a@example.org'))).toMatchObject({ group: 'mx:elsewhere.example' })
    expect(routes.route(query('a@example.net'))).toMatchObject({ group: 'smtp:relay.example.net:587' })
  })

  it('refuses with the reply it was given', () => {
    const refusal = reply(550, '5.7.1', 'Not from here')
    const routes = createRoutes([{ match: {}, action: { transport: 'refuse', reply: refusal } }])
    expect(routes.route(query('a@example.org'))).toEqual({ kind: 'refuse', reply: refusal })
  })

  it.each([
    {
      destination: { ...SMART_HOST, host: '2001:db8::1' },
      group: 'smtp:[2001:db8::1]:587',
      text: 'smtp:[2001:db8::1]:587, TLS required',
    },
    {
      destination: { ...SMART_HOST, protocol: 'lmtp', host: 'unix:/run/Lmtp', port: 0 },
      group: 'lmtp:unix:/run/Lmtp',
      text: 'lmtp:unix:/run/Lmtp',
    },
    { destination: { transport: 'local' }, group: 'local', text: 'local' },
  ] as const)('names $text', ({ destination, group, text }) => {
    expect(groupOf(destination)).toBe(group)
    expect(formatDestination(destination)).toBe(text)
  })
})

describe('explanations', () => {
  const routes = createRoutes([
    { name: 'partners', match: { domain: ['.example.net'] }, action: SMART_HOST },
    { match: { role: ['none'], account: ['ada'] }, action: SMART_HOST },
  ])

  it('say of every rule that was tried why it did or did not match', () => {
    expect(routes.explain(query('a@example.org')).tried).toEqual([
      { rule: 'partners', matched: false, why: 'domain example.org is not .example.net' },
      { rule: 'rule 2', matched: false, why: 'account nobody is not ada' },
      { rule: 'default: local', matched: false, why: 'role none is not local' },
      { rule: 'default: mx', matched: true, why: 'matches everything' },
    ])
  })

  it('end at the rule that matched and agree with the route', () => {
    const asked = query('a@example.org', { account: 'ada' })
    const { route, tried } = routes.explain(asked)
    expect(tried.at(-1)).toEqual({ rule: 'rule 2', matched: true, why: 'role none, account ada' })
    expect(route).toEqual(routes.route(asked))
  })
})

const makeWrong = (): unknown =>
  createRoutes([
    { match: { domain: ['a..b', '.[192.0.2.1]'], account: [] }, action: { transport: 'local' } },
    { match: { recipient: ['nobody'] }, action: { ...SMART_HOST, port: 70_000 } },
    { match: {}, action: { ...SMART_HOST, host: 'unix:/run/x' } },
    { match: {}, action: { transport: 'refuse', reply: reply(250, '2.0.0', 'OK') } },
  ])

describe('rules that cannot be used', () => {
  it('are all named at once, with their places', () => {
    expect(makeWrong).toThrow(RouteRulesError)
    try {
      makeWrong()
    } catch (error) {
      const { code, problems } = error as RouteRulesError
      expect(code).toBe('ROUTES_RULES_INVALID')
      expect(problems.map(({ rule, path }) => `${rule} ${path}`)).toEqual([
        '0 match.domain[0]',
        '0 match.domain[1]',
        '0 match.account',
        '1 match.recipient[0]',
        '1 action.port',
        '2 action.host',
        '3 action.reply',
      ])
    }
  })
})
