/**
 * Lines of the reply to EHLO (RFC 5321 §4.1.1.1).
 *
 *     ehlo-line     = ehlo-keyword *( SP ehlo-param )
 *     ehlo-keyword  = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
 *     ehlo-param    = 1*(%d33-126)
 *
 * None is ever folded: the peer would read the pieces as two keywords.
 */

/** A reply line has 512 octets, among them `250-` and CRLF (RFC 5321 §4.5.3.1.5). */
const MAX_OCTETS = 506

/** Whether the text can stand in the reply to EHLO as a line. */
export function isEhloLine(text: string): boolean {
  return text.length <= MAX_OCTETS && /^[A-Za-z0-9][A-Za-z0-9-]*(?: [!-~]+)*$/.test(text)
}
