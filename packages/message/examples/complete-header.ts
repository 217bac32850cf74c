// examples/complete-header.ts
import { parseDomain } from '@postroad/address'
import { fromLatin1, toLatin1 } from '@postroad/bytes'
import { checkForm, completeSubmission, ContentScanner, decodeWords, HeaderReader } from '@postroad/message'

const content = fromLatin1(
  'From: ada@example.org\r\nTo: Bob <bob>\r\nSubject: =?utf-8?Q?Caf=C3=A9?=\r\n' +
    'References: none yet <\r\nBcc: eve@example.org\r\n\r\nHello.\r\n',
)

// Content comes in pieces; the header section is whole at some piece.
const reader = new HeaderReader({ maxBytes: 65_536, maxFieldBytes: 16_384 })
const progress = reader.push(content)
const domain = parseDomain('example.org')
if (progress.kind === 'header' && domain.ok) {
  console.log(decodeWords(progress.header.first('Subject')?.value ?? ''))
  const { header } = completeSubmission(progress.header, {
    at: 0,
    messageId: '01ABC',
    domain: domain.value,
    qualification: { domain: domain.value },
  })
  console.log(toLatin1(header.toBytes()).trimEnd())
  for (const { severity, explain, place } of checkForm(header))
    console.log(`line ${place?.line}, ${severity}: ${explain}`)
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
// To: Bob <bob@example.org>
// Subject: =?utf-8?Q?Caf=C3=A9?=
// References: none yet <
// line 6, error: The References field is not well-formed (RFC 5322 §3.6.4).
// 126 bytes
