import { formatMailbox, mailboxOf } from '@postroad/address'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BOUNCE_RULES, readBounce, writeReport } from '../src/index.ts'
import type { Bounce, BounceRule } from '../src/index.ts'
import { assemble, bytes, failed, reportOf } from './report-of.ts'

const DAEMON = 'From: MAILER-DAEMON@mx.example.net\nSubject: failure notice\n'
const notice = (body: string, header = DAEMON): Uint8Array => bytes(`${header}\n${body}`)
const MULTIPART = `${DAEMON}Content-Type: multipart/mixed; boundary=b\n`

const named = (bounce: Bounce | undefined): string[] =>
  (bounce?.recipients ?? []).map((one) => formatMailbox(one.mailbox))

/** A report with these fields for its recipients. */
const report = (...groups: string[]): Uint8Array =>
  bytes(
    `${DAEMON}Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nno words\n--b\n` +
      `Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n${groups.join('\n\n')}\n--b--\n`,
  )

describe('reports (RFC 3464)', () => {
  it('are read first', () => {
    const bounce = readBounce(assemble(writeReport(reportOf())))
    expect(bounce).toMatchObject({
      by: 'rfc3464',
      originalMessageId: 'lunch.1@example.org',
      recipients: [
        {
          mailbox: { localPart: 'bob', domain: 'example.net' },
          action: 'failed',
          status: '5.1.1',
          isDeduced: false,
          permanent: true,
          diagnostic: '550 5.1.1 No such user here',
          reason: { category: 'no-such-user' },
        },
      ],
    })
  })

  it('name those who failed or wait; reports of success are no bounces (RFC 3464 §2.3.3)', () => {
    const good = { ...failed, action: 'delivered', status: '2.0.0', mailbox: mailboxOf('ok@example.net') } as const
    const slow = { ...failed, action: 'delayed', status: '4.4.1', mailbox: mailboxOf('slow@example.net') } as const
    const mixed = readBounce(assemble(writeReport(reportOf({ recipients: [good, failed, slow] }))))
    expect(named(mixed)).toEqual(['bob@example.net', 'slow@example.net'])
    expect(mixed?.recipients.map(({ action, permanent }) => [action, permanent])).toEqual([
      ['failed', true],
      ['delayed', false],
    ])
    expect(readBounce(assemble(writeReport(reportOf({ recipients: [good] }))))).toBeUndefined()
  })

  it.each([
    {
      what: 'the address that was sent to before the one that it stands for (RFC 3464 §2.3.1)',
      fields:
        'Original-Recipient: rfc822;list@example.org\nFinal-Recipient: rfc822;x@example.net\nAction: failed\nStatus: 5.1.1',
      recipient: { mailbox: { localPart: 'list', domain: 'example.org' } },
    },
    {
      what: 'the final one where the original one is no mailbox',
      fields: 'Original-Recipient: unknown;?\nFinal-Recipient: rfc822;x@example.net\nAction: failed\nStatus: 5.1.1',
      recipient: { mailbox: { localPart: 'x', domain: 'example.net' } },
    },
    {
      what: 'an address with more around it',
      fields: 'Final-Recipient: rfc822; x@example.net (Ada)\nAction: failed\nStatus: 5.1.1',
      recipient: { mailbox: { localPart: 'x', domain: 'example.net' } },
    },
    {
      what: 'a status in the diagnostic that says more than 5.0.0',
      fields: 'Final-Recipient: rfc822;x@y\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp;552 5.2.2 full',
      recipient: { status: '5.2.2', reason: { category: 'mailbox-full' } },
    },
    {
      what: 'the reason from the diagnostic, where the status says only that it took too long',
      fields: 'Final-Recipient: rfc822;x@y\nAction: failed\nStatus: 4.4.7\nDiagnostic-Code: smtp;451 4.7.1 Greylisted',
      recipient: { status: '4.4.7', permanent: false, reason: { category: 'greylisted' } },
    },
    {
      what: 'the reason from what a gateway adds',
      fields:
        'Final-Recipient: rfc822;x@y\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: Reason 1\nX400-Supplementary-Info: "MTA says 5.7.1 Unable to relay"',
      recipient: { status: '5.7.1', diagnostic: 'Reason 1', reason: { category: 'relaying-denied' } },
    },
    {
      what: 'no action, but a status of class 4',
      fields: 'Final-Recipient: rfc822;x@y\nStatus: 4.2.2',
      recipient: { action: 'delayed', permanent: false },
    },
    {
      what: 'no action and no status',
      fields: 'Final-Recipient: rfc822;x@y',
      recipient: { action: 'failed', status: '5.0.0', isDeduced: true, permanent: true, diagnostic: undefined },
    },
  ])('give $what', ({ fields, recipient }) => {
    expect(readBounce(report(fields))?.recipients).toMatchObject([recipient])
  })

  it('give nothing for a status of success without an action', () => {
    expect(readBounce(report('Final-Recipient: rfc822;x@y\nStatus: 2.1.5'))).toBeUndefined()
  })

  it('name everybody once, at most a thousand', () => {
    const groups = Array.from({ length: 1_200 }, (_, index) => `Action: failed\nFinal-Recipient: rfc822;x${index}@y`)
    expect(named(readBounce(report(...groups)))).toHaveLength(1_000)
    expect(named(readBounce(report(...Array.from({ length: 20 }, () => groups[0] ?? ''))))).toEqual(['x0@y'])
  })

  it('that name no mailbox are bounces of nobody', () => {
    const fields = 'Final-Recipient: rfc822; a..b@example.net\nAction: failed\nStatus: 5.1.1'
    expect(readBounce(report(fields))).toEqual({ by: 'rfc3464', recipients: [], originalMessageId: undefined })
    expect(readBounce(report(''))).toMatchObject({ by: 'rfc3464', recipients: [] })
  })

  it('may stand as plain text in a notice', () => {
    const text =
      'Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; x@example.net\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp;\n 552 full'
    expect(readBounce(notice(text))).toMatchObject({
      by: 'rfc3464-text',
      recipients: [{ status: '5.2.2', diagnostic: '552 full' }],
    })
    expect(readBounce(notice('Final-Recipient: rfc822; x@example.net\nAction: delivered'))).toBeUndefined()
    expect(readBounce(notice('Final-Recipient: rfc822; x@example.net\nDisposition: a/b; displayed'))).toBeUndefined()
  })

  it('may be attached to what a gateway wrote, but not to what a person passes on', () => {
    const inner = Buffer.from(report('Final-Recipient: rfc822;x@y\nAction: failed')).toString()
    const body = `\n--o\nContent-Type: message/rfc822\n\n${inner}\n--o--\n`
    const type = 'Content-Type: multipart/mixed; boundary=o\n'
    expect(named(readBounce(bytes(`${DAEMON}${type}${body}`)))).toEqual(['x@y'])
    expect(readBounce(bytes(`From: ada@example.org\nSubject: Fwd: failure notice\n${type}${body}`))).toBeUndefined()
    expect(readBounce(bytes(`From: ada@example.org\nSubject: look\n${type}${body}`))).toBeUndefined()
  })

  it('that came back count less than the notice that brought them', () => {
    const returned = Buffer.from(report('Final-Recipient: rfc822;inner@example.net\nAction: failed')).toString()
    const text = `Hi. This is the qmail-send program at example.net.\n\n<outer@example.org>:\nno such user\n\n--- Below this line is a copy of the message.\n\n${returned}`
    expect(named(readBounce(notice(text)))).toEqual(['outer@example.org'])
  })

  it('of disposition are no bounces (RFC 8098 §3), unless their words say so', () => {
    const mdn = (words: string): Uint8Array =>
      bytes(
        'From: ada@example.org\nSubject: x\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n' +
          `--b\n\n${words}\n--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; x@example.net\n` +
          'Disposition: automatic-action/MDN-sent-automatically; deleted\n--b--\n',
      )
    expect(readBounce(mdn('Your message was displayed.'))).toBeUndefined()
    expect(
      readBounce(mdn('Your message to <x@example.net> was automatically rejected:\nQuota exceeded')),
    ).toMatchObject({
      by: 'refused',
      recipients: [{ status: '5.2.2', isDeduced: true, reason: { category: 'mailbox-full' } }],
    })
  })

  it('of abuse are no bounces (RFC 5965 §2)', () => {
    const body =
      '--b\n\n<x@example.net>: no such user\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b--\n'
    expect(readBounce(bytes(`${MULTIPART}\n${body}`))).toBeUndefined()
  })
})

