/** Content-Location (RFC 2557): the URI that a part stands for. */

import { decodeWords } from '@postroad/address'
import { isSpace } from './cfws.ts'
import { TokenReader } from './token-reader.ts'

/**
 * The URI of the value, absolute or relative; `undefined` where there is none.
 *
 * Comments before and behind it are passed over. Blanks in it come from folding a long URI and are taken out; then
 * encoded words are decoded, so that a blank that the URI itself has stays.
 */
export function parseContentLocation(value: string | undefined): string | undefined {
  const reader = new TokenReader(value ?? '')
  const { text, at: start } = reader
  let end = start
  while (!reader.ended) {
    // Only behind a blank is it a comment: URIs have parentheses.
    while (!reader.ended && !isSpace(text.charCodeAt(reader.at))) reader.at += 1
    end = reader.at
    reader.skip()
  }
  const uri = decodeWords(text.slice(start, end).replace(/[\0- \u007f]/g, '')).trim()
  return uri === '' ? undefined : uri
}
