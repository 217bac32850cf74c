/** How OpenSMTPD answers otherwise than ours, and why. */

import type { Explanation } from '../explanation.ts'

/** All that is known of OpenSMTPD. */
export const OPENSMTPD_EXPLANATIONS: readonly Explanation[] = [
  {
    peer: 'OpenSMTPD',
    reason: 'has no CHUNKING: BDAT is an unknown command, and its octets are commands',
    cases: [
      ['BDAT…', '250', '500'],
      ['BDAT…', '503', '500'],
      ['BDAT…', '451', '500'],
      ['BDAT…', '421', '500'],
      ['BDAT…', '550', '500'],
      ['BDAT…', '501', '500'],
      ['QUIT', '421', '221'],
    ],
  },
  {
    peer: 'OpenSMTPD',
    reason: 'has no PIPELINING: where more than one command stands in its buffer it answers 500 and ends',
    cases: [
      ['MAIL FROM:<eve@example.org>', '250', '500'],
      ['MAIL FROM:<eve@example.org>', '421', '500'],
      ['AUTH PLAIN', '503', '500'],
      ['STARTTLS', '503', '500'],
      ['NOOP', '250', 'closed'],
      ['NOOP\\nNOOP\\nNOOP', '250', '500'],
    ],
  },
  {
    peer: 'OpenSMTPD',
    reason: 'has no SMTPUTF8: refuses octets above 127, and the parameter with 503',
    cases: [
      ['MAIL FROM:<eve@example.org> SMTPUTF8…', '250', '503'],
      ['MAIL FROM:<Ã¥da@example.org>…', '550', '553'],
      ['MAIL FROM:<Ã¥da@example.org> SMTPUTF8', '250', '553'],
      ['RCPT TO:<Ã¥da@example.net>', '553', '501'],
    ],
  },
  {
    peer: 'OpenSMTPD',
    reason: 'answers AUTH and STARTTLS, where they are not offered, with 503',
    cases: [
      ['AUTH PLAIN AGFkYQBzZWNyZXQ=', '538', '503'],
      ['AUTH PLAIN', '502', '503'],
      ['STARTTLS', '502', '503'],
      ['STARTTLS now', '501', '503'],
    ],
  },
  {
    peer: 'OpenSMTPD',
    reason:
      'knows no VRFY, EXPN, VERB, ONEX, ETRN, SEND, SOML, SAML, TURN and ATRN, and no argument to NOOP, HELP, RSET and QUIT: 500',
    cases: [
      ['VRFY ada', '252', '500'],
      ['VRFY', '501', '500'],
      ['EXPN list', '502', '500'],
      ['VERB…', '250', '500'],
      ['ONEX', '250', '500'],
      ['ETRN example.org', '502', '500'],
      ['SEND FROM:<eve@example.org>', '502', '500'],
      ['SOML FROM:<eve@example.org>', '502', '500'],
      ['SAML FROM:<eve@example.org>', '502', '500'],
      ['TURN', '502', '500'],
      ['ATRN', '502', '500'],
      ['NOOP anything at all', '250', '500'],
      ['HELP MAIL', '214', '500'],
      ['RSET now', '501', '500'],
      ['QUIT now', '501', '500'],
      ['noop  ', '250', '500'],
      ['quit ', '221', '500'],
      ['(end)', 'closed', 'open', 'white space'],
    ],
  },
  {
    peer: 'OpenSMTPD',
    reason: 'wants a header section that is one, and empty content is none: 550',
    cases: [['(content)', '250', '550']],
  },
  {
    peer: 'OpenSMTPD',
    reason: 'ends a command at a bare LF, too, and goes on behind a NUL',
    cases: [
      ['EHLO client.example.org\\n', '500', '250'],
      ['NOOP\\u0000', '500', '250'],
    ],
  },
  {
    peer: 'OpenSMTPD',
    reason: 'takes a command of HTTP for an unknown one',
    cases: [['POST / HTTP/1.1', '421', '500']],
  },
  {
    peer: 'OpenSMTPD',
    reason: 'takes one hello and no other (RFC 5321 §4.1.4 lets a client say it again), RSET only behind it',
    cases: [
      ['EHLO client.example.org', '250', '503'],
      ['RSET', '250', '503'],
    ],
  },
  {
    peer: 'OpenSMTPD',
    reason: 'judges the name of the hello, whichever verb it came with',
    cases: [['EHLO client.example.org', '250', '550']],
  },
  {
    peer: 'OpenSMTPD',
    reason: 'answers an unknown parameter, or one with a wrong value, with 503',
    cases: [['MAIL FROM:<eve@example.org> BODY=BINARYMIME', '501', '503']],
  },
  {
    peer: 'OpenSMTPD',
    reason:
      'answers what is no path with 553 or 500, refuses quoted local parts, and takes an address without a domain',
    cases: [
      ['MAIL…', '501', '553'],
      ['MAIL…', '501', '500'],
      ['RCPT FROM:<ada@example.net>', '501', '500'],
      ['MAIL FROM:<"…', '250', '553'],
      ['MAIL FROM:<eve@example.org>SIZE=1', '501', '250'],
      ['MAIL FROM:<eve>', '501', '250'],
      ['RCPT TO:<ada@>', '501', '250'],
    ],
  },
  {
    peer: 'OpenSMTPD',
    reason:
      'answers NOOP and unknown commands as ever behind a greeting of 554 (RFC 5321 §3.1 has 503), and a hello with 503 behind 521',
    cases: [
      ['EHLO client.example.org', '521', '503'],
      ['NOOP', '503', '250'],
      ['WIZ', '503', '500'],
    ],
  },
  {
    peer: 'OpenSMTPD',
    reason: 'takes a tab behind the domain of EHLO for a part of it',
    cases: [['EHLO client.example.org\\t', '250', '501']],
  },
  {
    peer: 'OpenSMTPD',
    reason:
      'fails every TLS handshake (alert "internal error"): its keys lie in a process that OpenSSL 3, with which Debian links this version, does not ask (OpenSMTPD issue 1239, 2023)',
    cases: [['(tls)', 'done', 'failed']],
  },
]
