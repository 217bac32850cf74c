/**
 * Writes header fields: folded (RFC 5322 §2.1.1, §2.2.3), and safe whatever the value holds.
 *
 * What could end the field early is taken out, so nothing can be injected.
 */

import { fromUtf8 } from '@postroad/bytes'
import { MessageError } from './errors.ts'
import { fieldFrom } from './header.ts'
import type { HeaderField } from './header.ts'

/** A line SHOULD have no more characters than this, CRLF not counted (RFC 5322 §2.1.1). */
const GOOD_LENGTH = 78
/** A line MUST have no more octets than this, CRLF not counted (RFC 5322 §2.1.1, RFC 6532 §3.4). */
const MOST_OCTETS = 998

/** RFC 5322 §2.2: printable ASCII but the colon; 76 octets at most, so that the name's line has room for a blank. */
const NAME = /^[!-9;-~]{1,76}$/

/**
 * Creates a field.
 *
 * Folds at 78 characters where blanks allow. What is longer than 998 octets without a blank is cut there, at a
 * character, with a blank. CR, LF and NUL in the value are removed; text outside ASCII is written as UTF-8 (RFC 6532
 * §3.1), for which the message needs SMTPUTF8: use `encodeWords` where it must not.
 *
 * @throws {MessageError} `MESSAGE_FIELD_NAME` where the name is empty, over 76 long, or no name of a field.
 */
export function createField(name: string, value: string): HeaderField {
  return fieldOf(name, splitWords(value.replace(UNSAFE, '')))
}

const UNSAFE = /[\r\n\0]/g
const isBlank = (text: string, at: number): boolean => text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9

/** Words with the blanks before them; blanks at the end are left out, and those before the first. */
function splitWords(value: string): string[] {
  const words: string[] = []
  let start = 0
  while (start < value.length) {
    let at = start
    while (at < value.length && isBlank(value, at)) at += 1
    const wordStart = at
    while (at < value.length && !isBlank(value, at)) at += 1
    if (at > wordStart) words.push(value.slice(words.length === 0 ? wordStart : start, at))
    start = at
  }
  return words
}

/** The field of these words, each kept on one line where it can be; each but the first begins with its blanks. */
export function fieldOf(name: string, words: readonly string[]): HeaderField {
  if (!NAME.test(name)) throw new MessageError('MESSAGE_FIELD_NAME', 'The name of a header field is not valid.')
  let text = `${name}:`
  let lineLength = text.length
  words.forEach((word, index) => {
    cutLong(index === 0 ? ` ${word}` : word).forEach((piece, pieceIndex) => {
      const tooLong = lineLength + piece.length > GOOD_LENGTH
      // The first word stays beside the name where a line of its own would be too long as well.
      const helps = index > 0 || piece.length <= GOOD_LENGTH || lineLength + octets(piece) > MOST_OCTETS
      const fold = pieceIndex > 0 || (tooLong && helps)
      text += fold ? `\r\n${piece}` : piece
      lineLength = fold ? piece.length : lineLength + piece.length
    })
  })
  return fieldFrom(fromUtf8(`${text}\r\n`))
}

const octets = (text: string): number => fromUtf8(text).length

/** Cuts what would not fit into one line; each piece begins with a blank. */
function cutLong(word: string): string[] {
  if (word.length <= MOST_OCTETS / 3 || octets(word) <= MOST_OCTETS) return [word]
  const pieces: string[] = []
  let piece = ''
  let length = 0
  // Many blanks before a word would leave a line of blanks alone, which ends the section for some readers.
  for (const character of ` ${word.trimStart()}`) {
    const size = octetsOf(character)
    if (length + size > MOST_OCTETS) {
      pieces.push(piece)
      piece = ' '
      length = 1
    }
    piece += character
    length += size
  }
  return [...pieces, piece]
}

/** Octets of one character as UTF-8. */
function octetsOf(character: string): number {
  const code = character.charCodeAt(0)
  if (character.length > 1) return 4
  return code < 0x80 ? 1 : code < 0x800 ? 2 : 3
}
