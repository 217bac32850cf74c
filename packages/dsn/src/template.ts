/**
 * The part of a report that a person reads (RFC 6522 §3): what happened, to whom, what the sender can do, what the
 * other side said, and which message it was. One layout, and the words of a language in it.
 */

import { formatMailbox } from '@postroad/address'
import { formatReply } from '@postroad/envelope'
import type { Reply } from '@postroad/envelope'
import { decodeWords, formatDate, parseHeader } from '@postroad/message'
import { classifyReply } from './classify.ts'
import type { ReplyCategory } from './classify-category.ts'
import { ENGLISH } from './english.ts'
import { GERMAN } from './german.ts'
import type { Report, ReportAction, ReportHost, ReportRecipient, ReportTemplate } from './report.ts'
import { LONGEST_REPLY } from './status-part.ts'
import type { ReportWords } from './template-words.ts'

/** Makes a template of the words of a language. */
export function createTemplate(words: ReportWords): ReportTemplate {
  return {
    language: words.language,
    fromName: words.fromName,
    subject({ recipients }) {
      const action = gravest(recipients)
      const [first = '', ...more] = recipients.filter((recipient) => recipient.action === action).map(nameOf)
      return words.subject(action, first, more.length)
    },
    text: (report) => describeReport(words, report).join('\n\n'),
  }
}

/** The template used where a report names none. */
export const englishTemplate: ReportTemplate = createTemplate(ENGLISH)

/** The report in German. */
export const germanTemplate: ReportTemplate = createTemplate(GERMAN)

/**
 * The template for a reader of these languages: the first of `languages` that a template has, exactly or without the
 * subtags at its end (`de-AT` finds `de`); case is ignored. `undefined` where none has any.
 *
 * @param languages Tags (BCP 47), the dearest first, as an account's settings have them.
 */
export function chooseTemplate(
  templates: readonly ReportTemplate[],
  languages: readonly string[],
): ReportTemplate | undefined {
  for (const language of languages) {
    for (let tag = language.toLowerCase(); tag !== ''; tag = tag.slice(0, Math.max(0, tag.lastIndexOf('-')))) {
      const found = templates.find((template) => template.language.toLowerCase() === tag)
      if (found !== undefined) return found
    }
  }
  return undefined
}

/** From the gravest to the least. */
const ACTIONS: readonly ReportAction[] = ['failed', 'delayed', 'relayed', 'expanded', 'delivered']

function gravest(recipients: readonly ReportRecipient[]): ReportAction {
  return ACTIONS.find((action) => recipients.some((recipient) => recipient.action === action)) ?? 'failed'
}

function describeReport(words: ReportWords, report: Report): string[] {
  const paragraphs = [words.greeting(oneLine(report.reportingMta))]
  for (const action of ACTIONS) {
    const recipients = report.recipients.filter((recipient) => recipient.action === action)
    if (recipients.length === 0) continue
    paragraphs.push(words.opening(action, recipients.length))
    paragraphs.push(...recipients.map((recipient) => describeRecipient(words, recipient)))
  }
  paragraphs.push(describeMessage(words, report))
  // RFC 5321 §4.5.1: every domain that takes mail has a postmaster.
  if (report.recipients.some(isTrouble)) paragraphs.push(words.closing(`postmaster@${report.from.domain}`))
  return paragraphs
}

const isTrouble = ({ action }: ReportRecipient): boolean => action === 'failed' || action === 'delayed'

/** What the sender wrote is what the sender knows. */
function nameOf({ mailbox, orcpt }: ReportRecipient): string {
  return orcpt === undefined ? formatMailbox(mailbox) : oneLine(orcpt.address)
}

/** Text of others on one line: what could begin a line of its own becomes a blank. */
function oneLine(text: string): string {
  return text.slice(0, LONGEST_REPLY).replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]/g, ' ')
}

function describeRecipient(words: ReportWords, recipient: ReportRecipient): string {
  const { mailbox, reply, reason, remote, lastAttemptAt, willRetryUntil } = recipient
  const { labels } = words
  const name = nameOf(recipient)
  const final = formatMailbox(mailbox)
  const rows = [`<${name}>`]
  if (name !== final) rows.push(`${labels.sentOn}: <${final}>`)
  if (isTrouble(recipient)) rows.push(...adviseOn(words, recipient))
  if (recipient.action === 'delayed') {
    if (lastAttemptAt !== undefined) rows.push(`${labels.lastAttempt}: ${formatDate(lastAttemptAt)}`)
    if (willRetryUntil !== undefined) rows.push(`${labels.willRetryUntil}: ${formatDate(willRetryUntil)}`)
  }
  if (reason !== undefined) rows.push(`${labels.reason}: ${oneLine(reason)}`)
  if (reply !== undefined) rows.push(`${words.said(remote && nameHost(remote))}:`, ...describeReply(reply))
  return rows.join('\n    ')
}

/** As it was said, its code once. */
function describeReply({ lines, ...codes }: Reply): string[] {
  const text = formatReply({ ...codes, lines: [lines.join('\n')] }).slice(0, LONGEST_REPLY)
  return text.split('\n').map((line) => `  ${oneLine(line)}`)
}

function nameHost({ host, address }: ReportHost): string {
  return oneLine(address === undefined ? host : `${host} (${address})`)
}

/** What happened, and for a failure what to do; while it is still tried there is nothing to do. */
function adviseOn(words: ReportWords, recipient: ReportRecipient): string[] {
  const { meaning, advice } = words.categories[categoryOf(recipient)]
  const text = recipient.advice?.text
  if (text !== undefined) return [oneLine(text)]
  const happened = `${words.labels.happened}: ${meaning}`
  return recipient.action === 'failed' ? [happened, `${words.labels.toDo}: ${advice}`] : [happened]
}

function categoryOf({ advice, status, reply, reason }: ReportRecipient): ReplyCategory {
  const text = reply?.lines.join('\n') ?? reason ?? ''
  return advice?.category ?? classifyReply({ code: reply?.code, status, text }).category
}

/** What the message was, so that the sender knows it again. */
function describeMessage({ message }: ReportWords, { originalHeader, arrivalAt }: Report): string {
  const header = parseHeader(originalHeader)
  const row = (label: string, value: string | undefined): string[] =>
    value === undefined || value === '' ? [] : [`${label}: ${oneLine(value).slice(0, 200)}`]
  return [
    message.heading,
    ...row(message.subject, decodeWords(header.first('Subject')?.value ?? '')),
    ...row(message.date, header.first('Date')?.value),
    ...row(message.messageId, header.first('Message-ID')?.value),
    ...row(message.arrival, arrivalAt === undefined ? undefined : formatDate(arrivalAt)),
  ].join('\n    ')
}
