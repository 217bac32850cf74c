/** The words of a report in English. */

import type { ReportWords } from './template-words.ts'

const SUBJECTS = {
  failed: 'Your message was not delivered to',
  delayed: 'Your message is delayed for',
  relayed: 'Your message was passed on to',
  expanded: 'Your message was delivered and sent on for',
  delivered: 'Your message was delivered to',
} as const

/** What is said of the recipients, after "the address below" or "the addresses below". */
const OPENINGS = {
  failed: (whom: string) => `Your message could not be delivered to ${whom}, and it will not be tried again.`,
  delayed: (whom: string) =>
    `Your message could not be delivered yet to ${whom}. It is not lost: delivery is being tried again, ` +
    'and you need not send it again.',
  relayed: (whom: string) =>
    `Your message was passed on for ${whom}, to a mail system that does not confirm delivery. ` +
    'You will hear again only if that system reports a failure.',
  expanded: (whom: string) =>
    `Your message was delivered to ${whom}, and was sent on from there to several others. ` +
    'You will hear again only if it fails for some of those.',
  delivered: (whom: string) => `Your message was delivered to ${whom}. This does not say that it was read.`,
} as const

/** English. */
export const ENGLISH: ReportWords = {
  language: 'en',
  fromName: 'Mail Delivery System',
  subject: (action, name, more) => `${SUBJECTS[action]}: ${name}${more > 0 ? ` and ${more} more` : ''}`,
  greeting: (host) => `This is the mail system at ${host}.`,
  opening: (action, count) => OPENINGS[action](count === 1 ? 'the address below' : 'the addresses below'),
  labels: {
    sentOn: 'Sent on to',
    happened: 'What happened',
    toDo: 'What you can do',
    reason: 'Details',
    lastAttempt: 'Last tried',
    willRetryUntil: 'Will be tried until',
  },
  said: (host) => (host === undefined ? 'The mail system there said' : `${host} said`),
  categories: {
    'no-such-user': {
      meaning: 'There is no such mailbox.',
      advice: 'Check the address for mistakes, or ask the recipient for the right one.',
    },
    'no-such-domain': {
      meaning: 'The domain of the address does not exist, or takes no mail.',
      advice: 'Check the part after the @ for mistakes.',
    },
    'mailbox-full': {
      meaning: 'The mailbox of the recipient is full.',
      advice: 'Try again in a few days, or reach the recipient another way.',
    },
    'mailbox-disabled': {
      meaning: 'The mailbox of the recipient is switched off.',
      advice: 'Reach the recipient another way.',
    },
    'message-too-big': {
      meaning: 'Your message is larger than the other side takes.',
      advice: 'Send the message in smaller parts, or put large files where the recipient can fetch them.',
    },
    'content-refused': {
      meaning: 'The other side refuses what is in your message, or takes it for spam.',
      advice: 'Send the message with other words and without links or attachments, or reach the recipient another way.',
    },
    virus: {
      meaning: 'The other side found a virus, or a kind of file that it does not take.',
      advice: 'Check your computer for viruses, and send the message without the attachment.',
    },
    blocked: {
      meaning: 'The other side takes no mail from the system that your message was sent through.',
      advice: 'Show this report to your postmaster, who can ask the other side to lift the block.',
    },
    'rate-limited': {
      meaning: 'The other side was sent too many messages in a short time.',
      advice: 'Send the message again later.',
    },
    greylisted: {
      meaning: 'The other side takes first messages from new senders only after a while.',
      advice: 'Send the message again later.',
    },
    'sender-authentication': {
      meaning: 'The other side could not make sure that the message is really from you.',
      advice: 'Show this report to your postmaster, who can correct the SPF, DKIM or DMARC records of your domain.',
    },
    policy: {
      meaning: 'The other side has a rule against this message.',
      advice: 'Ask the recipient, or your postmaster, which rule it is.',
    },
    'tls-required': {
      meaning: 'The other side takes mail over encrypted connections only.',
      advice: 'Show this report to your postmaster.',
    },
    'login-required': {
      meaning: 'The other side wants the sender to log in first.',
      advice: 'Show this report to your postmaster.',
    },
    'relaying-denied': {
      meaning: 'The other side does not take mail for this address.',
      advice: 'Check the part after the @ for mistakes, or ask the recipient for the right address.',
    },
    'bad-sender': {
      meaning: 'The other side does not take your own address as a sender.',
      advice: 'Check your address in the settings of your mail program.',
    },
    'protocol-error': {
      meaning: 'The two mail systems did not understand each other.',
      advice: 'Show this report to your postmaster.',
    },
    network: {
      meaning: 'The mail system of the recipient could not be reached.',
      advice: 'Check the part after the @ for mistakes, or send the message again later.',
    },
    system: {
      meaning: 'The mail system of the recipient has a fault, or no room.',
      advice: 'Send the message again later, or reach the recipient another way.',
    },
    expired: {
      meaning: 'The message could not be delivered in the time that messages are kept.',
      advice: 'Send the message again later, or reach the recipient another way.',
    },
    loop: {
      meaning: 'Your message went in a circle between mail systems.',
      advice: 'Tell the recipient, or the postmaster there; the address is forwarded wrongly.',
    },
    unknown: {
      meaning: 'The message was not taken, and this system does not know why.',
      advice: 'Read what the other side said, or show this report to your postmaster.',
    },
  },
  message: {
    heading: 'Your message:',
    subject: 'Subject',
    date: 'Date',
    messageId: 'Message-ID',
    arrival: 'Taken here',
  },
  closing: (postmaster) =>
    `If you need help, send this whole report to <${postmaster}>. What is attached to it is for mail programs and ` +
    'postmasters: the same in technical form, and your message or its header.',
}