/** Written in the manner of each system. */
const NOTICES: readonly {
  readonly by: string
  readonly text: string
  readonly to: readonly string[]
  readonly action?: 'failed' | 'delayed'
  readonly status?: string
}[] = [
  {
    by: 'qmail',
    text: "Hi. This is the qmail-send program at mx.example.net.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<a@example.org>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 unknown\n\n<b@example.org>:\nRemote host said: 452 quota exceeded\n\n--- Below this line is a copy of the message.\n\n<c@example.org>:\nno",
    to: ['a@example.org', 'b@example.org'],
    status: '5.1.1',
  },
  {
    by: 'exim',
    text: 'A message that you sent could not be delivered. The following\naddress(es) failed:\n\n  a@example.org\n    (generated from list@example.net)\n    host mx [192.0.2.1]: 550 unknown user:\n    b@example.org said so\n  c@example.org: quota exceeded\n\n------ This is a copy of the message, including all the headers. ------',
    to: ['a@example.org', 'c@example.org', 'list@example.net'],
    status: '5.1.1',
  },
  {
    by: 'exim',
    text: 'A message that you sent has not yet been delivered.\n\nThe address to which the message has not yet been delivered is:\n\n  a@example.org\n\nNo action is required on your part. Delivery attempts will continue for\nsome time.',
    to: ['a@example.org'],
    action: 'delayed',
    status: '4.0.0',
  },
  {
    by: 'postfix',
    text: "This is the Example program at host mx.example.net.\n\nI'm sorry that your message\ncould not be delivered to one or more destinations.\n\nFor help, send mail to\n<postmaster@example.net>\n\n<a@example.org> (expanded from <list@example.net>): host mx[192.0.2.1] said: 550 5.7.1\n    relay access denied",
    to: ['a@example.org', 'list@example.net'],
    status: '5.7.1',
  },
  {
    by: 'sendmail',
    text: '   ----- The following addresses had permanent fatal errors -----\n<a@example.org>\n    (reason: 550 5.2.1 closed)\nb@example.org\n    (expanded from: <list@example.net>)\n\n   ----- Transcript of session follows -----\n550 5.1.1 unknown',
    to: ['a@example.org', 'b@example.org', 'list@example.net'],
    status: '5.2.1',
  },
  {
    by: 'transcript',
    text: '   ----- Transcript of session follows -----\n>>> RCPT TO:<a@example.org>\n<<< 550 <a@example.org>... User unknown\n550 <a@example.org>... User unknown',
    to: ['a@example.org'],
    status: '5.1.1',
  },
  {
    by: 'exchange',
    text: 'Your message\n\n  To:      someone\n\ndid not reach the following recipient(s):\n\nc=US;p=EX;o=HQ;dda:SMTP=a@example.org; on Fri, 4 Oct 2002\n    The recipient name is not recognized',
    to: ['a@example.org'],
    status: '5.1.1',
  },
  {
    by: 'exchange',
    text: "The following recipient(s) could not be reached:\n\n      'a@example.org' on 1/2/2003 1:23 PM\n            The message could not be delivered because the mailbox is full.",
    to: ['a@example.org'],
    status: '5.2.2',
  },
  {
    by: 'microsoft-smtp',
    text: 'Delivery to the following recipient has been delayed:\n\n     a@example.org\n\nMessage will be retried for 2 more day(s)',
    to: ['a@example.org'],
    action: 'delayed',
  },
  {
    by: 'domino',
    text: 'Your message\n\n  Subject: x\n\nwas not delivered to:\n\n  a@example.org\n\nbecause:\n\n  User a not listed in Domino Directory',
    to: ['a@example.org'],
    status: '5.1.1',
  },
  {
    by: 'groupwise',
    text: 'The message that you sent was undeliverable to the following:\n\ta@example.org (mailbox is full)',
    to: ['a@example.org'],
    status: '5.2.2',
  },
  {
    by: 'mdaemon',
    text: 'The following addresses did NOT receive a copy of your message:\n\n> a@example.org\n> b@example.org\n\n--- Session Transcript ---\n 550 no such user',
    to: ['a@example.org', 'b@example.org'],
    status: '5.1.1',
  },
  { by: 'mdaemon', text: 'a@example.org - no such user here.', to: ['a@example.org'], status: '5.1.1' },
  {
    by: 'mercury',
    text: 'The local mail transport system has reported the following problems it\nencountered while trying to deliver your message:\n\n*** a@example.org\n    550 no such user',
    to: ['a@example.org'],
  },
  {
    by: 'courier',
    text: 'Your message to the following recipients cannot be delivered:\n\n<a@example.org>:\n  mx [192.0.2.1]:\n>>> RCPT TO:<a@example.org>\n<<< 550 unknown user',
    to: ['a@example.org'],
  },
  {
    by: 'opensmtpd',
    text: '    A message is delayed for more than 10 minutes for the following\n    list of recipients:\n\na@example.org: Network error on destination MXs\n\n    You DO NOT NEED to re-send the message.\n    Below is a copy of the original message:\n\nMessage-Id:\n <1@example.net>',
    to: ['a@example.org'],
    action: 'delayed',
    status: '4.4.1',
  },
  {
    by: 'aol',
    text: 'Your mail to the following recipients could not be delivered because\nthey are not accepting mail from list@example.org:\n\tscreenname\n',
    to: ['screenname@mx.example.net'],
  },
  {
    by: 'smail',
    text: '|--- Failed addresses follow: ---|\n a@example.org ... unknown host',
    to: ['a@example.org'],
    status: '5.1.2',
  },
  {
    by: 'netscape',
    text: 'The following recipients did not receive your message:\n\n   <a@example.org>\nThe following recipients did not receive your message:\n\n   <b@example.org>\n\nPlease reply to\npostmaster@example.net',
    to: ['a@example.org', 'b@example.org'],
  },
  {
    by: 'smtp32',
    text: 'Unknown user: a@example.org\n\nUnknown user: b@example.org\n\nOriginal message follows.\n\nUnknown user: c@example.org',
    to: ['a@example.org', 'b@example.org'],
  },
  {
    by: 'yahoo',
    text: "I wasn't able to deliver the following message.\n\nSubject: x\nTo: a@example.org",
    to: ['a@example.org'],
  },
  {
    by: 'listserv',
    text: 'Error-for:  a@example.org\nError-Code: 0\nError-Text: "554 Message looping"',
    to: ['a@example.org'],
    status: '5.4.6',
  },
  {
    by: 'demon',
    text: "The following message, addressed to 'a@example.org',\nfailed because it has not been collected after 30 days",
    to: ['a@example.org'],
    status: '5.2.1',
  },
  {
    by: 'delayed',
    text: 'Your message to:\n\ta@example.org\n\nhas not yet been delivered because the server did not respond.',
    to: ['a@example.org'],
    action: 'delayed',
    status: '4.4.1',
  },
  { by: 'list', text: 'Your message could not be delivered to\na@example.org\n', to: ['a@example.org'] },
  {
    by: 'named',
    text: 'Undeliverable Address: a@example.org\n\nReason: the recipient is over disk quota.',
    to: ['a@example.org'],
    status: '5.2.2',
  },
  { by: 'refused', text: "Your message to a@example.org couldn't be delivered.", to: ['a@example.org'] },
  {
    by: 'bracketed',
    text: 'Désolé.\n\n<a@example.org>:\nno mailbox here by that name\n',
    to: ['a@example.org'],
    status: '5.1.1',
  },
]

