/**
 * Address lists as text (RFC 5322 §3.4): what `parseAddressList` reads back as the same.
 *
 * Names are quoted or encoded where they must be, and lines folded: between addresses where that is enough, else at the
 * spaces within one.
 */

import type { Address, GroupAddress, MailboxAddress } from './address-list.ts'
import { isAsciiText, octetLength } from './characters.ts'
import { encodeRun } from './encode-words.ts'
import { foldUnits, joinPieces, type Piece, splitPieces } from './folding.ts'
import { cleanText } from './header-scanner.ts'
import { formatMailbox } from './parse-mailbox.ts'
import { formatWords, looksEncoded } from './phrase.ts'

/** How the list is written. */
export interface FormatAddressListOptions {
  /**
   * Writes a name that is not ASCII as a phrase, in encoded-words (RFC 2047 §5); its result is used as it is, and lines
   * may end at its spaces. Default: as `formatPhrase` does, in UTF-8.
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
 * Names are quoted only where needed; one that looks like an encoded-word is encoded, with `smtputf8` too. Control
 * characters in a name become spaces, so no name can break the field, and lone surrogates U+FFFD.
 */
export function formatAddressList(list: readonly Address[], options: FormatAddressListOptions = {}): string {
  const encodeName = options.smtputf8 === true ? undefined : (options.encodeName ?? encodeRun)
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
  if (looksEncoded(clean)) return splitPieces(encodeRun(clean) + end, true)
  const pieces = splitPieces(formatWords(clean) + end, false)
  const isTooLong = pieces.some(({ text }) => octetLength(text) > MAX_WORD_OCTETS)
  return isTooLong ? splitPieces(encodeRun(clean) + end, true) : pieces
}
