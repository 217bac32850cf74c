/**
 * The notice of a bounce: what its text parts say, line by line and as one flat text, up to the returned message.
 *
 * Bounded: of each text part the first 128 KiB are decoded, of all of them 65,536 characters are kept; parts lie five
 * multiparts deep at most.
 */

import { toLatin1 } from '@postroad/bytes'
import { decodeCharset, parseMessageIds } from '@postroad/message'
import type { Header } from '@postroad/message'
import { htmlToText } from './bounce-html.ts'
import { END_WORDS } from './bounce-rules.ts'
import { decodeBody, readPart, readParts } from './multipart.ts'
import type { Part } from './multipart.ts'
import { isReturned } from './original.ts'

/** One line of the notice. */
export interface NoticeLine {
  /** Without the blanks around it, those inside one each; empty for an empty line. */
  readonly text: string
  /** How far it is indented; a tab counts as eight blanks. */
  readonly indent: number
  /** Where it begins and ends in `Notice.flat`. */
  readonly start: number
  readonly end: number
}

/** What a message says in words. */
export interface Notice {
  /** Up to the returned message. */
  readonly lines: readonly NoticeLine[]
  /** The lines joined with blanks, the empty ones left out. */
  readonly flat: string
  /** `flat` in lower case, offset for offset. */
  readonly key: string
  /** All of the text in lower case, with what follows the notice: for words that may stand there. */
  readonly whole: string
  /** Message-ID of the returned message, without angle brackets; `undefined` where none was found. */
  readonly returnedId: string | undefined
  /** Whether it is a report of abuse (RFC 5965 §2), which is no bounce whatever it says. */
  readonly isFeedback: boolean
}

const MOST_BYTES = 131_072
const MOST_TEXT = 65_536
const MOST_DEPTH = 5

/** Reads the words of a message. */
export function readNotice(message: Part): Notice {
  const found: Found = { texts: [], returned: [], isFeedback: false }
  collect(message, 0, found)
  const { lines, rest, whole } = splitText(found.texts.join('\n').slice(0, MOST_TEXT))
  const flat = lines.flatMap(({ text }) => (text === '' ? [] : [text])).join(' ')
  return {
    lines,
    flat,
    key: lowerCase(flat),
    whole,
    returnedId: found.returned.map(idOf).find((id) => id !== undefined) ?? idInText(rest),
    isFeedback: found.isFeedback,
  }
}

interface Found {
  readonly texts: string[]
  readonly returned: (Header | undefined)[]
  isFeedback: boolean
}

/** Text parts count up to the returned message: what comes after it is the footer of a list or a scanner. */
function collect(part: Part, depth: number, found: Found): void {
  const { type, subtype } = part.contentType
  if (type === 'multipart' && depth < MOST_DEPTH) {
    const parts = readParts(part)
    for (const inner of parts) collect(inner, depth + 1, found)
    // Without one of its boundaries it is text after all.
    if (parts.length > 0) return
  }
  if (isReturned(part)) {
    found.returned.push(readPart(decodeBody(part))?.header)
  } else if (subtype === 'feedback-report') {
    found.isFeedback = true
  } else if ((type === 'text' || type === 'multipart') && found.returned.length === 0) {
    found.texts.push(textOf(part))
  }
}

function textOf({ header, contentType, body }: Part): string {
  const bytes = decodeBody({ header, contentType, body: body.subarray(0, MOST_BYTES) })
  const text = decodeCharset(contentType.parameters.get('charset') ?? 'us-ascii', bytes) ?? toLatin1(bytes)
  return contentType.subtype === 'html' ? htmlToText(text) : text
}

const idOf = (header: Header | undefined): string | undefined =>
  parseMessageIds(header?.first('Message-ID')?.value ?? '')[0]

/** ASCII alone: other letters may become more than one, and offsets would not hold. */
export function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/** Header fields at the front of a line that no notice has: there the returned message begins. */
const RETURNED_FIELDS = ['return-path:', 'received:']

interface SplitText {
  readonly lines: readonly NoticeLine[]
  /** What follows the notice, line by line. */
  readonly rest: readonly string[]
  readonly whole: string
}

function splitText(text: string): SplitText {
  const lines: NoticeLine[] = []
  let start = 0
  for (const raw of text.split(/\r\n|\n|\r/)) {
    const line = raw.replace(/\s+/g, ' ').trim()
    lines.push({ text: line, indent: indentOf(raw), start, end: start + line.length })
    if (line !== '') start += line.length + 1
  }
  const whole = lowerCase(lines.flatMap((line) => (line.text === '' ? [] : [line.text])).join(' '))
  const end = endOf(lines, whole)
  return { lines: lines.slice(0, end), rest: lines.slice(end).map((line) => line.text), whole }
}

function indentOf(raw: string): number {
  let indent = 0
  for (const character of raw) {
    if (character !== ' ' && character !== '\t') return indent
    indent += character === '\t' ? 8 : 1
  }
  return indent
}

/** The line at which the returned message is announced or begins; all lines where it is not. */
function endOf(lines: readonly NoticeLine[], whole: string): number {
  let offset = whole.length
  for (const words of END_WORDS) {
    const at = whole.indexOf(words)
    if (at !== -1 && at < offset) offset = at
  }
  const end = lines.findIndex(({ text, indent, end }) => {
    if (text !== '' && end > offset) return true
    const key = lowerCase(text)
    return indent === 0 && RETURNED_FIELDS.some((field) => key.startsWith(field))
  })
  return end === -1 ? lines.length : end
}

/** The first Message-ID field in the text behind the notice; it may be quoted and folded. */
function idInText(rest: readonly string[]): string | undefined {
  const at = rest.findIndex((line) => /^[> ]*message-id:/i.test(line))
  return at === -1 ? undefined : parseMessageIds(rest.slice(at, at + 2).join(' '))[0]
}
