/** The answer of every parser of untrusted text: a value, or where and why it is none. Parsers never throw. */

/** What a parser gives. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: SyntaxFault }

/** Where text departs from its grammar. */
export interface SyntaxFault {
  /** Name of the ABNF rule that failed, as the RFC spells it: `Mailbox`, `sub-domain`, `date-time`. */
  readonly rule: string
  /** Where it failed: 0-based, in UTF-16 units for text and in bytes for bytes. */
  readonly offset: number
  /** What would have been right there, as a phrase: `"@"`, `a digit`, `at most 64 octets`. */
  readonly expected: string
}

/** What a parser gives for text that keeps to the grammar. */
export function accept<T>(value: T): Result<T> {
  return { ok: true, value }
}

/** What a parser gives for text that does not. */
export function refuse(rule: string, offset: number, expected: string): { ok: false; error: SyntaxFault } {
  return { ok: false, error: { rule, offset, expected } }
}
