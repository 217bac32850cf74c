/**
 * What a refusal can mean, in categories that a program can decide by, each with words for people.
 *
 * The subject and detail of each follow RFC 3463 §3 and its registry: they stand in for an enhanced status code where
 * a reply carries none.
 */

/**
 * Why a message was not taken.
 *
 * - `no-such-user`, `no-such-domain`: nobody there, or no mail there at all.
 * - `mailbox-full`, `mailbox-disabled`: the mailbox exists and takes nothing now.
 * - `message-too-big`, `content-refused` (spam included), `virus`: this message is refused.
 * - `blocked`: the reputation of our address or domain.
 * - `rate-limited`, `greylisted`: later, more slowly.
 * - `sender-authentication`: SPF, DKIM, DMARC, reverse DNS (RFC 7372).
 * - `policy`: a rule of theirs that they do not name.
 * - `tls-required`, `login-required`, `relaying-denied`: not on this way.
 * - `bad-sender`: the reverse-path or author is not taken.
 * - `protocol-error`: the dialogue itself.
 * - `network`: hosts or DNS out of reach. `system`: trouble of the other side, its disks full included.
 * - `expired`: tried for too long. `loop`: it went in circles.
 * - `unknown`: nothing is known but the reply code, if that.
 */
export type ReplyCategory =
  | 'no-such-user'
  | 'no-such-domain'
  | 'mailbox-full'
  | 'mailbox-disabled'
  | 'message-too-big'
  | 'content-refused'
  | 'virus'
  | 'blocked'
  | 'rate-limited'
  | 'greylisted'
  | 'sender-authentication'
  | 'policy'
  | 'tls-required'
  | 'login-required'
  | 'relaying-denied'
  | 'bad-sender'
  | 'protocol-error'
  | 'network'
  | 'system'
  | 'expired'
  | 'loop'
  | 'unknown'

/**
 * What else will meet the same refusal: other mail to this `recipient`, other mail of this `sender`, the same
 * `message` to others, all mail between the same `host`s.
 */
export type ReplyScope = 'recipient' | 'sender' | 'message' | 'host'

/** What is known of a category. */
export interface CategoryFacts {
  /** What else will most likely be refused in the same way. */
  readonly scope: ReplyScope
  /** Subject and detail of an enhanced status code that says the same (RFC 3463 §3, RFC 7372 §3): `1.1`. */
  readonly detail: `${number}.${number}`
  /** What happened, one sentence. */
  readonly meaning: string
  /** What the sender or operator can do, one sentence. */
  readonly advice: string
}

/** The facts of every category. */
export const REPLY_CATEGORIES: Readonly<Record<ReplyCategory, CategoryFacts>> = {
  'no-such-user': {
    scope: 'recipient',
    detail: '1.1',
    meaning: 'The mailbox does not exist.',
    advice: 'Check the address for a typing error, and take it off your lists.',
  },
  'no-such-domain': {
    scope: 'recipient',
    detail: '1.2',
    meaning: 'The domain of the address does not exist or takes no mail.',
    advice: 'Check the part after the @ for a typing error.',
  },
  'mailbox-full': {
    scope: 'recipient',
    detail: '2.2',
    meaning: 'The mailbox is full.',
    advice: 'Try again in a few days, or reach the recipient in another way.',
  },
  'mailbox-disabled': {
    scope: 'recipient',
    detail: '2.1',
    meaning: 'The mailbox is closed or takes no messages now.',
    advice: 'Reach the recipient in another way.',
  },
  'message-too-big': {
    scope: 'message',
    detail: '3.4',
    meaning: 'The message is larger than the other side takes.',
    advice: 'Send it again with fewer or smaller attachments.',
  },
  'content-refused': {
    scope: 'message',
    detail: '7.1',
    meaning: 'The other side takes the content for spam, or refuses what is in it.',
    advice: 'Change the text, links or attachments, or ask the recipient to let your mail through.',
  },
  virus: {
    scope: 'message',
    detail: '7.0',
    meaning: 'The other side found a virus or a forbidden kind of file in the message.',
    advice: 'Check your computer and the attachments before you send it again.',
  },
  blocked: {
    scope: 'host',
    detail: '7.1',
    meaning: 'The address or domain that the mail came from has a bad name with the other side.',
    advice:
      'The postmaster should look the sending address up in the list that is named, end the cause, and ask for removal.',
  },
  'rate-limited': {
    scope: 'host',
    detail: '7.0',
    meaning: 'Too much mail came in too short a time.',
    advice: 'Send more slowly.',
  },
  greylisted: {
    scope: 'recipient',
    detail: '7.0',
    meaning: 'The other side refuses the first try of senders that it does not know.',
    advice: 'Nothing is to be done: a later try will be taken.',
  },
  'sender-authentication': {
    scope: 'sender',
    detail: '7.26',
    meaning: 'The other side could not make sure that the mail comes from whom it names.',
    advice: 'The postmaster of the sending domain should check its SPF, DKIM, DMARC and reverse DNS records.',
  },
  policy: {
    scope: 'message',
    detail: '7.1',
    meaning: 'A rule of the other side forbids the message.',
    advice: 'Ask the postmaster of the recipient which rule it is.',
  },
  'tls-required': {
    scope: 'host',
    detail: '7.10',
    meaning: 'The other side takes mail only over an encrypted connection.',
    advice: 'The postmaster should switch on TLS for this destination.',
  },
  'login-required': {
    scope: 'host',
    detail: '7.0',
    meaning: 'The other side wants the sender to log in, or refused the login.',
    advice: 'Check user name, password and port of the server that the mail is sent through.',
  },
  'relaying-denied': {
    scope: 'recipient',
    detail: '7.1',
    meaning: 'The other side is not the server of the recipient and passes no mail on.',
    advice: 'Check the MX records of the domain, or log in at the server that is to send for you.',
  },
  'bad-sender': {
    scope: 'sender',
    detail: '1.8',
    meaning: 'The other side does not take mail from this sender address.',
    advice: 'Check that the sender address exists and that its domain can be found in the DNS.',
  },
  'protocol-error': {
    scope: 'host',
    detail: '5.0',
    meaning: 'The two mail servers did not understand each other.',
    advice: 'The postmaster should look at the dialogue in the log.',
  },
  network: {
    scope: 'host',
    detail: '4.1',
    meaning: 'The mail server of the recipient could not be reached or found.',
    advice: 'Try again later; if it goes on, ask the postmaster of the recipient.',
  },
  system: {
    scope: 'host',
    detail: '3.0',
    meaning: 'The mail server of the recipient has trouble of its own.',
    advice: 'Try again later; if it goes on, ask the postmaster of the recipient.',
  },
  expired: {
    scope: 'recipient',
    detail: '4.7',
    meaning: 'The message was tried for as long as the server keeps messages.',
    advice: 'Send it again later, or reach the recipient in another way.',
  },
  loop: {
    scope: 'recipient',
    detail: '4.6',
    meaning: 'The message went in circles between mail servers.',
    advice: 'The postmaster of the recipient should check forwarding and MX records.',
  },
  unknown: {
    scope: 'message',
    detail: '0.0',
    meaning: 'The other side did not say why it refused the message.',
    advice: 'Ask the postmaster of the recipient.',
  },
}
