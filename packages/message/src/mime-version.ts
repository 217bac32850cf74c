/** MIME-Version (RFC 2045 §4). */

import type { Result } from '@postroad/address'
import { TokenReader } from './token-reader.ts'

/** A version of MIME; there is only 1.0. */
export interface MimeVersion {
  /** 0 to 9,999, as written: whether it is one that is known, is not judged. */
  readonly major: number
  /** As `major`; `1.00` is 0. */
  readonly minor: number
}

/** Reads `1.0`, with comments anywhere (RFC 2045 §4); at most four digits each. */
export function parseMimeVersion(value: string): Result<MimeVersion> {
  const reader = new TokenReader(value)
  const start = reader.at
  // The dot is part of a token; blanks and comments may stand on both sides of it.
  const tokens: string[] = []
  for (let token = reader.token(); token !== ''; token = reader.token()) tokens.push(token)
  const [, major, minor] = /^(\d{1,4}) ?\. ?(\d{1,4})$/.exec(tokens.join(' ')) ?? []
  if (major === undefined) reader.refuse('version', start, 'digits, a dot and digits')
  return reader.result({ major: Number(major), minor: Number(minor) }, 'version')
}
