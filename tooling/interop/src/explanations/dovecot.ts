/** How Dovecot answers otherwise than ours, and why. */

import type { Explanation } from '../explanation.ts'

/** All that is known of Dovecot. */
export const DOVECOT_EXPLANATIONS: readonly Explanation[] = [
  {
    peer: 'Dovecot',
    reason: 'takes bare newlines in content for line ends, which it stores as CRLF',
    cases: [
      ['BDAT…', '550', '250'],
      ['BDAT…', '503', '250'],
      ['(content)', '550', '250'],
    ],
  },
  {
    peer: 'Dovecot',
    reason: 'knows no HELP',
    cases: [['HELP…', '214', '500']],
  },
  {
    peer: 'Dovecot',
    reason:
      'takes MAIL without LHLO (RFC 2033 §4.1 has LHLO in the place of EHLO, without which RFC 5321 §4.1.4 has 503)',
    cases: [['MAIL FROM:<>', '503', '250']],
  },
]
