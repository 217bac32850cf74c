/**
 * SASLprep (RFC 4013): one form for user names and passwords that look the same, and a refusal of what is none.
 *
 * Normalization is that of the running JavaScript, whose Unicode is newer than the 3.2 of the standard. To both the same
 * text is given: what Unicode 3.2 does not assign is kept as it is and normalized with nothing. For all else the forms
 * are stable between versions, but for five ideographs and a few sequences of no language that Unicode has corrected.
 */

import {
  isIn,
  L_CAT,
  MAPPED_TO_NOTHING,
  MAPPED_TO_SPACE,
  PROHIBITED,
  RAND_AL_CAT,
  UNASSIGNED,
} from './saslprep-tables.ts'

/**
 * What becomes of code points that Unicode 3.2 does not assign (RFC 3454 §7): in a string that is stored, or that a
 * stored key is made of, they are refused; in one that is only compared (`query`) they are kept.
 */
export type SaslprepUse = 'stored' | 'query'

/**
 * Prepares a user name or password; `undefined` where it holds what is prohibited (RFC 4013 §2.3) or mixes directions
 * (RFC 4013 §2.4). The result may be empty, and longer than `text`.
 */
export function saslprep(text: string, use: SaslprepUse): string | undefined {
  if (isPlainAscii(text)) return text
  const prepared = normalize(text, use)
  return prepared !== undefined && isAllowed(prepared) ? prepared : undefined
}

/** Nothing of the profile changes or refuses these. */
function isPlainAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit < 0x20 || unit > 0x7e) return false
  }
  return true
}

/** Maps (RFC 4013 §2.1) and normalizes (RFC 4013 §2.2). */
function normalize(text: string, use: SaslprepUse): string | undefined {
  let prepared = ''
  let assigned = ''
  for (const character of text) {
    const codePoint = codePointOf(character)
    // U+200B is in both tables; the first that the profile names wins.
    if (isIn(MAPPED_TO_SPACE, codePoint)) assigned += ' '
    else if (isIn(MAPPED_TO_NOTHING, codePoint)) continue
    else if (!isIn(UNASSIGNED, codePoint)) assigned += character
    else if (use === 'stored') return undefined
    else {
      prepared += assigned.normalize('NFKC') + character
      assigned = ''
    }
  }
  return prepared + assigned.normalize('NFKC')
}

/** Judges prohibited characters and directions (RFC 3454 §5, §6). */
function isAllowed(prepared: string): boolean {
  const codePoints = Array.from(prepared, codePointOf)
  if (codePoints.some((codePoint) => isIn(PROHIBITED, codePoint))) return false
  const isRightToLeft = (codePoint: number | undefined): boolean =>
    codePoint !== undefined && isIn(RAND_AL_CAT, codePoint)
  if (!codePoints.some(isRightToLeft)) return true
  // RFC 3454 §6: no character of the other direction, and one of this at either end.
  if (codePoints.some((codePoint) => isIn(L_CAT, codePoint))) return false
  return isRightToLeft(codePoints[0]) && isRightToLeft(codePoints.at(-1))
}

function codePointOf(character: string): number {
  return Number(character.codePointAt(0))
}
