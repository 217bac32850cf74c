// examples/write-and-read.ts
import { parseMailbox, type Mailbox } from '@postroad/address'
import { concat, fromLatin1 } from '@postroad/bytes'
import { mayBounce, readReport, wantsReport, writeReport } from '@postroad/dsn'
import { reply } from '@postroad/envelope'
import { ContentScanner } from '@postroad/message'

const header = fromLatin1('From: ada@example.org\r\nMessage-ID: <1@example.org>\r\n')
const scanner = new ContentScanner()
scanner.push(concat([header, fromLatin1('\r\nHello.\r\n')]))
const ada = mailbox('ada@example.org')

if (mayBounce(ada) && wantsReport({}, 'failed')) {
  const said = reply(550, '5.1.1', 'no such user')
  const remote = { host: 'mx.example.net' }
  const { head, tail } = writeReport({
    reportingMta: 'mta.example.org',
    from: mailbox('postmaster@mta.example.org'),
    to: ada,
    recipients: [{ mailbox: mailbox('nobody@example.net'), action: 'failed', status: '5.1.1', reply: said, remote }],
    originalHeader: header,
    ret: 'hdrs', // with 'full' the content itself goes between head and tail
    facts: scanner.finish(),
    messageId: 'report-1',
    boundary: 'k3vq0c7hd2x9m5zt', // random
    at: Date.UTC(2026, 0, 1),
  })
  const read = readReport(concat([head, tail]))
  if (read.ok) console.log(read.value.originalMessageId, read.value.recipients[0]?.status)
}

function mailbox(text: string): Mailbox {
  const parsed = parseMailbox(text)
  if (!parsed.ok) throw new Error(parsed.error.expected)
  return parsed.value
}

// Prints:
// 1@example.org 5.1.1
