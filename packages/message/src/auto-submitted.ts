/**
 * Auto-Submitted (RFC 3834 §5): whether a person or a program made the message.
 *
 * ```abnf
 * auto-submitted = ( "no" / "auto-generated" / "auto-replied" / extension ) *( [CFWS] ";" [CFWS] parameter )
 * ```
 */

import type { Result } from '@postroad/address'
import { formatParameters } from './format-parameters.ts'
import { type Parameters, readParameters } from './parameters.ts'
import { isToken, TokenReader } from './token-reader.ts'

/** How a message came about. */
export interface AutoSubmitted extends Parameters {
  /** In lower case: `no`, `auto-generated`, `auto-replied`, or one that RFC 3834 does not know. */
  readonly keyword: string
  /** Not `no`: not sent by a person (RFC 3834 §5.2). */
  readonly automatic: boolean
}

/**
 * Reads the value of an Auto-Submitted field leniently. A missing one (`undefined`) is `no`; one without a keyword is
 * taken for an automatic one, with the keyword empty: somebody meant to say so.
 */
export function parseAutoSubmitted(value: string | undefined): AutoSubmitted {
  return read(new TokenReader(value ?? 'no'))
}

/** Reads the value of an Auto-Submitted field strictly (RFC 3834 §5.1). */
export function parseAutoSubmittedStrict(value: string): Result<AutoSubmitted> {
  const reader = new TokenReader(value)
  return reader.result(read(reader), 'auto-submitted')
}

function read(reader: TokenReader): AutoSubmitted {
  const start = reader.at
  const keyword = reader.token().toLowerCase()
  if (keyword === '') reader.refuse('auto-submitted', start, 'a keyword')
  return { keyword, automatic: keyword !== 'no', ...readParameters(reader) }
}

/** The value of an Auto-Submitted field; a keyword that is no token becomes `auto-generated`. */
export function formatAutoSubmitted({ keyword, parameters = new Map() }: AutoSubmittedToWrite): string {
  return (isToken(keyword) ? keyword : 'auto-generated') + formatParameters({ parameters })
}

/** What is written of an Auto-Submitted field; without `parameters` it has none. */
export interface AutoSubmittedToWrite {
  /** `no`, `auto-generated`, `auto-replied`, or an extension (RFC 3834 §5.1); written as it is where it is a token. */
  readonly keyword: string
  /** Values by attribute, in the order in which they are written; one whose name is no attribute is left out. */
  readonly parameters?: ReadonlyMap<string, string>
}
