/** How Postfix answers otherwise than ours, and why. */

import type { Explanation } from '../explanation.ts'

/** All that is known of Postfix. */
export const POSTFIX_EXPLANATIONS: readonly Explanation[] = [
  {
    peer: 'Postfix',
    reason: 'lets a session go on after failed passwords; the logs are for others to count in',
    cases: [
      ['AUTH PLAIN AGFkYQB3cm9uZw==', '421', '535'],
      ['AUTH PLAIN AA==', '421', '535'],
    ],
  },
  {
    peer: 'Postfix',
    reason: 'leaves base64 to Cyrus SASL, for which what cannot be read is a failed authentication',
    cases: [
      ['AUTH PLAIN =AAA', '501', '535'],
      ['AUTH PLAIN AAA=BBB', '501', '535'],
      ['no base64!', '501', '535'],
      ['ÿÿ', '501', '535'],
      ['AAAA\\nAAAA', '501', '535'],
      ['AAAA\\nAAAA', 'no more', 'more'],
    ],
  },
  {
    peer: 'Postfix',
    reason: 'takes only IP addresses for ADDR of XFORWARD, where its document speaks of others, too',
    cases: [['XFORWARD ADDR=rfc1149-pigeon', '250', '501']],
  },
  {
    peer: 'Postfix',
    reason: 'takes a mechanism that is installed and only left out of the list it offers',
    cases: [['AUTH CRAM-MD5', '504', '334']],
  },
  {
    peer: 'Postfix',
    reason: 'answers AUTH, where it is not offered, with 503, as a command out of order',
    cases: [
      ['AUTH PLAIN AGFkYQBzZWNyZXQ=', '538', '503'],
      ['AUTH PLAIN', '502', '503'],
    ],
  },
  {
    peer: 'Postfix',
    reason:
      'reads what stands behind AUTH and its responses as the next lines; ours takes that for an attack and closes',
    cases: [
      ['AUTH PLAIN AGFkYQBzZWNyZXQ=', '503', '235'],
      ['AUTH PLAIN no-base64!', '503', '535'],
      ['AUTH PLAIN', '503', '334'],
      ['AGFkYQBzZWNyZXQ=', '503', '235'],
      ['YWRh', '503', '334'],
      ['*', '503', '501'],
      ['(end)', 'closed', 'open', 'takes nothing behind'],
      ['(end)', 'closed', 'open', 'takes no credentials'],
    ],
  },
  {
    peer: 'Postfix',
    reason: 'takes no BDAT of 0 octets but the last; RFC 3030 §2 says only of that one that it may have none',
    cases: [['BDAT 0', '250', '551']],
  },
  {
    peer: 'Postfix',
    reason:
      'answers chunks out of order, or of a message that has failed, with 551 and 554; RFC 3030 §2 names 503 for those behind the last',
    cases: [
      ['BDAT…', '503', '551'],
      ['BDAT…', '503', '554'],
      ['bdat  5  last\\r\\ntext\\n', '550', '551'],
    ],
  },
  {
    peer: 'Postfix',
    reason: 'answers a BDAT whose octets cannot be counted with 521 and closes, or waits for as many as it can count',
    cases: [
      ['BDAT…', '501', '521'],
      ['BDAT 1000000000000000', '501', 'nothing'],
    ],
  },
  {
    peer: 'Postfix',
    reason: 'takes the octets of a chunk before it answers, as RFC 3030 §2 has it, even where it is going to end',
    cases: [['BDAT 1000', '421', 'nothing']],
  },
  {
    peer: 'Postfix',
    reason:
      'refuses bare LFs alone; a bare CR and a NUL are content to it (RFC 5321 §2.3.8 forbids senders to send them)',
    cases: [
      ['BDAT…', '550', '250'],
      ['(content)', '550', '250', 'bare CR'],
      ['(content)', '550', '250', 'NUL'],
      ['NOOP\\u0000', '500', '250'],
    ],
  },
  {
    peer: 'Postfix',
    reason:
      'knows no HELP, EXPN, VERB, ONEX, SEND, SOML, SAML, TURN and ATRN: 500, where RFC 5321 §4.2.4 has 502 for what is known',
    cases: [
      ['HELP…', '214', '500'],
      ['EXPN list', '502', '500'],
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
    peer: 'Postfix',
    reason: 'ends the session at the first bare LF in a command',
    cases: [
      ['NOOP\\nMAIL FROM:<eve@example.org>', '500', '550'],
      ['EHLO client.example.org\\n', '500', '550'],
    ],
  },
  {
    peer: 'Postfix',
    reason:
      'ends the session where commands are sent at once that must end their group (RFC 2920 §3.1), or before EHLO',
    cases: [
      ['NOOP\\nNOOP', '250', '554'],
      ['NOOP', '250', '554', 'pipelined group'],
      ['DATA', '503', '554', 'behind DATA'],
      ['DATA', '503', '554', 'refused DATA'],
      ['STARTTLS', '503', '554'],
    ],
  },
  {
    peer: 'Postfix',
    reason: 'counts as many errors as the limit says before it ends, where with ours the last of them ends',
    cases: [['C', '421', '500']],
  },
  {
    peer: 'Postfix',
    reason: 'counts as errors, too, the commands that were sent before the refusal of MAIL could be read',
    cases: [['…', '503', '421']],
  },
  {
    peer: 'Postfix',
    reason: 'refuses recipients beyond the limit for ever',
    cases: [['RCPT TO:<e@example.net>', '421', '452']],
  },
  {
    peer: 'Postfix',
    reason: 'ends at a command of HTTP, too: with 221',
    cases: [['POST / HTTP/1.1', '421', '221']],
  },
  {
    peer: 'Postfix',
    reason: 'answers DATA without a recipient with 554, the other code that RFC 5321 §3.3 allows',
    cases: [['DATA', '503', '554']],
  },
  {
    peer: 'Postfix',
    reason:
      'answers a known parameter with a wrong value, or without one, with 555 (RFC 5321 §4.1.1.11 has that for what is not known or cannot be done)',
    cases: [
      ['MAIL FROM:<eve@example.org> BODY…', '501', '555'],
      ['MAIL FROM:<eve@example.org> SIZE', '501', '555'],
      ['MAIL FROM:<eve@example.org> SMTPUTF8=1', '501', '555'],
      ['MAIL FROM:<eve@example.org> AUTH', '501', '555'],
      ['MAIL FROM:<eve@example.org> ENVID', '501', '555'],
      ['RCPT TO:<ada@example.net> ORCPT', '501', '555'],
      ['MAIL FROM:<eve@example.org> -A=1', '501', '555'],
      ['RCPT TO:<ada@example.net> NOTIFY', '501', '555'],
    ],
  },
  {
    peer: 'Postfix',
    reason:
      'does not mind a parameter given twice, an AUTH= that it does not trust anyway, and an ORCPT= that it does not read',
    cases: [
      ['MAIL FROM:<eve@example.org> SIZE=1 SIZE=1', '501', '250'],
      ['MAIL FROM:<eve@example.org> AUTH=a+zz', '501', '250'],
      ['MAIL FROM:<eve@example.org> ENVID=…', '501', '250'],
      ['RCPT TO:<ada@example.net> NOTIFY=DELAY,DELAY', '501', '250'],
      ['RCPT TO:<ada@example.net> ORCPT=…', '501', '250'],
    ],
  },
  {
    peer: 'Postfix',
    reason: 'takes UTF-8 in addresses also where SMTPUTF8 was not said, and completes addresses without a domain',
    cases: [
      ['MAIL FROM:<Ã¥da@example.org>', '550', '250'],
      ['RCPT TO:<Ã¥da@example.net>', '553', '250'],
      ['MAIL FROM:<eve>', '501', '250'],
    ],
  },
  {
    peer: 'Postfix',
    reason: 'keeps the hello over XCLIENT, knows no IPV6: in DESTADDR, and looks at values less closely',
    cases: [
      ['MAIL FROM:<eve@example.org>', '503', '250', 'XCLIENT'],
      ['XCLIENT DESTADDR=…', '220', '550'],
      ['XCLIENT NAME=a NAME=b', '501', '220'],
      ['XCLIENT PORT=65536', '501', '220'],
    ],
  },
  {
    peer: 'Postfix',
    reason: 'answers XCLIENT and XFORWARD of who may not say them with 550, and takes XFORWARD within a transaction',
    cases: [
      ['XCLIENT NAME=client.example.org', '502', '550'],
      ['XFORWARD NAME=client.example.org', '502', '550'],
      ['XFORWARD NAME=client.example.org', '503', '250'],
    ],
  },
  {
    peer: 'Postfix',
    reason: 'cannot be told by a table to answer 251',
    cases: [['RCPT TO:<ada@example.net>', '251', '451']],
  },
  {
    peer: 'Postfix',
    reason: 'answers STARTTLS, where there is none, with 502 in every state',
    cases: [['STARTTLS', '503', '502']],
  },
  {
    peer: 'Postfix',
    reason: 'does not mind more words behind EHLO and QUIT',
    cases: [
      ['EHLO two words', '501', '250'],
      ['QUIT now', '501', '221'],
    ],
  },
  {
    peer: 'Postfix',
    reason: 'ends where it has greeted with 521 and the next command comes, as RFC 7504 §3 allows',
    cases: [['EHLO client.example.org', '521', 'closed']],
  },
  {
    peer: 'Postfix',
    reason: 'judges the name of the hello, whichever verb it came with',
    cases: [['EHLO client.example.org', '250', '550', 'refuses a hello']],
  },
  {
    peer: 'Postfix',
    reason: 'goes on with TLS and forgets the plaintext behind STARTTLS, where ours closes',
    cases: [
      ['STARTTLS', '503', '220', 'plaintext'],
      ['(end)', 'closed', 'open', 'plaintext'],
    ],
  },
  {
    peer: 'Postfix',
    reason: 'takes STARTTLS within a transaction, which it forgets; RFC 3207 §4.2 leaves that open',
    cases: [['STARTTLS', '503', '220', 'within a transaction']],
  },
  {
    peer: 'Postfix',
    reason:
      'always has ETRN; has queues for domains alone, 459 for anything else, and 500 where the words do not fit (RFC 1985 §5.1 has 500 and 501)',
    cases: [
      ['ETRN #uucp', '250', '459'],
      ['ETRN…', '501', '459'],
      ['ETRN', '501', '500'],
      ['ETRN two.example words', '501', '500'],
      ['ETRN example.org', '502', '250'],
    ],
  },
]
