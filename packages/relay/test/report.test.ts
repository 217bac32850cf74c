import { afterEach, describe, expect, it } from 'vitest'
import { readReport, type DeliveryReportMessage } from '@postroad/dsn'
import { reply, type RecipientOutcome } from '@postroad/envelope'
import { DEFAULT_SCHEDULE } from '../src/index.ts'
import { openParts, type Parts, type PartsOptions, type SubmitOptions } from './parts.ts'

const OK: RecipientOutcome = { kind: 'delivered', reply: reply(250, '2.0.0', 'OK') }
const NEVER: RecipientOutcome = { kind: 'failed', reply: reply(550, '5.1.1', 'no such user'), status: '5.1.1' }
const FULL: RecipientOutcome = { kind: 'deferred', reply: reply(452, '4.2.2', 'mailbox full'), status: '4.2.2' }

const HOUR = 3_600_000
const ZONE = '$ORIGIN example.net.\n@ MX 10 mx\nmx A 192.0.2.1\n$ORIGIN example.com.\n@ MX 10 mx\nmx A 192.0.2.2\n'
const EIGHT_BIT = 'Subject: hi\n\nGrüße\n'
const UTF8 = 'Subject: Grüße\n\nGrüße an alle\n'
const CRLF_UTF8 = UTF8.replaceAll('\n', '\r\n')

let parts: Parts

afterEach(() => parts.stop())

function open(options: PartsOptions = {}): void {
  parts = openParts({
    zone: ZONE,
    answer: (recipient) => (recipient === 'carol@example.net' ? NEVER : OK),
    ...options,
  })
  parts.start()
}

interface Sent {
  readonly smtputf8: boolean
  readonly text: string
  readonly report: DeliveryReportMessage
}

/** Fails one message, and gives the report on it. */
async function failOne(options: SubmitOptions): Promise<Sent> {
  await parts.submit(['carol@example.net'], options)
  await parts.advance(0)
  return lastReport()
}

function lastReport(): Sent {
  const call = [...parts.local.calls, ...parts.host.calls].findLast(({ envelope }) => envelope.reversePath === null)
  if (call === undefined) throw new Error('no report went out')
  const report = readReport(call.content)
  if (!report.ok) throw new Error(report.error.rule)
  return {
    smtputf8: call.envelope.smtputf8 === true,
    text: Buffer.from(call.content).toString('utf8'),
    report: report.value,
  }
}

const ascii = (text: string): boolean => !/[^\0-\u007f]/.test(text)

describe('the way back', () => {
  it('stays here: 8-bit content goes back whole', async () => {
    open()
    const { smtputf8, text } = await failOne({ text: EIGHT_BIT })
    expect(text).toContain('Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n')
    expect(text).toContain('\r\n\r\nGrüße\r\n')
    expect(smtputf8).toBe(false)
  })

  it('leads to another host, which may take ASCII alone: of 8-bit content the header section goes back', async () => {
    open()
    const { smtputf8, text } = await failOne({ from: 'eve@example.com', text: EIGHT_BIT })
    expect(text).toContain('Content-Type: text/rfc822-headers\r\n')
    expect(ascii(text)).toBe(true)
    expect(smtputf8).toBe(false)
  })

  it('leads to another host: content that is ASCII goes back whole', async () => {
    open()
    const { text } = await failOne({ from: 'eve@example.com', text: 'Subject: hi\n\nthe body\n' })
    expect(text).toContain('Content-Type: message/rfc822\r\n\r\nSubject: hi\r\n\r\nthe body\r\n')
  })

  it('stays here: a UTF-8 message goes back as it is, with SMTPUTF8 (RFC 6533 §4)', async () => {
    open()
    const { smtputf8, text } = await failOne({ text: UTF8, envelope: { smtputf8: true } })
    expect(text).toContain(`Content-Type: message/global\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${CRLF_UTF8}`)
    expect(smtputf8).toBe(true)
  })

  it.each([true, false])(
    'leads to another host, which may not know SMTPUTF8: a UTF-8 message is base64, whole (RFC 6533 §4.5)',
    async (saidSo) => {
      const returned = CRLF_UTF8 + 'x'.repeat(200) + '\r\n'
      open({ store: (store) => ({ ...store, spool: inPieces(store.spool) }) })
      const { smtputf8, text, report } = await failOne({
        from: 'eve@example.com',
        text: returned.replaceAll('\r\n', '\n'),
        envelope: { smtputf8: saidSo },
      })
      expect(ascii(text)).toBe(true)
      expect(smtputf8).toBe(false)
      const [, encoded = ''] = /message\/global\r\nContent-Transfer-Encoding: base64\r\n\r\n([^-]*)/.exec(text) ?? []
      expect(Math.max(...encoded.split('\r\n').map((line) => line.length))).toBe(76)
      expect(Buffer.from(encoded, 'base64').toString()).toBe(returned)
      expect(report.originalHeader?.first('Subject')?.value).toBe('Grüße')
    },
  )

  it('leads to a reverse-path that nobody can name without SMTPUTF8 (RFC 6531 §3.4)', async () => {
    open()
    const { smtputf8, text } = await failOne({ from: 'björn@example.com', text: UTF8 })
    expect(smtputf8).toBe(true)
    expect(text).toContain('To: <björn@example.com>\r\n')
  })
})