describe('notices in words', () => {
  it.each(NOTICES)('in the manner of $by: $text', ({ by, text, to, action = 'failed', status }) => {
    for (const lines of [text, text.replace(/\n/g, '\r\n'), text.replace(/\n/g, '\r')]) {
      const bounce = readBounce(notice(lines))
      expect({ by: bounce?.by, to: named(bounce) }).toEqual({ by, to })
      expect(bounce?.recipients[0]?.action).toBe(action)
      if (status !== undefined) expect(bounce?.recipients[0]?.status).toBe(status)
    }
  })

  it('have an example for every rule, and rules have names of their own', () => {
    const names = BOUNCE_RULES.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter((name) => !NOTICES.some(({ by }) => by === name))).toEqual([])
  })

  it('give each recipient what is said of it', () => {
    const text =
      'The following address(es) failed:\n\n  a@example.org\n    550 no such user\n\n  b@example.org\n    452 mailbox full\n\nGoodbye.'
    expect(readBounce(notice(text))?.recipients).toMatchObject([
      { diagnostic: '550 no such user', status: '5.1.1', permanent: true },
      { diagnostic: '452 mailbox full', status: '4.2.2', permanent: false },
    ])
  })

  it('end what is said of a recipient with its paragraph where only brackets tell the next', () => {
    const text =
      'This is the qmail-send program\n\n<a@example.org>:\n\nno such user\n\nYours, the postmaster\n\n<b@example.org>:\nquota exceeded'
    expect(readBounce(notice(text))?.recipients.map(({ diagnostic }) => diagnostic)).toEqual([
      'no such user',
      'quota exceeded',
    ])
  })

  it('may say the reason before they name anybody', () => {
    const text = 'The mailbox is full.\n\nYour message could not be delivered to:\n  a@example.org\n'
    expect(readBounce(notice(text))?.recipients).toMatchObject([
      { diagnostic: undefined, reason: { category: 'mailbox-full' } },
    ])
  })

  it('keep a thousand characters of what is said', () => {
    const bounce = readBounce(notice(`<a@example.org>: ${'no '.repeat(1_000)}`))
    expect(bounce?.recipients[0]?.diagnostic).toHaveLength(1_000)
  })

  it('may name nobody', () => {
    const text =
      'A message that you sent could not be delivered.\nThe following address(es) failed:\n\n  an undisclosed address'
    expect(readBounce(notice(text))).toEqual({ by: 'exim', recipients: [], originalMessageId: undefined })
  })

  it('take names in the header section, alone or besides those of the text', () => {
    const header = `${DAEMON}X-Failed-Recipients: a@example.org, b@example.org,\n ,\n`
    const both = readBounce(notice('The following address(es) failed:\n\n  a@example.org\n    no such user', header))
    expect({ by: both?.by, to: named(both) }).toEqual({ by: 'exim', to: ['a@example.org', 'b@example.org'] })
    const alone = readBounce(notice('mailbox full', header))
    expect({ by: alone?.by, to: named(alone) }).toEqual({
      by: 'x-failed-recipients',
      to: ['a@example.org', 'b@example.org'],
    })
    expect(alone?.recipients[0]?.status).toBe('5.2.2')
  })

  it('have own rules before ours', () => {
    const rules: BounceRule[] = [{ name: 'house', after: ['nobody called'], before: ['is gone'] }]
    const bounce = readBounce(
      notice('Nobody called <a@example.org>.\nAnd (b@example.org) is gone. <c@example.org>: x'),
      { rules },
    )
    expect({ by: bounce?.by, to: named(bounce) }).toEqual({ by: 'house', to: ['a@example.org', 'b@example.org'] })
    const replyRules = [{ name: 'house', category: 'policy' as const, words: ['nobody called'] }]
    const judged = readBounce(notice('Nobody called <a@example.org>.'), { rules, replyRules })
    expect(judged?.recipients[0]?.reason.category).toBe('policy')
    const fields = report('Final-Recipient: rfc822;x@y\nAction: failed\nDiagnostic-Code: smtp; nobody called')
    expect(readBounce(fields, { replyRules })?.recipients[0]?.reason.category).toBe('policy')
  })

  it('of a list of local names need an author to tell their domain', () => {
    const text = 'they are not accepting mail from x@example.org:\n name\n "\n'
    expect(named(readBounce(notice(text, 'From: MAILER-DAEMON <>\nSubject: failure\n')))).toEqual([])
    expect(named(readBounce(notice(text, 'From: mail system: a@example.net;\n')))).toEqual([])
    expect(named(readBounce(notice(text)))).toEqual(['name@mx.example.net'])
  })
})

