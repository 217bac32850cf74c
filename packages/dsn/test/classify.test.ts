import { reply } from '@postroad/envelope'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classifyReply, REPLY_CATEGORIES, REPLY_RULES } from '../src/index.ts'
import type { ReplyCategory, ReplyRule, SaidReply } from '../src/index.ts'

interface Row {
  readonly rule: string
  readonly category: ReplyCategory
  readonly code: number
  readonly text: string
}

/** Written in the manner of large providers and common software; at least one for each rule. */
const ROWS: readonly Row[] = [
  {
    rule: 'unknown-behind-access-denied',
    category: 'no-such-user',
    code: 550,
    text: '5.4.1 Recipient address rejected: Access denied. [AM7EUR03FT055.eop-EUR03.prod.protection.example.com]',
  },
  {
    rule: 'policy-behind-weak-login',
    category: 'policy',
    code: 554,
    text: '5.7.9 Message not accepted for policy reasons. See https://postmaster.example.com/error-codes',
  },
  {
    rule: 'greylisting-behind-no-such-user',
    category: 'greylisted',
    code: 450,
    text: '4.1.1 <ada@example.org>: Recipient address rejected: unverified address: Address verification in progress',
  },
  {
    rule: 'status-no-such-user',
    category: 'no-such-user',
    code: 550,
    text: '5.1.1 The email account that you tried to reach does not exist. Please try double-checking - gsmtp',
  },
  {
    rule: 'status-no-such-domain',
    category: 'no-such-domain',
    code: 556,
    text: '5.1.10 Recipient address has null MX',
  },
  {
    rule: 'status-bad-sender',
    category: 'bad-sender',
    code: 450,
    text: '4.1.8 <news@shop.example>: Sender address rejected: Domain not found',
  },
  {
    rule: 'status-mailbox-full',
    category: 'mailbox-full',
    code: 452,
    text: '4.2.2 The email account that you tried to reach is over quota and inactive - gsmtp',
  },
  { rule: 'status-too-big', category: 'message-too-big', code: 552, text: '5.3.4 Error: message file too big' },
  { rule: 'status-loop', category: 'loop', code: 554, text: '5.4.14 Hop count exceeded - possible mail loop ATTR34' },
  { rule: 'status-expired', category: 'expired', code: 550, text: '5.4.7 Delivery expired (message too old)' },
  { rule: 'status-rate', category: 'rate-limited', code: 452, text: '4.5.3 Too many recipients' },
  {
    rule: 'status-authentication',
    category: 'sender-authentication',
    code: 550,
    text: '5.7.26 This mail has been blocked because the sender is unauthenticated.',
  },
  { rule: 'status-tls', category: 'tls-required', code: 550, text: '5.7.30 REQUIRETLS support required' },
  { rule: 'status-login', category: 'login-required', code: 535, text: '5.7.8 Error: authentication failed' },
  {
    rule: 'status-blocked',
    category: 'blocked',
    code: 550,
    text: '5.7.606 Access denied, banned sending IP [192.0.2.1]. To request removal visit https://sender.example.com',
  },
  {
    rule: 'rate-by-words',
    category: 'rate-limited',
    code: 450,
    text: '4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages',
  },
  {
    rule: 'rate-by-words',
    category: 'rate-limited',
    code: 550,
    text: '5.4.5 Daily user sending limit exceeded. For more information on limits - gsmtp',
  },
  {
    rule: 'greylisting',
    category: 'greylisted',
    code: 451,
    text: '4.7.1 <ada@example.org>: Recipient address rejected: Greylisted, see http://postgrey.example/help',
  },
  {
    rule: 'authentication-by-words',
    category: 'sender-authentication',
    code: 550,
    text: '5.7.1 Unauthenticated email from example.com is not accepted due to domain policy.',
  },
  {
    rule: 'authentication-by-words',
    category: 'sender-authentication',
    code: 550,
    text: 'SPF check failed: 192.0.2.1 is not allowed to send mail from example.com',
  },
  {
    rule: 'sender-by-words',
    category: 'bad-sender',
    code: 550,
    text: 'Verification failed for <ada@example.org>: Sender verify failed',
  },
  {
    rule: 'virus-by-words',
    category: 'virus',
    code: 552,
    text: '5.7.0 This message was blocked because its content presents a potential security issue.',
  },
  { rule: 'tls-by-words', category: 'tls-required', code: 530, text: '5.7.0 Must issue a STARTTLS command first' },
  {
    rule: 'blocked-by-words',
    category: 'blocked',
    code: 554,
    text: '5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org',
  },
  {
    rule: 'blocked-by-words',
    category: 'blocked',
    code: 421,
    text: '4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints',
  },
  {
    rule: 'content-by-words',
    category: 'content-refused',
    code: 550,
    text: '5.7.1 Our system has detected that this message is likely unsolicited mail. To reduce the amount of spam',
  },
  {
    rule: 'status-protocol',
    category: 'protocol-error',
    code: 554,
    text: '5.6.3 Message could not be converted to 7 bits for the next hop',
  },
  {
    rule: 'unknown-behind-null-mx',
    category: 'no-such-user',
    code: 550,
    text: '5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup',
  },
  {
    rule: 'status-restricted',
    category: 'policy',
    code: 550,
    text: '5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed',
  },
  {
    rule: 'rate-by-words',
    category: 'rate-limited',
    code: 421,
    text: "RP-001 Unfortunately, some messages from 192.0.2.1 weren't sent. We have limits for how many messages can be sent per hour.",
  },
  {
    rule: 'virus-by-words',
    category: 'virus',
    code: 552,
    text: '5.7.0 Our system detected an illegal attachment on your message.',
  },
  {
    rule: 'blocked-by-words',
    category: 'blocked',
    code: 554,
    text: '5.7.0 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.1',
  },
  {
    rule: 'full-by-words',
    category: 'mailbox-full',
    code: 554,
    text: '5.2.0 STOREDRV.Deliver.Exception:QuotaExceededException; Failed to process message due to a permanent exception',
  },
  { rule: 'address-by-words', category: 'no-such-user', code: 550, text: '#5.1.0 Address rejected.' },
  {
    rule: 'policy-by-words',
    category: 'policy',
    code: 554,
    text: '5.7.1 <a@example.org>: Recipient address rejected: Access denied',
  },
  {
    rule: 'relaying-by-words',
    category: 'relaying-denied',
    code: 554,
    text: '5.7.1 <a@example.org>: Relay access denied',
  },
  {
    rule: 'relaying-by-words',
    category: 'relaying-denied',
    code: 553,
    text: "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
  },
  { rule: 'login-by-words', category: 'login-required', code: 530, text: '5.7.0 Authentication Required. - gsmtp' },
  {
    rule: 'dns-by-words',
    category: 'network',
    code: 450,
    text: 'Name service error for example.org: Host not found, try again',
  },
  {
    rule: 'too-big-by-words',
    category: 'message-too-big',
    code: 552,
    text: 'Message size exceeds fixed maximum message size',
  },
  {
    rule: 'full-by-words',
    category: 'mailbox-full',
    code: 552,
    text: '1 Requested mail action aborted, mailbox is full',
  },
  {
    rule: 'disabled-by-words',
    category: 'mailbox-disabled',
    code: 554,
    text: 'delivery error: This account has been disabled or discontinued [#102]. - mta',
  },
  {
    rule: 'status-mailbox-disabled',
    category: 'mailbox-disabled',
    code: 550,
    text: '5.2.1 <ada@example.org>... no thanks',
  },
  {
    rule: 'user-by-words',
    category: 'no-such-user',
    code: 550,
    text: '5.5.0 Requested action not taken: mailbox unavailable (S2017062302).',
  },
  {
    rule: 'user-by-words',
    category: 'no-such-user',
    code: 554,
    text: "delivery error: dd This user doesn't have a mail.example account",
  },
  {
    rule: 'domain-by-words',
    category: 'no-such-domain',
    code: 550,
    text: 'Host unknown (Name server: example.invalid: host not found)',
  },
  { rule: 'loop-by-words', category: 'loop', code: 554, text: 'mail for example.org loops back to myself' },
  { rule: 'expired-by-words', category: 'expired', code: 550, text: 'retry timeout exceeded' },
  { rule: 'status-network', category: 'network', code: 450, text: '4.4.1 sorry' },
  {
    rule: 'network-by-words',
    category: 'network',
    code: 421,
    text: 'lost connection with mx.example.org while receiving the greeting',
  },
  {
    rule: 'system-by-words',
    category: 'system',
    code: 451,
    text: '4.7.500 Server busy. Please try again later from [192.0.2.1]. (S77719)',
  },
  { rule: 'protocol-by-words', category: 'protocol-error', code: 503, text: 'Bad sequence of commands' },
  { rule: 'policy-by-words', category: 'policy', code: 550, text: '5.7.1 Access denied' },
  { rule: 'status-system', category: 'system', code: 451, text: '4.3.0 Mail server' },
  { rule: 'status-mailbox', category: 'mailbox-disabled', code: 550, text: '5.2.0 no' },
  { rule: 'status-route', category: 'network', code: 450, text: '4.4.0 no' },
  { rule: 'status-protocol', category: 'protocol-error', code: 550, text: '5.6.7 no' },
  { rule: 'status-content', category: 'content-refused', code: 550, text: '5.6.1 no' },
  { rule: 'status-policy', category: 'policy', code: 550, text: '5.7.1 no' },
  { rule: 'code-user', category: 'no-such-user', code: 551, text: 'no' },
  { rule: 'code-domain', category: 'no-such-domain', code: 521, text: 'no' },
  { rule: 'code-full', category: 'mailbox-full', code: 552, text: 'no' },
  { rule: 'code-busy', category: 'mailbox-disabled', code: 450, text: 'no' },
  { rule: 'code-login', category: 'login-required', code: 534, text: 'no' },
  { rule: 'code-tls', category: 'tls-required', code: 538, text: 'no' },
  { rule: 'code-system', category: 'system', code: 451, text: 'no' },
  { rule: 'code-protocol', category: 'protocol-error', code: 500, text: 'no' },
]

