/**
 * Paths: the arguments of MAIL and RCPT with their angle brackets (RFC 5321 §4.1.2).
 *
 *     Reverse-path  = Path / "<>"
 *     Forward-path  = Path
 *     Path          = "<" [ A-d-l ":" ] Mailbox ">"
 *     A-d-l         = At-domain *( "," At-domain )
 *     At-domain     = "@" Domain
 *
 * A source route is read and dropped (RFC 5321 §4.1.2, Appendix C). The whole has at most 256 octets (RFC 5321
 * §4.5.3.1.3).
 */

import { octetLength } from './characters.ts'
import { scanName, type SyntaxOptions } from './domain.ts'
import type { ForwardPath, Mailbox, ReversePath } from './mailbox.ts'
import { formatMailbox, scanMailbox } from './parse-mailbox.ts'
import { accept, refuse, type Result } from './result.ts'

const MAX_PATH_OCTETS = 256
const POSTMASTER = '<postmaster>'

/** Reads the argument of MAIL, brackets included; `<>` gives `null` (RFC 5321 §4.5.5). */
export function parseReversePath(text: string, options: SyntaxOptions = {}): Result<ReversePath> {
  return text === '<>' ? accept(null) : parsePath(text, options)
}

/** Reads the argument of RCPT, brackets included; `<postmaster>` in any case needs no domain (RFC 5321 §4.1.1.3). */
export function parseForwardPath(text: string, options: SyntaxOptions = {}): Result<ForwardPath> {
  const isPostmaster = text.length === POSTMASTER.length && text.toLowerCase() === POSTMASTER
  return isPostmaster ? accept('postmaster') : parsePath(text, options)
}

/** Writes a path with its brackets: `<>`, `<postmaster>`, `<user@example.org>`. */
export function formatPath(path: ReversePath | ForwardPath): string {
  if (path === null) return '<>'
  return path === 'postmaster' ? POSTMASTER : `<${formatMailbox(path)}>`
}

function parsePath(text: string, options: SyntaxOptions): Result<Mailbox> {
  if (!text.startsWith('<')) return refuse('Path', 0, '"<"')
  const start = text.startsWith('@', 1) ? scanRoute(text, options) : accept(1)
  if (!start.ok) return start
  const mailbox = scanMailbox(text, start.value, options)
  if (!mailbox.ok) return mailbox
  const { value, end } = mailbox.value
  if (text.charAt(end) !== '>') return refuse('Path', end, '">"')
  if (end + 1 !== text.length) return refuse('Path', end + 1, 'the end of the path')
  if (octetLength(text) > MAX_PATH_OCTETS) return refuse('Path', 0, `at most ${MAX_PATH_OCTETS} octets`)
  return accept(value)
}

/** Where the mailbox begins that follows the source route. */
function scanRoute(text: string, options: SyntaxOptions): Result<number> {
  let at = 1
  for (;;) {
    if (text.charAt(at) !== '@') return refuse('At-domain', at, '"@"')
    const domain = scanName(text, at + 1, options)
    if (!domain.ok) return domain
    at = domain.value.end + 1
    const separator = text.charAt(domain.value.end)
    if (separator === ':') return accept(at)
    if (separator !== ',') return refuse('A-d-l', domain.value.end, '"," or ":"')
  }
}
