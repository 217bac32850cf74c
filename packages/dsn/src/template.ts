/**
 * The part of a report that a person reads (RFC 6522 §3), in English; another template can stand in its place.
 *
 * It says who did not get the message, what the other side said, and what can be done.
 */

import { formatMailbox } from '@postroad/address'
import { formatReply } from '@postroad/envelope'
import { decodeWords, formatDate, parseHeader } from '@postroad/message'
import type { Report, ReportAction, ReportRecipient, ReportTemplate } from './report.ts'
import { LONGEST_REPLY } from './status-part.ts'

/** The template used where a report names none. */
export const englishTemplate: ReportTemplate = {
  language: 'en',
  fromName: 'Mail Delivery System',
  subject(report) {
    const action = gravest(report)
    const names = report.recipients.filter((recipient) => recipient.action === action).map(nameOf)
    const [first = ''] = names
    return `${SUBJECTS[action]}: ${first}${names.length > 1 ? ` and ${names.length - 1} more` : ''}`
  },
  text(report) {
    const paragraphs = [`This is the mail system at ${report.reportingMta}.`]
    for (const action of ACTIONS) {
      const recipients = report.recipients.filter((recipient) => recipient.action === action)
      if (recipients.length > 0) paragraphs.push(OPENINGS[action], ...recipients.map(describeRecipient))
    }
    paragraphs.push(describeMessage(report))
    return `${paragraphs.join('\n\n')}\n`
  },
}

/** From the gravest to the least. */
const ACTIONS: readonly ReportAction[] = ['failed', 'delayed', 'relayed', 'expanded', 'delivered']

function gravest(report: Report): ReportAction {
  return ACTIONS.find((action) => report.recipients.some((recipient) => recipient.action === action)) ?? 'failed'
}

const SUBJECTS: Readonly<Record<ReportAction, string>> = {
  failed: 'Your message was not delivered to',
  delayed: 'Your message is delayed for',
  relayed: 'Your message was passed on to',
  expanded: 'Your message was delivered and sent on for',
  delivered: 'Your message was delivered to',
}

const OPENINGS: Readonly<Record<ReportAction, string>> = {
  failed: 'Your message could not be delivered to the addresses below. They did not get it, and it is not tried again.',
  delayed:
    'Your message could not yet be delivered to the addresses below. It is still being tried; you need not send it again.',
  relayed:
    'Your message was passed on for the addresses below to a system that does not report success. ' +
    'You may hear nothing more, unless it fails.',
  expanded:
    'Your message was delivered to the addresses below, which stand for several others, and was sent on to those.',
  delivered: 'Your message was delivered to the addresses below.',
}

/** What the sender wrote is what the sender knows; the address it became stands beside it. */
function nameOf({ mailbox, orcpt }: ReportRecipient): string {
  return orcpt === undefined ? formatMailbox(mailbox) : oneLine(orcpt.address)
}

/** Text of others on one line: what could begin a line of its own becomes a blank. */
function oneLine(text: string): string {
  return text.slice(0, LONGEST_REPLY).replace(/[\u0000-\u001f\u007f]/g, ' ')
}

function describeRecipient(recipient: ReportRecipient): string {
  const { mailbox, orcpt, action, status, reply, reason, remote, willRetryUntil } = recipient
  const lines = [`<${nameOf(recipient)}>`]
  const final = formatMailbox(mailbox)
  if (orcpt !== undefined && orcpt.address !== final) lines.push(`sent on to <${final}>`)
  if (reply !== undefined) {
    const address = remote?.address === undefined ? '' : ` (${remote.address})`
    const who = remote === undefined ? 'The mail system' : oneLine(`${remote.host}${address}`)
    lines.push(`${who} said: ${oneLine(formatReply(reply))}`)
  }
  if (reason !== undefined) lines.push(oneLine(reason))
  if (action === 'failed') lines.push(`What you can do: ${adviceFor(status)}`)
  if (action === 'delayed' && willRetryUntil !== undefined)
    lines.push(`It is tried until ${formatDate(willRetryUntil)}.`)
  return lines.map((line, index) => (index === 0 ? line : `    ${line}`)).join('\n')
}

/** By enhanced status code without its class (RFC 3463 §3), the first that fits; the last fits all. */
const ADVICE: readonly (readonly [codes: RegExp, advice: string])[] = [
  [/^\.1\.[0136]$/, 'check the address for mistakes, or ask the recipient for the right one.'],
  [/^\.1\.(?:2|10)$/, 'check the part after the @ for mistakes; no such domain takes mail.'],
  [/^\.1\.[78]$/, 'check your own address in your mail program; the other side does not take it.'],
  [/^\.2\.1$/, 'reach the recipient another way; the mailbox is switched off.'],
  [/^\.2\.2$/, 'try again later, or reach the recipient another way; the mailbox is full.'],
  [/^\.(?:2\.3|3\.4)$/, 'send it in smaller parts, or put large files where they can be fetched; it is too large.'],
  [/^\.4\.7$/, 'try again later; it could not be delivered in the time allowed.'],
  [/^\.4\.6$/, 'tell the recipient or the postmaster there; the message went round in a circle.'],
  [/^\.4\./, 'try again later; the other system could not be reached.'],
  [/^\.6\./, 'send it in another form; the other side cannot take it as it is.'],
  [/^\.7\./, 'ask the recipient, or your postmaster, why it is not allowed; the other side refuses it.'],
  [/^/, 'try again later, or show this report to your postmaster.'],
]

function adviceFor(status: string): string {
  return ADVICE.find(([codes]) => codes.test(status.slice(1)))?.[1] ?? ''
}

/** What the message was, so that the sender knows it again. */
function describeMessage({ originalHeader, arrivalAt }: Report): string {
  const header = parseHeader(originalHeader)
  const rows = ['Subject', 'Date', 'Message-ID'].flatMap((name) => {
    const value = header.first(name)?.value
    return value === undefined || value === '' ? [] : [`    ${name}: ${oneLine(decodeWords(value)).slice(0, 200)}`]
  })
  const taken = arrivalAt === undefined ? [] : [`    Taken here: ${formatDate(arrivalAt)}`]
  return ['The message:', ...rows, ...taken].join('\n')
}
