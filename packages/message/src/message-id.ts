/**
 * Message identifiers (RFC 5322 §3.6.4), written and read. An id as a value stands without its angle brackets.
 *
 * ```abnf
 * msg-id         = [CFWS] "<" id-left "@" id-right ">" [CFWS]
 * id-left        = dot-atom-text / obs-id-left      ; obs-id-left = local-part, so a quoted-string too
 * id-right       = dot-atom-text / no-fold-literal / obs-id-right
 * no-fold-literal = "[" *dtext "]"
 * ```
 * Characters outside ASCII are atext (RFC 6532 §3.2). Blanks and comments inside the brackets, which the obsolete
 * forms allow, are refused by `parseMessageId`.
 */

import type { Result } from '@postroad/address'
import { skipCfws } from './cfws.ts'

/**
 * The identifier with its angle brackets, as the field's value.
 *
 * @param left What makes it unique; what cannot stand there becomes `-`.
 * @param domain The right side: a domain or an address literal.
 */
export function formatMessageId(left: string, domain: string): string {
  const literal = LITERAL.test(domain)
  return `<${toDotAtom(left)}@${literal ? domain : toDotAtom(domain)}>`
}

// RFC 5322 §3.2.3 and RFC 6532 §3.2.
const NOT_ATEXT = /[^A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\uffff]/g
// dtext (RFC 5322 §3.4.1) alone between brackets.
const LITERAL = /^\[[!-Z^-~]*\]$/

/** Atoms parted by single dots: empty ones are left out. */
function toDotAtom(text: string): string {
  const atoms = text.split('.').filter((atom) => atom !== '')
  return atoms.length === 0 ? '-' : atoms.map((atom) => atom.replace(NOT_ATEXT, '-')).join('.')
}

/** Reads a value that is one identifier; gives it without the angle brackets. */
export function parseMessageId(text: string): Result<string> {
  const start = skipCfws(text, 0)
  if (text.charAt(start) !== '<') return fault(start, '"<"')
  const close = text.indexOf('>', start)
  if (close === -1) return fault(text.length, '">"')
  const inside = text.slice(start + 1, close)
  const at = leftEnd(inside)
  if (inside.charAt(at) !== '@' || at === 0) return fault(start + 1 + at, at === 0 ? 'id-left' : '"@"')
  const right = inside.slice(at + 1)
  if (!LITERAL.test(right) && !isDotAtom(right)) return fault(start + 2 + at, 'id-right')
  const end = skipCfws(text, close + 1)
  return end === text.length ? { ok: true, value: inside } : fault(end, 'nothing more')
}

/**
 * All identifiers of a value, without their brackets, in order: for References and In-Reply-To.
 *
 * Lenient: whatever stands between angle brackets and has no blank is one, because threads hang on ids that are not
 * well-formed. What stands outside (the phrases of RFC 5322 §4.5.4) is passed over.
 */
export function parseMessageIds(text: string): readonly string[] {
  const ids: string[] = []
  let open = -1
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character === '<') open = at
    else if (character === '>') {
      if (open !== -1 && at > open + 1) ids.push(text.slice(open + 1, at))
      open = -1
    } else if (character <= ' ') open = -1
  }
  return ids
}

/** Where id-left ends: at the first character that is no part of it. */
function leftEnd(text: string): number {
  if (!text.startsWith('"')) {
    const at = text.indexOf('@')
    return at !== -1 && isDotAtom(text.slice(0, at)) ? at : 0
  }
  for (let at = 1; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character === '"') return at + 1
    if (character === '\\') at += 1
    if (text.charAt(at) < ' ') return 0
  }
  return 0
}

function isDotAtom(text: string): boolean {
  return text.split('.').every((atom) => atom !== '' && atom.search(NOT_ATEXT) === -1)
}

function fault(
  offset: number,
  expected: string,
): { ok: false; error: { rule: string; offset: number; expected: string } } {
  return { ok: false, error: { rule: 'msg-id', offset, expected } }
}
