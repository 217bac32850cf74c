/** Phrases (RFC 5322 §3.2.5): names and keywords, written so that nothing in them can be taken for anything else. */

import { encodeRun, type EncodeWordsOptions } from './encode-words.ts'
import { formatQuotedString } from './token-reader.ts'

/**
 * Text as a phrase: as it is where it is atoms with one blank between them, else in quotes; where it is not ASCII, or
 * looks like an encoded word, all of it in encoded words (RFC 2047 §5). Control characters become blanks, a lone
 * surrogate U+FFFD; empty text is an empty quoted-string.
 *
 * `encodeWords` is for unstructured text: it leaves commas and quotes as they are.
 */
export function formatPhrase(text: string, options: EncodeWordsOptions = {}): string {
  const clean = text.replace(/[\0-\u001f\u007f]/g, ' ')
  if (/[^ -~]/.test(clean) || clean.includes('=?')) return encodeRun(clean, options)
  return isAtoms(clean) ? clean : formatQuotedString(clean)
}

/** RFC 5322 §3.2.3. */
const NOT_IN_ATOMS = /[^A-Za-z0-9!#$%&'*+\-/=?^_`{|}~ ]/

const isAtoms = (text: string): boolean =>
  text !== '' && text === text.trim() && !text.includes('  ') && !NOT_IN_ATOMS.test(text)
