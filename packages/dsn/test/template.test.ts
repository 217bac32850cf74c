import { describe, expect, it } from 'vitest'
import { REPLY_CATEGORIES } from '../src/classify-category.ts'
import { chooseTemplate, createTemplate, englishTemplate, germanTemplate } from '../src/index.ts'
import type { ReportAction, ReportRecipient } from '../src/index.ts'
import { ENGLISH } from '../src/english.ts'
import { GERMAN } from '../src/german.ts'
import { AT, failed, reportOf } from './report-of.ts'

const ACTIONS: readonly ReportAction[] = ['failed', 'delayed', 'relayed', 'expanded', 'delivered']
const { mailbox: bob } = failed
const english = (recipient: ReportRecipient): string => englishTemplate.text(reportOf({ recipients: [recipient] }))

describe.each([ENGLISH, GERMAN])('the words of $language', (words) => {
  it('has sentences for every category', () => {
    expect(Object.keys(words.categories).toSorted()).toEqual(Object.keys(REPLY_CATEGORIES).toSorted())
    for (const { meaning, advice } of Object.values(words.categories)) {
      expect(meaning).toMatch(/^[A-ZÄÖÜ].*\.$/)
      expect(advice).toMatch(/^[A-ZÄÖÜ].*\.$/)
    }
  })

  it.each(ACTIONS)('speaks of one and of many recipients that are %s', (action) => {
    const one = words.opening(action, 1)
    expect(one).toMatch(/\.$/)
    expect(words.opening(action, 2)).not.toBe(one)
    expect(words.subject(action, 'x', 0)).toMatch(/: x$/)
    expect(words.subject(action, 'x', 2)).toMatch(/: x .* ?2 /)
  })

  it('names a host that spoke, or none', () => {
    expect(words.said('mx.example.net')).toContain('mx.example.net')
    expect(words.said(undefined)).not.toContain('undefined')
  })
})

describe('englishTemplate', () => {
  it.each([
    { status: '5.1.1', meaning: 'There is no such mailbox.' },
    { status: '5.2.2', meaning: 'The mailbox of the recipient is full.' },
    { status: '5.3.4', meaning: 'Your message is larger than the other side takes.' },
  ] as const)('says what $status means where nobody classified it', ({ status, meaning }) => {
    expect(english({ mailbox: bob, action: 'failed', status })).toContain(`    What happened: ${meaning}\n`)
  })

  it('goes by the words of the reply, or of our reason, where the status is vague', () => {
    const reply = { code: 550, status: undefined, lines: ['Mailbox is full'] }
    expect(english({ mailbox: bob, action: 'failed', status: '5.0.0', reply })).toContain('is full.')
    expect(english({ mailbox: bob, action: 'failed', status: '5.0.0', reason: 'mailbox is full' })).toContain(
      'is full.',
    )
  })

  it('goes by the category that is given', () => {
    expect(english({ ...failed, advice: { category: 'loop' } })).toContain(
      '    What happened: Your message went in a circle between mail systems.\n    What you can do: Tell the recipient',
    )
  })

  it('shows advice that is given in place of its own', () => {
    const text = english({ ...failed, advice: { category: 'loop', text: 'Call\r\n1234.' } })
    expect(text).toContain('<bob@example.net>\n    Call  1234.\n    mx.example.net (192.0.2.7) said:\n')
    expect(text).not.toContain('What happened')
  })

  it('advises nothing while it is still tried, and nothing where it was delivered', () => {
    const delayed = english({
      mailbox: bob,
      action: 'delayed',
      status: '4.2.2',
      lastAttemptAt: AT,
      willRetryUntil: AT + 1_000,
    })
    expect(delayed).toContain(
      [
        '    What happened: The mailbox of the recipient is full.',
        '    Last tried: Fri, 21 Nov 2025 09:55:06 +0000',
        '    Will be tried until: Fri, 21 Nov 2025 09:55:07 +0000',
        '',
      ].join('\n'),
    )
    expect(delayed).not.toContain('What you can do')
    expect(delayed).toContain('<postmaster@mta.example.org>')
    const delivered = english({ mailbox: bob, action: 'delivered', status: '2.1.5' })
    expect(delivered).not.toMatch(/What|postmaster/)
  })

  it('shows times of a delay only where they are known', () => {
    expect(english({ mailbox: bob, action: 'delayed', status: '4.2.2' })).not.toMatch(/tried until|Last tried/)
  })

  it('names a subject, a date, and no row that is empty', () => {
    const originalHeader = new TextEncoder().encode(
      'Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nDate: today\r\nMessage-ID:\r\n',
    )
    expect(englishTemplate.text(reportOf({ originalHeader }))).toContain(
      'Your message:\n    Subject: Grüße\n    Date: today\n    Taken here: ',
    )
  })

  it('lets nobody begin a line of their own', () => {
    const hostile = 'x\r\ny\u2028z\u0085'
    const recipient: ReportRecipient = {
      ...failed,
      reply: { code: 550, status: undefined, lines: [hostile] },
      reason: hostile,
      remote: { host: hostile, address: hostile },
      orcpt: { type: 'rfc822', address: hostile },
    }
    const text = englishTemplate.text(reportOf({ recipients: [recipient], reportingMta: hostile }))
    expect(text).not.toMatch(/[\r\u2028\u0085]/)
    for (const line of text.split('\n')) expect(line).not.toMatch(/^y/)
  })

  it('has a subject where there is no recipient', () => {
    expect(englishTemplate.subject(reportOf({ recipients: [] }))).toBe('Your message was not delivered to: ')
  })
})

describe('createTemplate', () => {
  it('makes a template of words', () => {
    const template = createTemplate({ ...ENGLISH, language: 'en-pirate', greeting: (host) => `Ahoy from ${host}.` })
    expect(template.language).toBe('en-pirate')
    expect(template.text(reportOf())).toMatch(/^Ahoy from mta\.example\.org\.\n\nYour message/)
  })
})

describe('chooseTemplate', () => {
  it.each([
    { languages: ['de'], chosen: 'de' },
    { languages: ['DE-at-1996'], chosen: 'de' },
    { languages: ['fr', 'en-GB', 'de'], chosen: 'en' },
    { languages: ['d', 'deu', 'fr'], chosen: undefined },
    { languages: ['', '-', '-de'], chosen: undefined },
    { languages: [], chosen: undefined },
  ])('finds $chosen for $languages', ({ languages, chosen }) => {
    expect(chooseTemplate([englishTemplate, germanTemplate], languages)?.language).toBe(chosen)
  })
})
