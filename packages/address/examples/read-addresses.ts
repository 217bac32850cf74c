// examples/read-addresses.ts
import { domainToAscii, formatAddressList, formatMailbox, parseMailbox, readAddressList } from '@postroad/address'

// One mailbox, strictly, as SMTP wants it.
const parsed = parseMailbox('"ada lovelace"@École.test', { smtputf8: true })
if (parsed.ok) {
  console.log(parsed.value.localPart, '|', parsed.value.domain, '|', formatMailbox(parsed.value))
  console.log(domainToAscii(parsed.value.domain))
}

// What is wrong is a value: the rule, where, and what would be right.
const refused = parseMailbox('ada@-example.org')
if (!refused.ok) console.log(refused.error)

// A header field, leniently: what can be read, and what was wrong with the rest.
const { addresses, faults } = readAddressList('=?utf-8?q?Ad=C3=A9?= <a@example.org>, b@example.org (B); c@example.org')
console.log(addresses.length, 'addresses,', faults.length, 'faults')

// And written: names encoded or quoted where they must be, lines folded.
console.log(formatAddressList(addresses, { column: 'Reply-To: '.length }).split('\r\n'))

// Prints:
// ada lovelace | école.test | "ada lovelace"@école.test
// { ok: true, value: 'xn--cole-9oa.test' }
// { rule: 'sub-domain', offset: 4, expected: 'a letter or a digit' }
// 3 addresses, 1 faults
// [
//   '=?utf-8?b?QWTDqQ==?= <a@example.org>, B <b@example.org>,',
//   ' c@example.org'
// ]
