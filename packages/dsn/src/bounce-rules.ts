/**
 * How bounces look that are not RFC 3464: the words by which mail systems announce whom they could not reach.
 *
 * Most systems print a sentence and then the addresses, a line each (`lists`), or the address right in the sentence
 * (`after`, `before`). All words here are in lower case with single blanks: they are looked for in the text with its
 * lines joined, so a sentence may be broken anywhere.
 */

/** One way to announce a bounce. It matches where one of its words stands in the notice. */
export interface BounceRule {
  /** Stable; `Bounce.by` gives it: `exim`. */
  readonly name: string
  /** One of these must stand somewhere in the notice too; absent: nothing more is asked. */
  readonly requires?: readonly string[]
  /** Sentences after which addresses stand, each at the front of a line. */
  readonly lists?: readonly string[]
  /** How those lines begin: `any` with the address, or only `bracketed` with `<address>:`; default `any`. */
  readonly lines?: 'any' | 'bracketed'
  /** Words right after which an address stands. */
  readonly after?: readonly string[]
  /** Words right before which an address stands. */
  readonly before?: readonly string[]
  /** Names without a domain in a list are of the domain of From, as where a provider lists its own users. */
  readonly local?: boolean
}

/**
 * Our rules. All that match are read in this order until one gives an address; that one is named, else the first that
 * matched.
 */
export const BOUNCE_RULES: readonly BounceRule[] = [
  {
    name: 'qmail',
    lists: [
      'this is the qmail-send program',
      'able to deliver your message to the following address',
      'unable to deliver your message to the following address',
    ],
    lines: 'bracketed',
  },
  {
    name: 'exim',
    lists: [
      'the following address(es) failed:',
      'the following addresses failed:',
      'the following address failed:',
      'the message has not yet been delivered is:',
      'the message has not yet been delivered are:',
      'the message has not yet been delivered to the following address',
      'recipient addresses that were incorrectly constructed:',
    ],
    after: ['local mailbox'],
  },
  {
    name: 'postfix',
    requires: [
      'delivered to one or more destinations',
      'delivered to one or more recipients',
      'this is the mail system at',
      'be delivered for',
    ],
    lists: ['this is the ', "i'm sorry to have to inform you"],
    lines: 'bracketed',
  },
  {
    name: 'sendmail',
    lists: [
      'the following addresses had permanent fatal errors',
      'the following addresses had fatal errors',
      'the following addresses had transient non-fatal errors',
      'the following addresses had delivery problems',
      'the following addresses have delivery notifications',
    ],
  },
  {
    name: 'exchange',
    lists: [
      'did not reach the following recipient(s):',
      'did not reach the following recipient:',
      'the following recipient(s) could not be reached:',
      'the following recipients could not be reached:',
    ],
    after: ['dda:smtp=', 'recipient: [smtp:'],
  },
  {
    name: 'microsoft-smtp',
    lists: [
      'delivery to the following recipient failed',
      'delivery to the following recipients failed',
      'delivery to the following recipient has been delayed',
      'delivery to the following recipients has been delayed',
      'delivery to the following recipients was aborted',
      'delevery to the following recipients failed',
      'delevery to the following recipients was aborted',
    ],
  },
  { name: 'domino', lists: ['was not delivered to:', '--- failure reasons ---'] },
  { name: 'groupwise', lists: ['undeliverable to the following:', 'undeliverable to the following recipient'] },
  {
    name: 'mdaemon',
    lists: ['did not receive a copy of your message:', 'did not receive a copy of this message:'],
    before: ['- no such user here'],
  },
  { name: 'mercury', lists: ['problems it encountered while trying to deliver your message'] },
  { name: 'courier', lists: ['your message to the following recipients cannot be delivered'] },
  { name: 'opensmtpd', lists: ['for the following list of recipients'] },
  {
    name: 'aol',
    lists: ['they are not accepting mail from'],
    local: true,
  },
  { name: 'smail', lists: ['failed addresses follow:'] },
  { name: 'netscape', lists: ['recipients did not receive your message:', 'recipient did not receive your message:'] },
  {
    name: 'smtp32',
    requires: ['original message follows'],
    after: [
      'undeliverable to',
      'unknown user:',
      'invalid final delivery userid:',
      'user mailbox exceeds allowed size:',
      'attempts:',
    ],
  },
  {
    name: 'yahoo',
    requires: ['able to deliver the following message'],
    after: [' to:'],
  },
  { name: 'listserv', requires: ['error-text:'], after: ['error-for:'] },
  { name: 'demon', after: ['the following message, addressed to'] },
  {
    name: 'delayed',
    requires: ['has not yet been delivered'],
    lists: ['your message to:'],
  },
  {
    name: 'list',
    lists: [
      'delivered to the following address',
      'delivered to the following recipient',
      'delivered to the following user',
      'deliver message to the following address',
      'deliver message to the following recipient',
      'deliver your message to the following recipient',
      'deliver the mail to the following recipient',
      'message to the following address',
      'message to the following recipient',
      'message not delivered to the following',
      'still awaiting delivery to the following recipient',
      'not be delivered to:',
      'not be delivered to',
      'was not delivered to',
      'failed recipients',
      'failed recipient(s)',
      'undelivered recipients',
      'failed to deliver to the following',
    ],
  },
  {
    name: 'named',
    after: [
      'undeliverable address:',
      'undeliverable recipient:',
      'failed recipient:',
      'failed address:',
      'delivery failed:',
      'failed to deliver to',
      'unable to deliver to',
      'unable to deliver message to',
      'unable to deliver your message to',
      'unable to deliver the message to',
      'could not deliver your message to',
      'could not deliver the message to',
      "couldn't deliver your message to",
      "message wasn't delivered to",
      'message could not be delivered to',
      'quota violation for',
      "user's mailbox is full:",
      'mailbox is full:',
      'addressed to email address : --',
      'intended recipient:',
      'delivery of email to this address',
      'your message was addressed,',
      'originally addressed to',
    ],
  },
  {
    name: 'refused',
    requires: [
      'was automatically rejected',
      'has not been delivered',
      'could not be delivered',
      "couldn't be delivered",
      'was rejected',
    ],
    after: ['your message to', 'your mail to', 'your email to', 'message for'],
  },
]

