/**
 * The rules by which replies are classified, in the order in which they are tried: codes that are used against their
 * meaning, codes that decide, words, vague codes, reply codes.
 *
 * Enhanced status codes: RFC 3463 §3, RFC 4954 §6, RFC 7293 §15, RFC 7372 §3, RFC 7505 §4.2, RFC 8689 §4.2.1 and their
 * registry. Reply codes: RFC 5321 §4.2.3, RFC 7504 §3, RFC 7504 §4. The words are those that mail systems and large
 * providers print.
 */

import { POLICY_WORDS } from './classify-words-policy.ts'
import { RECIPIENT_WORDS } from './classify-words-recipient.ts'
import { TRANSPORT_WORDS } from './classify-words-transport.ts'
import type { ReplyRule } from './classify.ts'

/** Codes that are often given for something else than they mean: the words that tell. */
const MISUSED: readonly ReplyRule[] = [
  {
    name: 'unknown-behind-access-denied',
    category: 'no-such-user',
    status: ['4.1'],
    words: ['recipient address rejected: access denied'],
  },
  // Microsoft's code for an unknown recipient; RFC 7505 §4.2 has it for a domain that takes no mail.
  {
    name: 'unknown-behind-null-mx',
    category: 'no-such-user',
    status: ['1.10'],
    words: ['recipientnotfound', 'recipient not found'],
  },
  {
    name: 'policy-behind-weak-login',
    category: 'policy',
    status: ['7.9'],
    words: ['policy reasons'],
  },
  {
    name: 'greylisting-behind-no-such-user',
    category: 'greylisted',
    status: ['1.1'],
    words: ['address verification in progress'],
  },
]

/** Codes that say enough. */
const DECISIVE: readonly ReplyRule[] = [
  { name: 'status-no-such-user', category: 'no-such-user', status: ['1.1', '1.3', '1.4', '1.6', '7.17'] },
  { name: 'status-no-such-domain', category: 'no-such-domain', status: ['1.2', '1.10', '7.18'] },
  { name: 'status-bad-sender', category: 'bad-sender', status: ['1.7', '1.8', '7.27'] },
  { name: 'status-mailbox-full', category: 'mailbox-full', status: ['2.2'] },
  { name: 'status-too-big', category: 'message-too-big', status: ['2.3', '3.4'] },
  { name: 'status-loop', category: 'loop', status: ['4.6', '4.14'] },
  { name: 'status-expired', category: 'expired', status: ['4.7'] },
  { name: 'status-rate', category: 'rate-limited', status: ['5.3', '7.28'] },
  {
    name: 'status-authentication',
    category: 'sender-authentication',
    status: ['7.20', '7.21', '7.22', '7.23', '7.24', '7.25', '7.26', '7.29', '7.509', '7.515'],
  },
  { name: 'status-tls', category: 'tls-required', status: ['7.10', '7.11', '7.30'] },
  // Microsoft's codes for groups and mailboxes that take mail of some senders only: no login would help.
  { name: 'status-restricted', category: 'policy', status: ['7.124', '7.129', '7.133', '7.134'] },
  { name: 'status-login', category: 'login-required', status: ['7.8', '7.9', '7.12', '7.13', '7.14'] },
  { name: 'status-blocked', category: 'blocked', status: ['7.511', '7.606', '7.607', '7.608', '7.609', '7.610'] },
]

/** Codes that say no more than the subject. */
const VAGUE: readonly ReplyRule[] = [
  { name: 'status-system', category: 'system', status: ['3.*', '2.4', '4.5'] },
  { name: 'status-mailbox', category: 'mailbox-disabled', status: ['2.*'] },
  { name: 'status-route', category: 'network', status: ['4.*'] },
  // RFC 3463 §3.7: what one side cannot convert, or the other cannot take, is no fault of the content.
  {
    name: 'status-protocol',
    category: 'protocol-error',
    status: ['5.*', '6.2', '6.3', '6.4', '6.5', '6.7', '6.8', '6.9', '6.10'],
  },
  { name: 'status-content', category: 'content-refused', status: ['6.*', '7.7'] },
  { name: 'status-policy', category: 'policy', status: ['7.*'] },
]

/** What RFC 5321 §4.2.3 says of the codes; 550 and 554 say too little. */
const CODES: readonly ReplyRule[] = [
  { name: 'code-user', category: 'no-such-user', code: [551, 553] },
  { name: 'code-domain', category: 'no-such-domain', code: [521, 556] },
  { name: 'code-full', category: 'mailbox-full', code: [552] },
  { name: 'code-busy', category: 'mailbox-disabled', code: [450] },
  { name: 'code-login', category: 'login-required', code: [530, 534, 535] },
  { name: 'code-tls', category: 'tls-required', code: [523, 538] },
  { name: 'code-system', category: 'system', code: [421, 451, 452, 454] },
  { name: 'code-protocol', category: 'protocol-error', code: [455, 500, 501, 502, 503, 504, 555] },
]

/**
 * Our rules, in order. To change one, put an own rule before them (`ClassifyOptions.rules`); to leave one out, filter
 * this list by name.
 */
export const REPLY_RULES: readonly ReplyRule[] = [
  ...MISUSED,
  ...DECISIVE,
  ...POLICY_WORDS,
  ...RECIPIENT_WORDS,
  ...TRANSPORT_WORDS,
  ...VAGUE,
  ...CODES,
]
