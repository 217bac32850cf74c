// examples/complete-header.ts
import { fromLatin1, toLatin1 } from '@postroad/bytes'
import { completeSubmission, ContentScanner, decodeWords, HeaderReader } from '@postroad/message'

const content = fromLatin1(
  'From: ada@example.org\r\nSubject: =?utf-8?Q?Caf=C3=A9?=\r\nBcc: eve@example.org\r\n\r\nHello.\r\n',
)

// Content comes in pieces; the header section is whole at some piece.
const reader = new HeaderReader()
const progress = reader.push(content)
if (progress.kind === 'header') {
  console.log(decodeWords(progress.header.first('Subject')?.value ?? ''))
  const completed = completeSubmission(progress.header, { at: 0, messageId: '01ABC', domain: 'example.org' })
  console.log(toLatin1(completed.header.toBytes()).trimEnd())
}

// Facts are learned in the same pass.
const scanner = new ContentScanner()
scanner.push(content)
console.log(scanner.finish().sizeBytes, 'bytes')

// Prints:
// Café
// Date: Thu, 1 Jan 1970 00:00:00 +0000
// Message-ID: <01ABC@example.org>
// From: ada@example.org
// Subject: =?utf-8?Q?Caf=C3=A9?=
// 87 bytes