describe('where the words stand', () => {
  const words = 'Your message could not be delivered to:\n\n  a@example.org\n'

  it.each([
    { what: 'base64', part: `Content-Transfer-Encoding: base64\n\n${Buffer.from(words).toString('base64')}` },
    { what: 'quoted-printable', part: `Content-Transfer-Encoding: quoted-printable\n\n${words.replace('@', '=40')}` },
    { what: 'an unknown charset', part: `Content-Type: text/plain; charset=x-none\n\n${words}` },
    { what: 'UTF-16', part: null },
    {
      what: 'HTML',
      part: 'Content-Type: text/html\n\n<style>x{}</style><!-- x --><p>Your message could\nnot be <b>delivered</b> to:<br>&nbsp;a&#64;example.org &bogus;</p><script>',
    },
    {
      what: 'HTML with bare brackets',
      part: 'Content-Type: text/html\n\n<p>Your message could not be delivered to:<br><a@example.org><br>x < y',
    },
    { what: 'HTML that is plain text', part: `Content-Type: text/html\n\n${words}` },
  ])('$what is read', ({ part }) => {
    const inner =
      part === null
        ? Buffer.concat([Buffer.from('Content-Type: text/plain; charset=utf-16le\n\n'), Buffer.from(words, 'utf16le')])
        : Buffer.from(part)
    const message = Buffer.concat([Buffer.from(`${MULTIPART}\n--b\n`), inner, Buffer.from('\n--b--\n')])
    expect(named(readBounce(new Uint8Array(message)))).toEqual(['a@example.org'])
  })

  it('a multipart without its boundary is text', () => {
    expect(named(readBounce(notice(words, MULTIPART)))).toEqual(['a@example.org'])
  })

  it('what comes after the returned message is none of it', () => {
    const footer = '--b\n\nYour message could not be delivered to:\nfooter@example.org\n--b--\n'
    const message = `${MULTIPART}\n--b\n\n${words}\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <1@example.net>\n\nx\n${footer}`
    const bounce = readBounce(bytes(message))
    expect({ to: named(bounce), id: bounce?.originalMessageId }).toEqual({ to: ['a@example.org'], id: '1@example.net' })
  })

  it.each([
    {
      what: 'text/rfc822-headers',
      tail: '\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <1@example.net>\n--b--\n',
    },
    {
      what: 'text/rfc822, which is no type and is written all the same',
      tail: '\n--b\nContent-Type: text/rfc822\n\nSubject: x\nMessage-ID: <1@example.net>\n--b--\n',
    },
    {
      what: 'text behind the notice',
      tail: '\n--- Original message follows\n\nSubject: x\n> Message-Id: <1@example.net>\n',
    },
    { what: 'text that begins as a message does', tail: '\nReturn-Path: <x@y>\nMessage-ID:\n <1@example.net>\n' },
    { what: 'In-Reply-To', tail: '' },
  ])('the Message-ID is found in $what', ({ tail }) => {
    const header = tail === '' ? MULTIPART.replace('\n', '\nIn-Reply-To: <1@example.net>\n') : MULTIPART
    const bounce = readBounce(notice(`--b\n\n${words}${tail}`, header))
    expect(bounce?.originalMessageId).toBe('1@example.net')
  })

  it('a returned header section that is too large gives no Message-ID', () => {
    const tail = `--b\nContent-Type: message/rfc822\n\nA: ${'x'.repeat(300_000)}\n--b--\n`
    expect(readBounce(notice(`--b\n\n${words}\n${tail}`, MULTIPART))).toMatchObject({ originalMessageId: undefined })
  })

  it('the line that parts messages in mailbox files is passed over', () => {
    expect(named(readBounce(bytes(`From MAILER-DAEMON Fri Feb 13 2015\n${DAEMON}\n${words}`)))).toEqual([
      'a@example.org',
    ])
  })

  it('lists and mailing programs may wrap them five multiparts deep', () => {
    const wrap = (depth: number): Uint8Array => {
      let part = `\n${words}`
      for (let level = 0; level < depth; level += 1) {
        part = `Content-Type: multipart/mixed; boundary=b${level}x\n\n--b${level}x\n${part}\n--b${level}x--\n`
      }
      return bytes(`${DAEMON}${part}`)
    }
    expect(named(readBounce(wrap(5)))).toEqual(['a@example.org'])
  })

  it('an address must follow soon, and be one of the Internet', () => {
    const say = 'Your message could not be delivered to:\n'
    expect(named(readBounce(notice(`${say}${'x\n'.repeat(7)}a@example.org`)))).toEqual(['a@example.org'])
    expect(named(readBounce(notice(`${say}${'x\n'.repeat(20)}a@example.org`)))).toEqual([])
    expect(named(readBounce(notice(`${say}a@localhost\n`)))).toEqual([])
    expect(named(readBounce(notice(`${say}a@[192.0.2.1]\n`)))).toEqual([])
    expect(named(readBounce(notice(`${say}jürgen@bücher.example\n`)))).toEqual(['jürgen@bücher.example'])
  })

  it.each([
    '<a@example.org',
    `<${'a'.repeat(300)}@example.org>:`,
    '<a@example.org> said',
    '<a b@example.org>:',
    'a@example.org:',
  ])('only brackets with a colon tell an address where nothing else does: %s', (line) => {
    expect(readBounce(notice(`Hello\n\n${line}\n`))).toBeUndefined()
  })
})