describe('classifyReply', () => {
  it.each(ROWS)('$code $text is $category', ({ rule, category, code, text }) => {
    const seen = classifyReply({ code, text })
    expect({ category: seen.category, rule: seen.explain.rule }).toEqual({ category, rule })
    expect(seen.permanent).toBe(code >= 500)
    expect(seen.scope).toBe(REPLY_CATEGORIES[category].scope)
    expect(seen.explain.matched).not.toBe('')
  })

  it('has a reply for every rule, and no two rules of one name', () => {
    const names = REPLY_RULES.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter((name) => !ROWS.some(({ rule }) => rule === name))).toEqual([])
  })

  it('has words that can be found: in lower case, with single blanks, and each rule only once', () => {
    for (const { name, words = [] } of REPLY_RULES) {
      for (const one of words) expect(`${name}: ${one}`).toBe(`${name}: ${one.toLowerCase().replace(/\s+/g, ' ')}`)
      expect(new Set(words).size).toBe(words.length)
    }
  })

  it('says in whole sentences what a category means and what to do', () => {
    for (const { meaning, advice, detail } of Object.values(REPLY_CATEGORIES)) {
      for (const sentence of [meaning, advice]) expect(sentence).toMatch(/^[A-Z].*\.$/)
      expect(detail).toMatch(/^\d\.\d{1,2}$/)
    }
  })

  it('tells the rule and the words', () => {
    expect(classifyReply(reply(550, undefined, 'Sorry,\nno such user here')).explain).toEqual({
      rule: 'user-by-words',
      matched: 'no such user',
      meaning: 'The mailbox does not exist.',
      advice: 'Check the address for a typing error, and take it off your lists.',
    })
    expect(classifyReply({ code: 550, status: '5.1.1', text: '' }).explain.matched).toBe('1.1')
    expect(classifyReply({ code: 451, text: '' }).explain.matched).toBe('451')
    expect(classifyReply({ code: 554, text: 'no' })).toMatchObject({
      category: 'unknown',
      explain: { rule: 'none', matched: '' },
    })
  })

  it('reads over the codes at the front of lines, and takes no word out of an address', () => {
    const lines = '550-5.7.1 Our system has detected\r\n550-5.7.1 that this is likely unsolicited\n550 5.7.1 mail.'
    expect(classifyReply({ code: 550, text: lines }).category).toBe('content-refused')
    expect(classifyReply({ code: 550, text: '<spam@virus.example>... User unknown' }).category).toBe('no-such-user')
  })

  it('matches where a word begins only', () => {
    expect(classifyReply({ code: 554, text: 'Herbals' }).category).toBe('unknown')
    expect(classifyReply({ code: 554, text: 'preloaded antispam, spam' }).explain.matched).toBe('spam')
  })

  it.each<{ what: string; text: string; category: ReplyCategory }>([
    { what: 'an address of the Internet', text: 'host 5.1.1.7 said no', category: 'unknown' },
    { what: 'a version', text: 'ESMTP v5.1.1', category: 'unknown' },
    { what: 'a code of success', text: '2.1.1 then', category: 'unknown' },
    { what: 'a code with leading zeros', text: '5.01.1 then', category: 'unknown' },
    { what: 'a code with a mark', text: 'sorry (#5.1.1)', category: 'no-such-user' },
    { what: 'a code at the end of a sentence', text: 'sorry, 5.1.1.', category: 'no-such-user' },
  ])('reads $what', ({ text, category }) => {
    expect(classifyReply({ code: 554, text }).category).toBe(category)
  })

  it.each<{ said: SaidReply; permanent: boolean }>([
    { said: { code: 450, status: '5.1.1', text: '' }, permanent: false },
    { said: { status: '5.2.2', text: '' }, permanent: true },
    { said: { status: '4.2.2', text: '' }, permanent: false },
    { said: { text: 'mailbox full' }, permanent: false },
    { said: { text: 'no such user' }, permanent: true },
  ])('takes the reply code before the status, and both before the category: $said', ({ said, permanent }) => {
    expect(classifyReply(said).permanent).toBe(permanent)
  })

  it('tries own rules first; all conditions of a rule must hold', () => {
    const rules: ReplyRule[] = [
      { name: 'never', category: 'loop', code: [451], status: ['1.1'], words: ['house rule'] },
      { name: 'ours', category: 'policy', code: [550], status: ['1.*'], words: ['nothing', 'house rule'] },
    ]
    const said: SaidReply = { code: 550, text: '5.1.1 House rule 7' }
    expect(classifyReply(said, { rules }).explain).toMatchObject({ rule: 'ours', matched: 'house rule' })
    expect(classifyReply(said).category).toBe('no-such-user')
    expect(classifyReply({ text: '' }, { rules: [{ name: 'all', category: 'loop' }] }).explain.rule).toBe('all')
    expect(classifyReply({ text: '' }, { rules }).category).toBe('unknown')
  })

  it('takes any text', () => {
    const code = fc.option(fc.integer({ min: 0, max: 999 }), { nil: undefined })
    const piece = fc.oneof(fc.constantFrom('550-5.7.1 ', 'user unknown', '\n', '5.1.1'), fc.string({ unit: 'binary' }))
    fc.assert(
      fc.property(code, fc.array(piece), (code, pieces) => {
        const seen = classifyReply({ code, text: pieces.join('') })
        expect(seen.category in REPLY_CATEGORIES).toBe(true)
      }),
    )
  })

  it('looks at 16,384 characters of a text of megabytes', () => {
    for (const piece of ['5.1.', '550-', ' ', 'spa', 'a@', '5']) {
      expect(classifyReply({ code: 554, text: piece.repeat(1_000_000) })).toHaveProperty('category')
    }
    const long = (blanks: number): string => `${' x'.repeat(blanks)} user unknown`
    expect(classifyReply({ code: 554, text: long(8_000) }).category).toBe('no-such-user')
    expect(classifyReply({ code: 554, text: long(9_000) }).category).toBe('unknown')
  })
})
