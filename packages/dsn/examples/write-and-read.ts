// examples/write-and-read.ts
import { mailboxOf } from '@postroad/address'
import { concat, fromLatin1 } from '@postroad/bytes'
import { classifyReply, mayBounce, readBounce, readReport, wantsReport, writeReport } from '@postroad/dsn'
import { reply } from '@postroad/envelope'
import { ContentScanner } from '@postroad/message'

const header = fromLatin1('From: ada@example.org\r\nMessage-ID: <1@example.org>\r\n')
const scanner = new ContentScanner()
scanner.push(concat([header, fromLatin1('\r\nHello.\r\n')]))
const ada = mailboxOf('ada@example.org')

if (mayBounce(ada) && wantsReport({}, 'failed')) {
  const said = reply(550, '5.1.1', 'no such user')
  const advice = classifyReply(said) // a category, and what it means
  const remote = { host: 'mx.example.net' }
  const nobody = { mailbox: mailboxOf('nobody@example.net'), action: 'failed', status: '5.1.1' } as const
  const { head, tail } = writeReport({
    reportingMta: 'mta.example.org',
    from: mailboxOf('postmaster@mta.example.org'),
    to: ada,
    recipients: [{ ...nobody, reply: said, remote, advice }],
    originalHeader: header,
    ret: 'hdrs', // with 'full' the content itself goes between head and tail
    facts: scanner.finish(),
    messageId: 'report-1',
    boundary: 'k3vq0c7hd2x9m5zt', // random
    at: Date.UTC(2026, 0, 1),
  })
  const message = concat([head, tail])
  const read = readReport(message)
  if (read.ok) console.log(read.value.originalMessageId, read.value.recipients[0]?.status)

  // What a mailing program asks of mail that comes back, whoever wrote it and however.
  const bounce = readBounce(message)
  for (const { status, permanent, reason } of bounce?.recipients ?? []) {
    console.log(bounce?.by, status, permanent, reason.category, reason.explain.advice)
  }
}

// Prints:
// 1@example.org 5.1.1
// rfc3464 5.1.1 true no-such-user Check the address for a typing error, and take it off your lists.