describe('what a report says', () => {
  it('of a mailbox that was full all the time is that, not that the time is over', async () => {
    open({
      answer: (recipient) => (recipient === 'carol@example.net' ? FULL : OK),
      relay: { schedule: { ...DEFAULT_SCHEDULE, giveUpAfterMs: 8 * HOUR } },
    })
    await parts.submit(['carol@example.net'])
    for (let hours = 0; hours < 5; hours += 1) await parts.advance(HOUR)
    const delayed = lastReport()
    expect(delayed.report.recipients).toMatchObject([{ action: 'delayed', status: '4.2.2' }])
    expect(delayed.text).toContain('What happened: The mailbox of the recipient is full.')
    expect(delayed.text).not.toContain('What you can do')
    for (let hours = 0; hours < 8; hours += 1) await parts.advance(HOUR)
    const failed = lastReport()
    expect(failed.report.recipients).toMatchObject([{ action: 'failed', status: '5.4.7' }])
    expect(failed.text).toContain('What happened: The mailbox of the recipient is full.')
    expect(failed.text).toContain('What you can do: Try again in a few days')
  })

  it('where nobody said anything goes by our status and reason, and names no host that said it (RFC 3464 §2.3.5)', async () => {
    const outcome: RecipientOutcome = { kind: 'failed', reply: undefined, status: '5.6.3', reason: 'no 8BITMIME' }
    open({
      host: {
        deliver: async ({ envelope, destination: { host } }) => ({
          outcomes: envelope.recipients.map(() => outcome),
          phase: 'mail',
          peer: { host, address: '192.0.2.1', port: 25, tls: undefined, durationMs: 1, reused: false, dsn: false },
        }),
      },
    })
    const { text, report } = await failOne({})
    expect(report.recipients[0]?.remoteMta).toBeUndefined()
    expect(text).toContain('What happened: The two mail systems did not understand each other.')
    expect(text).toContain('Details: no 8BITMIME')
  })

  it('where a reply is vague goes by our status', async () => {
    const outcome: RecipientOutcome = { kind: 'failed', reply: reply(554, undefined, 'no'), status: '5.2.2' }
    open({ answer: (recipient) => (recipient === 'carol@example.net' ? outcome : OK) })
    const { text } = await failOne({})
    expect(text).toContain('The mailbox of the recipient is full.')
  })
})

/** A spool that gives content in pieces of seven bytes. */
function inPieces(spool: Parts['store']['spool']): Parts['store']['spool'] {
  return {
    stage: (options) => spool.stage(options),
    persist: (contents) => spool.persist(contents),
    drop: (contents) => spool.drop(contents),
    sweep: (inUse) => spool.sweep(inUse),
    async *open(content, range) {
      for await (const chunk of spool.open(content, range)) {
        for (let at = 0; at < chunk.length; at += 7) yield chunk.slice(at, at + 7)
      }
    },
  }
}
