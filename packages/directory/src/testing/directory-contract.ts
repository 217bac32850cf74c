/** The tests that every `Directory` must pass. */

import { type Domain, mailboxOf, parseDomain } from '@postroad/address'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Directory } from '../directory.ts'
import type { MemoryDirectoryOptions } from '../memory.ts'

/** How the suite gets an implementation. */
export interface DirectoryHarness {
  /** A directory that knows this and nothing else. Opened once, and not closed by the suite. */
  open(contents: MemoryDirectoryOptions): Promise<Directory>
}

const CONTENTS: MemoryDirectoryOptions = {
  accounts: [
    {
      name: 'ada',
      password: 'correct horse',
      mailboxes: ['ada@example.org', 'Countess@example.org'],
      sendAs: ['*@partner.example', 'news@elsewhere.example'],
    },
    {
      name: 'grace@example.org',
      password: 'battery staple',
      mailboxes: ['grace@example.org', 'user+exact@example.org'],
    },
    { name: 'user', password: 'pä ss', mailboxes: ['user@example.org', 'jürgen@bücher.example'] },
  ],
  domains: { local: ['example.org', 'bücher.example', 'caught.example'], relay: ['relay.example'] },
  aliases: { 'info@example.org': ['ada@example.org', 'grace@elsewhere.example'] },
  catchAll: { 'caught.example': 'grace@example.org' },
  postmaster: 'user',
}

/** Registers the tests. Call it once per implementation. */
export function describeDirectoryContract(name: string, harness: DirectoryHarness): void {
  describe(`${name} keeps the Directory contract`, () => {
    let directory: Directory

    beforeAll(async () => {
      directory = await harness.open(CONTENTS)
    })

    describe('authenticate', () => {
      it.each([
        { name: 'ada', password: 'correct horse', account: 'ada' },
        { name: 'ada@example.org', password: 'correct horse', account: 'ada' },
        { name: 'countess@Example.ORG', password: 'correct horse', account: 'ada' },
        { name: 'grace@example.org', password: 'battery staple', account: 'grace@example.org' },
        { name: 'user', password: 'pä ss', account: 'user' },
      ])('lets $name in as $account', async ({ account, ...attempt }) => {
        expect(await directory.authenticate(attempt)).toEqual({ name: account })
      })

      it.each([
        { name: 'ada', password: 'Correct horse' },
        { name: 'ada', password: '' },
        { name: 'ada', password: 'correct horse ' },
        { name: 'ada', password: 'battery staple' },
        { name: 'Ada', password: 'correct horse' },
        { name: 'ada+detail@example.org', password: 'correct horse' },
        { name: 'info@example.org', password: 'correct horse' },
        { name: 'nobody', password: 'correct horse' },
        { name: '', password: '' },
        { name: 'constructor', password: 'toString' },
        { name: '\u0000', password: '\u0000' },
      ])('refuses $name with "$password"', async (attempt) => {
        expect(await directory.authenticate(attempt)).toBeUndefined()
      })

      it('judges many at once', async () => {
        const attempts = Array.from({ length: 6 }, (_, index) =>
          directory.authenticate({ name: 'ada', password: index % 2 === 0 ? 'correct horse' : 'wrong' }),
        )
        expect((await Promise.all(attempts)).map((account) => account?.name)).toEqual([
          'ada',
          undefined,
          'ada',
          undefined,
          'ada',
          undefined,
        ])
      })
    })

    it.each([
      { domain: 'example.org', role: 'local' },
      { domain: 'EXAMPLE.ORG', role: 'local' },
      { domain: 'xn--bcher-kva.example', role: 'local' },
      { domain: 'relay.example', role: 'relay' },
      { domain: 'sub.example.org', role: 'none' },
      { domain: 'elsewhere.example', role: 'none' },
      { domain: '[192.0.2.1]', role: 'none' },
    ])('says that $domain is $role', async ({ domain, role }) => {
      expect(await directory.domain(domainOf(domain))).toBe(role)
    })

    describe('recipient', () => {
      it.each([
        { text: 'ada@example.org', account: 'ada' },
        { text: 'ADA@example.org', account: 'ada' },
        { text: 'countess@example.org', account: 'ada' },
        { text: 'ada+lists@example.org', account: 'ada' },
        { text: 'ada+@example.org', account: 'ada' },
        { text: 'Ada+a+b@example.org', account: 'ada' },
        { text: 'user+other@example.org', account: 'user' },
        { text: 'user+exact@example.org', account: 'grace@example.org' },
        { text: 'jürgen@bücher.example', account: 'user' },
        { text: 'ju\u0308rgen@xn--bcher-kva.example', account: 'user' },
        { text: 'postmaster@example.org', account: 'user' },
        { text: 'PostMaster@caught.example', account: 'user' },
        { text: 'anything@caught.example', account: 'grace@example.org' },
      ])('lands $text with $account (RFC 5321 §2.4, RFC 5233 §4)', async ({ text, account }) => {
        expect(await directory.recipient(mailboxOf(text))).toEqual({ kind: 'mailbox', account })
      })

      it('names the targets of an alias, one step', async () => {
        const alias = { kind: 'alias', targets: [mailboxOf('ada@example.org'), mailboxOf('grace@elsewhere.example')] }
        expect(await directory.recipient(mailboxOf('Info@example.org'))).toEqual(alias)
        expect(await directory.recipient(mailboxOf('info+detail@example.org'))).toEqual(alias)
      })

      it.each([
        { text: 'nobody@example.org', kind: 'unknown' },
        { text: '+ada@example.org', kind: 'unknown' },
        { text: 'ada@bücher.example', kind: 'unknown' },
        { text: 'ada@relay.example', kind: 'relay' },
        { text: 'ada@elsewhere.example', kind: 'elsewhere' },
        { text: 'postmaster@elsewhere.example', kind: 'elsewhere' },
        { text: 'ada@sub.example.org', kind: 'elsewhere' },
      ])('says of $text: $kind', async ({ text, kind }) => {
        expect(await directory.recipient(mailboxOf(text))).toEqual({ kind })
      })
    })

    it.each([
      { account: 'ada', text: 'ada@example.org', may: true },
      { account: 'ada', text: 'ADA+x@example.org', may: true },
      { account: 'ada', text: 'anybody@partner.example', may: true },
      { account: 'ada', text: 'news@elsewhere.example', may: true },
      { account: 'ada', text: 'other@elsewhere.example', may: false },
      { account: 'ada', text: 'grace@example.org', may: false },
      { account: 'ada', text: 'info@example.org', may: false },
      { account: 'grace@example.org', text: 'ada@example.org', may: false },
      { account: 'grace@example.org', text: 'anything@caught.example', may: false },
      { account: 'grace@example.org', text: 'anybody@partner.example', may: false },
      { account: 'nobody', text: 'nobody@example.org', may: false },
      { account: 'user', text: 'postmaster@example.org', may: true },
    ])('says whether $account may send as $text: $may', async ({ account, text, may }) => {
      expect(await directory.maySendAs(account, mailboxOf(text))).toBe(may)
    })
  })
}

function domainOf(text: string): Domain {
  const parsed = parseDomain(text, { smtputf8: true })
  if (!parsed.ok) throw new TypeError(`The suite has a wrong domain: ${text}`)
  return parsed.value
}
