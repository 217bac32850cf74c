/** Phrases (RFC 5322 §3.2.5): names and keywords, written so that nothing in them can be taken for anything else. */

import { ATEXT, isAsciiText, isOf, nonAsciiWidth } from './characters.ts'
import { encodeRun, type EncodeWordsOptions } from './encode-words.ts'
import { cleanText } from './header-scanner.ts'

/**
 * Text as a phrase: as it is where it is atoms with one space between them, else in quotes; where it is not ASCII, or
 * looks like an encoded-word, all of it in encoded-words (RFC 2047 §5). Control characters become spaces, a lone
 * surrogate U+FFFD; empty text is an empty quoted-string. Not folded: a line may end at any space of it.
 *
 * `encodeWords` is for unstructured text: it leaves commas and quotes as they are.
 */
export function formatPhrase(text: string, options: EncodeWordsOptions = {}): string {
  const clean = cleanText(text)
  return !isAsciiText(clean) || looksEncoded(clean) ? encodeRun(clean, options) : formatWords(clean)
}

/** Whether a reader may find an encoded-word in the text; many do between quotes too, against RFC 2047 §5. */
export function looksEncoded(text: string): boolean {
  return text.includes('=?')
}

/** Clean text as words that are not encoded: atoms where it is some, else a quoted-string (RFC 5322 §3.2.4). */
export function formatWords(text: string): string {
  return isAtoms(text) ? text : `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`
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
