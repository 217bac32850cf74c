/** What the header section of a bounce tells: who wrote it, and whom it names. */

import { readAddressList } from '@postroad/address'
import type { Domain, Mailbox } from '@postroad/address'
import type { Header } from '@postroad/message'
import { decodeWords } from '@postroad/message'
import { addressAt } from './bounce-address.ts'
import { lowerCase } from './bounce-notice.ts'

/** In From or Return-Path: programs that return mail. */
const AUTHORS = [
  'mailer-daemon',
  'mailerdaemon',
  'postmaster',
  'mdaemon',
  'mail.delivery',
  'mail delivery',
  'mail-delivery',
  'delivery subsystem',
  'delivery system',
  'delivery service',
  'mail system',
  'mail administrator',
  'mail_service',
  'system administrator',
  'antivirus',
  'mailadm',
]

/** In Subject: what is said of mail that did not arrive. */
const SUBJECTS = [
  'undeliver',
  'deliver',
  'returned mail',
  'returning message',
  'mail failed',
  'failed mail',
  'failure',
  'mail error',
  'mail system error',
  'processing error',
  'delayed',
  'rejected',
  'bounce',
]

/**
 * Whether a message could be a bounce: by its author, its subject, its null return path or its type. What a person
 * writes about a bounce, or quotes of one, is none.
 */
export function looksLikeBounce(header: Header): boolean {
  return isFromProgram(header) || isReport(header) || (hasFailure(header) && !isPassedOn(header))
}

/** What a person passes on, or answers in a thread. */
function isPassedOn(header: Header): boolean {
  const subject = lowerCase(valueOf(header, 'Subject'))
  return /^fwd?:/.test(subject) || (subject.startsWith('re:') && header.has('References'))
}

/** Whether a program that returns mail wrote it (RFC 5321 §4.5.5, RFC 3464 §2). */
export function isFromProgram(header: Header): boolean {
  const path = lowerCase(valueOf(header, 'Return-Path'))
  const author = lowerCase(`${valueOf(header, 'From')} ${path}`)
  return path === '<>' || AUTHORS.some((words) => author.includes(words))
}

function hasFailure(header: Header): boolean {
  const subject = lowerCase(decodeWords(valueOf(header, 'Subject')))
  return SUBJECTS.some((words) => subject.includes(words))
}

const isReport = (header: Header): boolean => lowerCase(valueOf(header, 'Content-Type')).startsWith('multipart/report')

/** Whom Exim and others name in X-Failed-Recipients, parted by commas. */
export function failedRecipients(header: Header): readonly Mailbox[] {
  return header.all('X-Failed-Recipients').flatMap(({ value }) =>
    value
      .slice(0, LONGEST_LIST)
      .split(',')
      .flatMap((one) => addressAt(one, 0)?.mailbox ?? []),
  )
}

/** The domain of the first author; `undefined` where From names nobody. */
export function authorDomain(header: Header): Domain | undefined {
  const { addresses } = readAddressList(valueOf(header, 'From'))
  return addresses.flatMap((one) => (one.kind === 'mailbox' ? [one.mailbox.domain] : []))[0]
}

const LONGEST_LIST = 65_536
const LONGEST_VALUE = 4_096

const valueOf = (header: Header, name: string): string => header.first(name)?.value.slice(0, LONGEST_VALUE) ?? ''
