/**
 * What must never be answered by a program, as a vacation notice or an auto-reply would (RFC 3834 §2, §4, §5).
 *
 * Stricter than for reports of delivery, which go wherever `mayBounce` says. Two rules of RFC 3834 §2 need a memory and
 * are the caller's: not the same answer to the same sender within several days (7 by default), and no large answers.
 */

import { parseReversePath, readAddressList, sameMailbox } from '@postroad/address'
import type { Address, Mailbox, MailboxAddress, ReversePath } from '@postroad/address'
import { parseAutoSubmitted, parseContentType } from '@postroad/message'
import type { Header } from '@postroad/message'

/** The message that would be answered. */
export interface ResponseSubject {
  /** All of it, with the Return-Path of final delivery where `reversePath` is absent. */
  readonly header: Header
  /** Its reverse-path, the only address to answer to (RFC 3834 §4); absent: that of its Return-Path field. */
  readonly reversePath?: ReversePath
  /** The addresses of the one who answers; absent: none is known, and the rules that need them are passed over. */
  readonly ownAddresses?: readonly Mailbox[]
  /**
   * The answer speaks for a person who is away or busy, so the message must name one of `ownAddresses` in a field of
   * recipients (RFC 3834 §2); default no.
   */
  readonly personal?: boolean
}

/** Why a message must not be answered. */
export interface ResponseRefusal {
  /** The first that forbids it; others may do so too. */
  readonly rule: ResponseRule
  /** The field that says so, as it is named in the message; absent where none does. */
  readonly field?: string
  /** Where the rule stands: `RFC 3834 §2`. */
  readonly section: string
  /** One sentence. */
  readonly explanation: string
}

/** The rules, in the order in which they are tried. */
export type ResponseRule =
  | 'no-return-path'
  | 'null-reverse-path'
  | 'own-address'
  | 'program-address'
  | 'auto-submitted'
  | 'report'
  | 'mailing-list'
  | 'precedence'
  | 'suppressed'
  | 'spam'
  | 'not-addressed'

/** The first rule that forbids an automatic answer; `undefined` where none does. */
export function forbidsResponse(subject: ResponseSubject): ResponseRefusal | undefined {
  const destination = destinationOf(subject)
  if (destination === undefined) return NO_RETURN_PATH
  if (destination === null) return NULL_REVERSE_PATH
  for (const { applies, ...refusal } of RULES) {
    const field = applies(subject, destination)
    if (field !== undefined) return field === '' ? refusal : { ...refusal, field }
  }
  return undefined
}

/** Whether a message may be answered by a program; `forbidsResponse` says why not. */
export function mayRespond(reversePath: ReversePath, header: Header): reversePath is Mailbox {
  return forbidsResponse({ reversePath, header }) === undefined
}

const NO_RETURN_PATH: ResponseRefusal = {
  rule: 'no-return-path',
  section: 'RFC 3834 §4',
  explanation: 'It has no Return-Path that can be read, and no other address may be guessed.',
}

const NULL_REVERSE_PATH: ResponseRefusal = {
  rule: 'null-reverse-path',
  section: 'RFC 3834 §2',
  explanation: 'Its reverse-path is null: nobody would get the answer.',
}

interface Rule extends Omit<ResponseRefusal, 'field'> {
  /** Where it applies the name of the field that says so, empty where none does; else `undefined`. */
  readonly applies: (subject: ResponseSubject, destination: Mailbox) => string | undefined
}

