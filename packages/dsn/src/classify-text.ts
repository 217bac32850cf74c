/** The text of a reply, made ready for rules: one line, lower case, without what is not words. Linear and bounded. */

import { isStatus } from '@postroad/envelope'
import type { EnhancedStatusCode } from '@postroad/envelope'

/** Longest text that is looked at, in characters; a reply of 30 full lines (RFC 5321 §4.5.3.1.5). */
const LONGEST_TEXT = 16_384

/** The text in one line: blanks and line ends are one blank each. */
export function flatten(text: string): string {
  return text.slice(0, LONGEST_TEXT).replace(/\s+/g, ' ').trim()
}

/** Where a number of three parts stands, and no fourth: IP addresses and versions are none. */
const STATUS = /(?<![\w.])[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)/g

/** The first enhanced status code that says failure (RFC 3463 §2) in flat text. */
export function findStatus(text: string): EnhancedStatusCode | undefined {
  for (const [found] of text.matchAll(STATUS)) if (isStatus(found) && !found.startsWith('2')) return found
  return undefined
}

/** A reply code: followed by what follows it in a reply, not part of a longer number. */
const CODE = /(?<![\w.])[45][0-7]\d(?=[\s\-:\]]|$)/

/** The first reply code (RFC 5321 §4.2) that says failure in flat text. */
export function findCode(text: string): number | undefined {
  const found = CODE.exec(text)?.[0]
  return found === undefined ? undefined : Number(found)
}

/** `550`, `550-`, `550-5.7.1`, `550:`, `5.7.1`, `#5.7.1`: what stands at the front of each line of a reply. */
const CODES = /^(?:[245]\d\d(?:[-:](?:[245]\.\d{1,3}\.\d{1,3})?)?|[(#]*[245]\.\d{1,3}\.\d{1,3}[):]*)$/

/** The words of flat text in lower case: without codes, and without what holds an @, whose parts mean nothing here. */
export function wordsWithoutCodes(text: string): string {
  return text
    .toLowerCase()
    .split(' ')
    .filter((word) => !word.includes('@') && !CODES.test(word))
    .join(' ')
}
