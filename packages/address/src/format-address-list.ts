/**
 * Address lists as text (RFC 5322 §3.4): what `parseAddressList` reads back as the same.
 *
 * Names are quoted or encoded where they must be, and lines folded: between addresses where that is enough, else at the
 * spaces within one.
 */

import type { Address, GroupAddress, MailboxAddress } from './address-list.ts'
import { ATEXT, isAsciiText, isOf, nonAsciiWidth, octetLength } from './characters.ts'
import { encodeEncodedWords } from './encoded-words.ts'
import { foldUnits, joinPieces, type Piece, splitPieces } from './folding.ts'
import { cleanText } from './header-scanner.ts'
import { formatMailbox } from './parse-mailbox.ts'

/** How the list is written. */
export interface FormatAddressListOptions {
  /**
   * Writes a name that is not ASCII as a phrase, in encoded-words (RFC 2047 §5); its result is used as it is, and lines
   * may end at its spaces. Default: encoded-words of UTF-8.
   */
  readonly encodeName?: (name: string) => string
  /**
   * Writes names in UTF-8 instead, for messages that RFC 6532 allows; then `encodeName` is not used. Default false.
   * Mailboxes are written as they are, whatever it says: see `needsSmtputf8`.
   */
  readonly smtputf8?: boolean
  /** Whether lines are folded; default true. False writes one line. */
  readonly fold?: boolean
  /** How many characters stand before the list on its first line: 4 for `To: `. Default 0. */
  readonly column?: number
}

/** A word of more octets is encoded, so that the line has room for a space, a bracket or quotes, and a comma. */
const MAX_WORD_OCTETS = 990

/**
 * Writes the list with `, ` between addresses; nothing for an empty list, which no field of addresses may hold.
 *
 * Folded by CRLF and a space at 78 characters (RFC 5322 §2.1.1), 76 where a line holds encoded-words (RFC 2047 §2).
 * Only a mailbox or a word of a name that is longer than that makes a longer line; over 998 octets only a local part
 * without a space does, since none could be folded there. Where `column` is not 0, the list may begin with a fold.
 *
 * Names are quoted only where needed. Control characters in a name become spaces, so no name can break the field, and
 * lone surrogates U+FFFD.
 */
export function formatAddressList(list: readonly Address[], options: FormatAddressListOptions = {}): string {
  const encodeName = options.smtputf8 === true ? undefined : (options.encodeName ?? encodeEncodedWords)
  const units = list.flatMap((address, index) => {
    const end = index === list.length - 1 ? '' : ','
    return address.kind === 'mailbox' ? [memberUnit(address, end, encodeName)] : groupUnits(address, end, encodeName)
  })
  return options.fold === false ? units.map(joinPieces).join(' ') : foldUnits(units, options.column ?? 0)
}

/** Encodes a name that is not ASCII; `undefined` where such names are written as they are. */
type EncodeName = ((name: string) => string) | undefined

function groupUnits({ name, members }: GroupAddress, end: string, encodeName: EncodeName): Piece[][] {
  const last = members.length - 1
  return [
    phrasePieces(name, last === -1 ? `:;${end}` : ':', encodeName),
    ...members.map((member, index) => memberUnit(member, index === last ? `;${end}` : ',', encodeName)),
  ]
}

function memberUnit({ name = '', mailbox }: MailboxAddress, end: string, encodeName: EncodeName): Piece[] {
  const text = formatMailbox(mailbox)
  return name === ''
    ? mailboxPieces(`${text}${end}`)
    : [...phrasePieces(name, '', encodeName), ...mailboxPieces(`<${text}>${end}`)]
}

/** One piece, but where a line could not hold it: readers of other makers may not expect a fold in a mailbox. */
function mailboxPieces(text: string): Piece[] {
  return octetLength(text) > MAX_WORD_OCTETS ? splitPieces(text, false) : [{ text, encoded: false }]
}

/** The name as a phrase, with `end` behind it. */
function phrasePieces(name: string, end: string, encodeName: EncodeName): Piece[] {
  const clean = cleanText(name)
  if (encodeName !== undefined && !isAsciiText(clean)) return splitPieces(encodeName(clean) + end, true)
  const pieces = splitPieces(formatPhrase(clean) + end, false)
  const isTooLong = pieces.some(({ text }) => octetLength(text) > MAX_WORD_OCTETS)
  return isTooLong ? splitPieces(encodeEncodedWords(clean) + end, true) : pieces
}

/** Atoms where the name is some, else a quoted string. What looks like an encoded-word is quoted too. */
function formatPhrase(name: string): string {
  return isAtoms(name) && !name.includes('=?') ? name : `"${name.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}

/** Whether the text is atoms with one space between them. */
function isAtoms(text: string): boolean {
  let wordExpected = true
  for (let at = 0; at < text.length;) {
    const width = isOf(text.charCodeAt(at), ATEXT) ? 1 : nonAsciiWidth(text, at)
    if (width === 0 && (wordExpected || text.charAt(at) !== ' ')) return false
    wordExpected = width === 0
    at += Math.max(1, width)
  }
  return !wordExpected
}