describe('what is no bounce', () => {
  const text = '<a@example.org>: no such user\n\nYour message could not be delivered to:\na@example.org'

  it.each([
    { what: 'a letter', header: 'From: ada@example.org\nSubject: hello\n' },
    { what: 'a letter without a header section', header: '' },
    { what: 'what a person passes on', header: 'From: ada@example.org\nSubject: Fw: Undeliverable: x\n' },
    {
      what: 'what a person answers',
      header: 'From: ada@example.org\nSubject: Re: Undeliverable: x\nReferences: <1@x>\n',
    },
    { what: 'a header section that is too large', header: `${DAEMON}A: ${'x'.repeat(300_000)}\n` },
  ])('$what', ({ header }) => {
    expect(readBounce(notice(text, header))).toBeUndefined()
  })

  it.each([
    { what: 'by its subject', header: 'From: ada@example.org\nSubject: RE: x : delivery failed\n' },
    { what: 'by its encoded subject', header: 'Subject: =?utf-8?b?RGVsaXZlcnkgZmFpbHVyZQ==?=\n' },
    { what: 'by its null return path', header: 'Return-Path: <>\n' },
    { what: 'by its type', header: 'Content-Type: multipart/report; boundary=b\n' },
  ])('but one is known $what', ({ header }) => {
    expect(named(readBounce(notice(text, header)))).toEqual(['a@example.org'])
  })

  it('a vacation notice with a null return path', () => {
    expect(
      readBounce(notice('I am away.\n\nAda <ada@example.org>', 'Return-Path: <>\nSubject: away\n')),
    ).toBeUndefined()
  })
})

