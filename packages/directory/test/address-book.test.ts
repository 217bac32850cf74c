import { mailboxOf } from '@postroad/address'
import { describe, expect, it } from 'vitest'
import { createAddressBook, type AddressBook, type AddressBookEntries } from '../src/index.ts'

const book = (entries: AddressBookEntries): AddressBook => {
  const result = createAddressBook(entries)
  if (!result.ok) throw new TypeError(JSON.stringify(result.problems))
  return result.book
}
const problems = (entries: AddressBookEntries): readonly string[] => {
  const result = createAddressBook(entries)
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

describe('local parts that differ in case alone (RFC 5321 §2.4)', () => {
  const both = book({
    accounts: [
      { name: 'one', mailboxes: ['Ada@example.org'] },
      { name: 'two', mailboxes: ['ada@example.org'] },
    ],
    domains: { local: ['example.org'] },
  })

  it.each([
    { text: 'Ada@example.org', account: 'one' },
    { text: 'ada@example.org', account: 'two' },
    { text: 'ADA@example.org', account: 'one' },
  ])('lands $text with $account', ({ text, account }) => {
    expect(both.recipient(mailboxOf(text))).toEqual({ kind: 'mailbox', account })
  })

  it('lets nobody send as the other', () => {
    expect(both.maySendAs('one', mailboxOf('ada@example.org'))).toBe(false)
    expect(both.maySendAs('two', mailboxOf('ada@example.org'))).toBe(true)
  })
})

const whoGets = (entries: AddressBookEntries): unknown => book(entries).recipient(mailboxOf('Postmaster@example.org'))

describe('postmaster (RFC 5321 §4.5.1)', () => {
  const accounts = [
    { name: 'first', mailboxes: [] },
    { name: 'second', mailboxes: [] },
  ]
  const domains = { local: ['example.org'] }

  it.each([
    { what: 'the account named first', more: {}, account: 'first' },
    { what: 'the catch-all', more: { catchAll: { 'example.org': 'second' } }, account: 'second' },
    {
      what: 'the account named for it',
      more: { postmaster: 'first', catchAll: { 'example.org': 'second' } },
      account: 'first',
    },
  ])('goes to $what', ({ more, account }) => {
    expect(whoGets({ accounts, domains, ...more })).toEqual({ kind: 'mailbox', account })
  })

  it('goes to the alias that names it', () => {
    expect(whoGets({ accounts, domains, aliases: { 'postmaster@example.org': ['x@example.net'] } })).toMatchObject({
      kind: 'alias',
    })
  })

  it('is unknown only where there is no account at all', () => {
    expect(whoGets({ accounts: [], domains })).toEqual({ kind: 'unknown' })
  })
})

describe('entries that cannot be used', () => {
  it('are all named at once', () => {
    const found = problems({
      accounts: [
        { name: 'ada', mailboxes: ['ada@example.org', 'ada@example.net', 'no mailbox'], sendAs: ['*@a..b', 'x'] },
        { name: 'ada', mailboxes: ['ada@example.org'] },
        { name: '', mailboxes: [] },
        { name: 'a\nb', mailboxes: [] },
        { name: 'x'.repeat(256), mailboxes: [] },
        { name: 'ada@example.org', mailboxes: [] },
      ],
      domains: { local: ['example.org', 'Example.ORG', 'a..b'], relay: ['example.org'] },
      aliases: { 'ada@example.org': ['x@example.net'], 'empty@example.org': [], 'out@example.net': ['bad'] },
      catchAll: { 'example.net': 'nobody', '..': 'ada' },
      postmaster: 'nobody',
    })
    expect(found.map((problem) => problem.slice(0, problem.indexOf(':')))).toEqual([
      'domains.local.1',
      'domains.local.2',
      'domains.relay.0',
      'accounts.0.mailboxes.1',
      'accounts.0.mailboxes.2',
      'accounts.0.sendAs.0',
      'accounts.0.sendAs.1',
      'accounts.1.name',
      'accounts.1.mailboxes.0',
      'accounts.2.name',
      'accounts.3.name',
      'accounts.4.name',
      'aliases.ada@example.org',
      'aliases.empty@example.org',
      'aliases.out@example.net.0',
      'aliases.out@example.net',
      'accounts.5.name',
      'catchAll.example.net',
      'catchAll.example.net',
      'catchAll...',
      'postmaster',
    ])
  })

  it('say what was expected and where', () => {
    expect(problems({ accounts: [{ name: 'a', mailboxes: ['a@'] }], domains: { local: [] } })[0]).toMatch(
      /^accounts\.0\.mailboxes\.0: "a@" is no mailbox: expected .+ at character 3\.$/,
    )
  })
})