/** The form that many systems share: `<address>:` at the front of a line and the reason behind or below it. */
export const BRACKETED_RULE: BounceRule = { name: 'bracketed', lists: [''], lines: 'bracketed' }

/** Old sendmail and its like print the dialogue alone: `550 <address>... User unknown`. */
export const TRANSCRIPT_RULE: BounceRule = { name: 'transcript', lists: ['transcript of session follows'] }

/** Words of a notice that says it is still being tried (RFC 3464 §2.3.3, `delayed`). */
export const DELAY_WORDS: readonly string[] = [
  'delivery attempts will continue',
  'will continue to attempt delivery',
  'will continue to try',
  'will be retried',
  'will keep trying',
  'has not yet been delivered',
  'still awaiting delivery',
  'has been delayed',
  'has been postponed',
  'is delayed for',
  'warning message only',
  'this is a warning only',
  'only a temporary failure report',
  'had transient non-fatal errors',
  'not need to resend your message',
  'not need to re-send',
]

/** Where the notice ends and the returned message begins. */
export const END_WORDS: readonly string[] = [
  'below this line is a copy',
  'below the next line is a copy',
  'below is a copy of the original message',
  'enclosed is a copy of the message',
  'attachment is a copy of the message',
  'this is a copy of the message',
  'this is a copy of your message',
  'here is a copy of the first part',
  'a copy of the original message below',
  'included is a copy of the message header',
  'the header of the original message',
  'the header and top',
  'first 50 lines of your original message',
  'original message follows',
  'original message as received',
  '--- original message ---',
  '--- message header follows',
  '--- message body ',
  '--- unsent message',
  '--- returned mail',
  '--- forwarded message',
  '--- header of the source mail',
  'returned mail follows',
  'start of returned message',
  'message text follows',
  'message headers follow',
  'your message reads (in part)',
  'mensaje original adjunto',
  'old message:',
]
