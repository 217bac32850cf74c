/** Subaddresses: one user, many addresses (RFC 5233 §1). */

/** A local part in its two halves. */
export interface Subaddress {
  /** Whose mailbox it is. Never empty, unless the local part is. */
  readonly user: string
  /** What follows the separator, perhaps empty; `undefined` where there is no separator. */
  readonly detail: string | undefined
}

/**
 * Splits at the first separator. One at the very start is a part of the name: `+list` has no detail.
 *
 * @param separator Default `+`; an empty one never splits.
 */
export function splitSubaddress(localPart: string, separator = '+'): Subaddress {
  const at = separator === '' ? -1 : localPart.indexOf(separator, 1)
  if (at === -1) return { user: localPart, detail: undefined }
  return { user: localPart.slice(0, at), detail: localPart.slice(at + separator.length) }
}