const RULES: readonly Rule[] = [
  {
    rule: 'own-address',
    section: 'RFC 3834 §2',
    explanation: 'The answer would come back to the one who gives it.',
    applies: (subject, destination) => (isOwn(subject, destination) ? '' : undefined),
  },
  {
    rule: 'program-address',
    section: 'RFC 3834 §2',
    explanation: 'It was sent from an address that programs use.',
    applies: (_, { localPart }) => (PROGRAMS.test(localPart) ? '' : undefined),
  },
  {
    rule: 'auto-submitted',
    section: 'RFC 3834 §5',
    explanation: 'A program sent it.',
    applies: ({ header }) => named(header, 'Auto-Submitted', (value) => parseAutoSubmitted(value).automatic),
  },
  {
    rule: 'report',
    section: 'RFC 3834 §3.2.1',
    explanation: 'It is a report of delivery or disposition.',
    applies: ({ header }) => named(header, 'Content-Type', isReport),
  },
  {
    rule: 'mailing-list',
    section: 'RFC 3834 §2',
    explanation: 'It came over a mailing list.',
    applies: ({ header }) => header.fields.find(({ name }) => name.toLowerCase().startsWith('list-'))?.name,
  },
  {
    rule: 'precedence',
    section: 'RFC 3834 §2',
    explanation: 'It says that it was sent in bulk.',
    applies: ({ header }) => named(header, 'Precedence', (value) => BULK.has(firstWord(value))),
  },
  {
    rule: 'suppressed',
    section: 'RFC 3834 §2',
    explanation: 'It asks not to be answered by programs, or is such an answer.',
    applies: ({ header }) =>
      named(header, 'X-Auto-Response-Suppress', (value) =>
        value.split(',').some((word) => SUPPRESS.has(firstWord(word))),
      ) ?? MARKS.find((name) => named(header, name, (value) => firstWord(value) !== 'no') !== undefined),
  },
  {
    rule: 'spam',
    section: 'RFC 3834 §2',
    explanation: 'It was taken for spam.',
    applies: ({ header }) => named(header, 'X-Spam-Flag', (value) => firstWord(value) === 'yes'),
  },
  {
    rule: 'not-addressed',
    section: 'RFC 3834 §2',
    explanation: 'None of its recipient fields names the one who would answer.',
    applies: (subject) => (subject.personal === true && !namesOwn(subject) ? '' : undefined),
  },
]

const PROGRAMS =
  /^(?:owner-.*|.*-owner|.*-request|.*-bounces?|mailer-daemon|listserv|majordomo|no-?reply|do-?not-?reply)$/is
const BULK = new Set(['bulk', 'junk', 'list'])
/** Values of X-Auto-Response-Suppress, a field of Microsoft's, that mean answers of our kind. */
const SUPPRESS = new Set(['all', 'oof', 'autoreply'])
/** Fields by which programs mark their answers that do not know Auto-Submitted. */
const MARKS = ['X-Autoreply', 'X-Autorespond', 'X-AutoReply-From']
const RECIPIENT_FIELDS = ['To', 'Cc', 'Bcc', 'Resent-To', 'Resent-Cc', 'Resent-Bcc']

/** `undefined` where none is known. */
function destinationOf({ header, reversePath }: ResponseSubject): ReversePath | undefined {
  if (reversePath !== undefined) return reversePath
  const parsed = parseReversePath(header.first('Return-Path')?.value ?? '', { smtputf8: true })
  return parsed.ok ? parsed.value : undefined
}

/** The name of the field, as it stands, where one of that name has such a value. */
function named(header: Header, name: string, accepts: (value: string) => boolean): string | undefined {
  return header.all(name).find(({ value }) => accepts(value))?.name
}

function isReport(value: string): boolean {
  const { type, subtype } = parseContentType(value)
  return `${type}/${subtype}` === 'multipart/report'
}

function isOwn({ ownAddresses = [] }: ResponseSubject, mailbox: Mailbox): boolean {
  return ownAddresses.some((own) => sameMailbox(own, mailbox))
}

function namesOwn(subject: ResponseSubject): boolean {
  return RECIPIENT_FIELDS.flatMap((name) => subject.header.all(name)).some(({ value }) =>
    readAddressList(value)
      .addresses.flatMap(membersOf)
      .some(({ mailbox }) => isOwn(subject, mailbox)),
  )
}

const membersOf = (address: Address): readonly MailboxAddress[] =>
  address.kind === 'mailbox' ? [address] : address.members

/** A keyword, in lower case; parameters and comments may follow. */
function firstWord(value: string): string {
  return value
    .trim()
    .split(/[\s;(]/, 1)
    .join('')
    .toLowerCase()
}