describe('hostile bytes', () => {
  it('never make it throw', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ...BOUNCE_RULES.flatMap(({ lists = [], after = [], before = [] }) => [...lists, ...after, ...before]),
        '\n',
        '\n\n',
        '--b\n',
        '<a@example.org>:',
        ' a@example.org ',
        'Content-Type: text/html\n\n<p>',
        'Content-Type: message/rfc822\n\n',
        'Final-Recipient: rfc822;x@y\n',
        'Original message follows',
      ),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(fc.constantFrom(DAEMON, MULTIPART, ''), fc.array(piece, { maxLength: 20 }), (header, pieces) => {
        const bounce = readBounce(notice(pieces.join(''), header))
        for (const { status, reason } of bounce?.recipients ?? []) {
          expect(status).toMatch(/^[45]\./)
          expect(reason.explain.meaning).not.toBe('')
        }
      }),
      { numRuns: 50 },
    )
  })

  it.each([
    'could not be delivered to:\n',
    'undeliverable to :::: ',
    'a@example.org ',
    '<a@example.org>:\n',
    '<p>',
    '<',
    '@',
    '\n',
    ' ',
    '- no such user here ',
    'Final-Recipient: rfc822;\n\n',
    '(expanded from ',
    'unknown user: a@example.org original message follow ',
  ])('of two megabytes of %j take linear time', (piece) => {
    const text = `Your message could not be delivered to:\n\n${piece.repeat(Math.ceil(2_000_000 / piece.length))}`
    const bounce = readBounce(notice(text))
    expect(named(bounce).length).toBeLessThanOrEqual(1_000)
    const html = bytes(`${DAEMON}Content-Type: text/html\n\n<br>${text}`)
    expect(named(readBounce(html)).length).toBeLessThanOrEqual(1_000)
  })

  it('name a thousand recipients at most', () => {
    const lines = Array.from({ length: 1_500 }, (_, index) => `a${index}@example.org`).join('\n')
    expect(named(readBounce(notice(`Your message could not be delivered to:\n${lines}`)))).toHaveLength(1_000)
  })
})
