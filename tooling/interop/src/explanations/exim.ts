/** How Exim answers otherwise than ours, and why. */

import type { Explanation } from '../explanation.ts'

/** All that is known of Exim. */
export const EXIM_EXPLANATIONS: readonly Explanation[] = [
  {
    peer: 'Exim',
    reason: 'lets a session go on after failed passwords',
    cases: [
      ['AUTH PLAIN AGFkYQB3cm9uZw==', '421', '535'],
      ['AUTH PLAIN AA==', '421', '535'],
    ],
  },
  {
    peer: 'Exim',
    reason: 'ends a line at a bare LF, too, in commands, responses and content: what stands behind is the next line',
    cases: [
      ['AAAA\\nAAAA', '501', '535'],
      ['AAAA\\nAAAA', 'no more', 'more'],
      ['NOOP\\nMAIL FROM:<eve@example.org>', '500', '250'],
      ['NOOP\\nMAIL FROM:<eve@example.org>', 'no more', 'more'],
      ['EHLO client.example.org\\n', '500', '250'],
      ['NOOP', 'no more', 'more'],
      ['(content)', '550', '250', 'bare LF'],
      ['(content)', '550', '250', 'bare CR'],
    ],
  },
  {
    peer: 'Exim',
    reason:
      'judges AUTH otherwise: no mechanism is an unknown one, more words are part of the response, and an empty response is a failure',
    cases: [
      ['AUTH', '501', '504'],
      ['AUTH PLAIN AAAA BBBB', '501', '535'],
      ['AUTH PLAIN =', '501', '535'],
    ],
  },
  {
    peer: 'Exim',
    reason: 'answers AUTH and STARTTLS, where they are not offered, with 503',
    cases: [
      ['AUTH PLAIN AGFkYQBzZWNyZXQ=', '538', '503'],
      ['AUTH PLAIN', '502', '503'],
      ['STARTTLS', '502', '503'],
    ],
  },
  {
    peer: 'Exim',
    reason:
      'reads what stands behind AUTH and its responses as the next lines; ours takes that for an attack and closes',
    cases: [
      ['AUTH PLAIN AGFkYQBzZWNyZXQ=', '503', '235'],
      ['AUTH PLAIN no-base64!', '503', '501'],
      ['AUTH PLAIN', '503', '334'],
      ['AGFkYQBzZWNyZXQ=', '503', '235'],
      ['YWRh', '503', '334'],
      ['*', '503', '501'],
      ['(end)', 'closed', 'open', 'takes nothing behind'],
      ['(end)', 'closed', 'open', 'takes no credentials'],
    ],
  },
  {
    peer: 'Exim',
    reason: 'takes no BDAT of 0 octets that is not the last',
    cases: [
      ['BDAT 0…', '250', '504'],
      ['BDAT 0…', '421', '504'],
    ],
  },
  {
    peer: 'Exim',
    reason: 'does not drop the octets of a BDAT out of order, as RFC 3030 §2 has it: they are commands to it',
    cases: [
      ['BDAT 6\\r\\nQUIT', 'no more', 'more'],
      ['BDAT 6\\r\\nQUIT…', '421', '221'],
    ],
  },
  {
    peer: 'Exim',
    reason: 'judges BDAT at its end alone: its answers to DATA, to faults of the content and to size wait until then',
    cases: [
      ['BDAT…', '451', '250'],
      ['BDAT…', '503', '250'],
      ['BDAT…', '550', '250'],
      ['BDAT…', '552', '250'],
      ['BDAT…', '503', '552'],
      ['BDAT 1000', '421', 'nothing'],
      ['bdat  5  last\\r\\ntext\\n', '550', '503'],
      ['bdat  5  last\\r\\ntext\\n', 'no more', 'more'],
    ],
  },
  {
    peer: 'Exim',
    reason: 'takes hardly anything between chunks: it answers 503 or 421, and does not begin anew at a hello',
    cases: [
      ['AUTH PLAIN', '503', '421'],
      ['EHLO client.example.org', '250', '503', 'forgets the chunks'],
      ['QUIT', 'no more', 'more', 'between chunks'],
    ],
  },
  {
    peer: 'Exim',
    reason:
      'answers a BDAT that it cannot read with 501 or 503 and goes on; ours cannot know where commands begin again, and ends',
    cases: [
      ['BDAT some LAST', '421', 'nothing'],
      ['BDAT…', '501', '503'],
      ['QUIT', '421', '221'],
    ],
  },
  {
    peer: 'Exim',
    reason: 'knows no VERB, ONEX, SEND, SOML, SAML, TURN and ATRN: 500',
    cases: [
      ['VERB…', '250', '500'],
      ['ONEX', '250', '500'],
      ['SEND FROM:<eve@example.org>', '502', '500'],
      ['SOML FROM:<eve@example.org>', '502', '500'],
      ['SAML FROM:<eve@example.org>', '502', '500'],
      ['TURN', '502', '500'],
      ['ATRN', '502', '500'],
    ],
  },
  {
    peer: 'Exim',
    reason: 'has EXPN, refused by a rule of its own: 550; and VRFY for addresses alone',
    cases: [
      ['EXPN list', '502', '550'],
      ['VRFY ada', '252', '501'],
    ],
  },
  {
    peer: 'Exim',
    reason: 'has no limit for the length of a line of content',
    cases: [['(content)', '550', '250', 'over 998 octets']],
  },
  {
    peer: 'Exim',
    reason:
      'counts otherwise before it ends: errors, commands that bring no mail (554 there), recipients, refused messages',
    cases: [
      ['C', '421', '500'],
      ['HELP', '421', '214'],
      ['RCPT TO:<b@example.net>', '421', '550'],
      ['NOOP', '250', '554'],
      ['RCPT TO:<e@example.net>', '421', '452'],
      ['DATA', '421', '451'],
      ['(content)', '421', 'nothing'],
      ['…', '421', '503'],
      ['MAIL FROM:eve@example.org', '421', 'closed'],
    ],
  },
  {
    peer: 'Exim',
    reason: 'takes a command of HTTP for an unknown one',
    cases: [['POST / HTTP/1.1', '421', '500']],
  },
  {
    peer: 'Exim',
    reason: 'answers an unknown parameter with 501, where RFC 5321 §4.1.1.11 has 555',
    cases: [
      ['MAIL FROM:<eve@example.org> FOO=BAR', '555', '501'],
      ['MAIL FROM:<eve@example.org> NOTIFY=NEVER', '555', '501'],
      ['RCPT TO:<ada@example.net> SIZE=1', '555', '501'],
    ],
  },
  {
    peer: 'Exim',
    reason: 'does not look closely at SIZE=, ENVID=, AUTH=, NOTIFY= and ORCPT=',
    cases: [
      ['MAIL FROM:<eve@example.org> SIZE…', '501', '250'],
      ['MAIL FROM:<eve@example.org> ENVID…', '501', '250'],
      ['MAIL FROM:<eve@example.org> AUTH', '501', '250'],
      ['RCPT TO:<ada@example.net> NOTIFY=DELAY,DELAY', '501', '250'],
      ['RCPT TO:<ada@example.net> ORCPT…', '501', '250'],
    ],
  },
  {
    peer: 'Exim',
    reason: 'counts a line end as one octet when it compares a message with the limit (RFC 1870 §5 counts CRLF as two)',
    cases: [['(content)', '552', '250']],
  },
  {
    peer: 'Exim',
    reason: 'takes octets above 127 in addresses, with SMTPUTF8 and without, UTF-8 or not',
    cases: [
      ['MAIL FROM:<Ã¥da@example.org>', '550', '250'],
      ['RCPT TO:<Ã¥da@example.net>', '553', '250'],
      ['MAIL FROM:<ÿ@example.org> SMTPUTF8', '500', '250'],
    ],
  },
  {
    peer: 'Exim',
    reason: 'takes no address literals unless it is told to, and answers MAIL without FROM: as an unknown command',
    cases: [
      ['RCPT TO:<ada@[…', '250', '501'],
      ['MAIL', '501', '500'],
      ['MAIL FROM', '501', '500'],
    ],
  },
  {
    peer: 'Exim',
    reason: 'takes a reverse-path without angle brackets',
    cases: [['MAIL FROM:eve@example.org', '501', '250']],
  },
  {
    peer: 'Exim',
    reason:
      'answers what stands behind DATA before its reply with 554 and ends, or where DATA is refused reads it as commands',
    cases: [
      ['DATA', '503', '554'],
      ['(end)', 'closed', 'open', 'refused DATA'],
    ],
  },
  {
    peer: 'Exim',
    reason: 'judges the name of the hello, whichever verb it came with',
    cases: [['EHLO client.example.org', '250', '550']],
  },
  {
    peer: 'Exim',
    reason: 'goes on after a 421 that a rule gave',
    cases: [['(end)', 'closed', 'open', 'ends with 421']],
  },
  {
    peer: 'Exim',
    reason: 'goes on with TLS and forgets the plaintext behind STARTTLS, where ours closes',
    cases: [
      ['STARTTLS', '503', '220', 'plaintext'],
      ['(end)', 'closed', 'open', 'plaintext'],
    ],
  },
  {
    peer: 'Exim',
    reason: 'takes STARTTLS within a transaction, which it forgets; RFC 3207 §4.2 leaves that open',
    cases: [['STARTTLS', '503', '220', 'within a transaction']],
  },
  {
    peer: 'Exim',
    reason: 'has ETRN in every state, and gives its words to a program without a look',
    cases: [
      ['ETRN…', '501', '250'],
      ['ETRN example.org', '503', '250'],
      ['ETRN example.org', '503', '554'],
      ['ETRN example.org', '502', '250'],
    ],
  },
  {
    peer: 'Exim',
    reason: 'ends at once behind a greeting of 554 or 521 (RFC 5321 §3.1 has it wait for QUIT behind 554)',
    cases: [
      ['EHLO client.example.org', '521', 'closed'],
      ['EHLO client.example.org', '503', 'closed'],
    ],
  },
]
