/**
 * Keywords (RFC 5322 §3.6.5): phrases between commas.
 *
 * ```abnf
 * keywords = "Keywords:" phrase *("," phrase)
 * ```
 */

import { decodeWords, formatPhrase } from '@postroad/address'
import { TokenReader } from './token-reader.ts'

/**
 * The keywords of the value, in order, their encoded words decoded; lenient: a phrase may hold any character but a
 * comma, which must be quoted. Comments fall away, blanks in a row are one; empty keywords are left out.
 */
export function parseKeywords(value: string): readonly string[] {
  const reader = new TokenReader(value)
  const keywords: string[] = []
  let phrase = ''
  let blank = false
  const finish = (): void => {
    const keyword = decodeWords(phrase)
    if (keyword !== '') keywords.push(keyword)
    phrase = ''
    blank = false
  }
  while (!reader.ended) {
    if (reader.literal(',')) {
      finish()
      continue
    }
    if (blank) phrase += ' '
    if (reader.is('"')) phrase += reader.quotedString()
    else {
      phrase += reader.text.charAt(reader.at)
      reader.at += 1
    }
    const { at } = reader
    reader.skip()
    blank = reader.at > at
  }
  finish()
  return keywords
}

/**
 * The value of a Keywords field, each keyword as `formatPhrase` writes it; empty keywords are left out.
 */
export function formatKeywords(keywords: readonly string[]): string {
  return keywords
    .filter((keyword) => keyword !== '')
    .map((keyword) => formatPhrase(keyword))
    .join(', ')
}
