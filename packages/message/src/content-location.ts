/** Content-Location (RFC 2557): the URI that a part stands for. */

import { decodeWords } from './words.ts'

/**
 * The URI of the value, absolute or relative; `undefined` where there is none. Encoded words are decoded, and blanks,
 * which come from folding a long URI, are taken out (RFC 2557).
 */
export function parseContentLocation(value: string | undefined): string | undefined {
  const uri = decodeWords(value ?? '').replace(/[\0- \u007f]/g, '')
  return uri === '' ? undefined : uri
}
