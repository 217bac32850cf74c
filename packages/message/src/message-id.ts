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
import { isSpace, skipCfws } from './cfws.ts'

/**
 * The identifier with its angle brackets, as the field's value.
 *
 * @param left What makes it unique; what cannot stand there becomes `-`.
 * @param domain The right side: a domain or an address literal.
 */
export function formatMessageId(left: string, domain: string): string {
  // `dtext` holds angle brackets too; but whoever looks for identifiers leniently would end this one there.
  const literal = LITERAL.test(domain) && !/[<>]/.test(domain)
  return `<${toDotAtom(left)}@${literal ? domain : toDotAtom(domain)}>`
}

// RFC 5322 §3.2.3 and RFC 6532 §3.2.
const NOT_ATEXT = /[^A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\uffff]/g
const ATEXT_OR_DOT = /[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.\u0080-\uffff]/
// dtext (RFC 5322 §3.4.1) alone between brackets.
const LITERAL = /^\[[!-Z^-~]*\]$/

/** Atoms parted by single dots: empty ones are left out. */
function toDotAtom(text: string): string {
  const atoms = text.split('.').filter((atom) => atom !== '')
  return atoms.length === 0 ? '-' : atoms.map((atom) => atom.replace(NOT_ATEXT, '-')).join('.')
}

/** Reads a value that is one identifier; gives it without the angle brackets. */
export function parseMessageId(text: string): Result<string> {
  const id = readOne(text, skipCfws(text, 0))
  if (!id.ok) return id
  const { value, end } = id.value
  return end === text.length ? { ok: true, value } : fault(end, 'nothing more')
}

/**
 * Reads a value that is one identifier or more, as of References and In-Reply-To; gives them without their brackets,
 * in order. The phrases of RFC 5322 §4.5.4 are refused.
 */
export function parseMessageIdsStrict(text: string): Result<readonly string[]> {
  const ids: string[] = []
  let at = skipCfws(text, 0)
  do {
    const id = readOne(text, at)
    if (!id.ok) return id
    ids.push(id.value.value)
    at = id.value.end
  } while (at < text.length)
  return { ok: true, value: ids }
}

/** Reads the identifier at `start`, and the blanks and comments behind it. */
function readOne(text: string, start: number): Result<{ readonly value: string; readonly end: number }> {
  if (text.charAt(start) !== '<') return fault(start, '"<"')
  const at = leftEnd(text, start + 1)
  if (at === start + 1 || text.charAt(at) !== '@') return fault(at, at === start + 1 ? 'id-left' : '"@"')
  // A literal may hold a ">".
  const rightEnd = text.charAt(at + 1) === '[' ? text.indexOf(']', at) : at
  const close = text.indexOf('>', Math.max(at, rightEnd))
  if (close === -1) return fault(text.length, '">"')
  const right = text.slice(at + 1, close)
  if (!LITERAL.test(right) && !isDotAtom(right)) return fault(at + 1, 'id-right')
  return { ok: true, value: { value: text.slice(start + 1, close), end: skipCfws(text, close + 1) } }
}

/**
 * All identifiers of a value, without their brackets, in order: for References and In-Reply-To, and for a Message-ID
 * out of form.
 *
 * Lenient, because threads hang on identifiers that are not well-formed: whatever stands between angle brackets is one.
 * Blanks and comments around its dots and its "@" are taken out (RFC 5322 §4.5.4); with other blanks in it, or a
 * comment that never ends, it is none.
 * What stands outside (the phrases of RFC 5322 §4.5.4) is passed over; but where the value has no angle bracket at all,
 * its words with an "@" are the identifiers.
 */
export function parseMessageIds(text: string): readonly string[] {
  if (!/[<>]/.test(text)) return text.split(/[ \t\r\n,]+/).filter((word) => /.@./s.test(word))
  const ids: string[] = []
  let open = -1
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character === '<') open = at
    else if (character === '>') {
      const id = open === -1 ? '' : joinAtoms(text.slice(open + 1, at))
      if (id !== '') ids.push(id)
      open = -1
    }
  }
  return ids
}

/**
 * The identifier without the blanks and comments around its dots and "@"; empty where blanks stand elsewhere, and where
 * a comment never ends: that is looked for once.
 */
function joinAtoms(inside: string): string {
  if (!/[\0- (]/.test(inside)) return inside
  let id = ''
  let at = skipCfws(inside, 0)
  let joined = true
  while (at < inside.length) {
    if (inside.charAt(at) === '(') return ''
    const start = at
    while (at < inside.length && !isSpace(inside.charCodeAt(at)) && inside.charAt(at) !== '(') at += 1
    const piece = inside.slice(start, at)
    if (!joined && !/^[.@]/.test(piece)) return ''
    id += piece
    joined = /[.@]$/.test(piece)
    at = skipCfws(inside, at)
  }
  return id
}

/**
 * The value of a field of identifiers: each in angle brackets, parted by blanks where the field may be folded.
 *
 * One that is well-formed stands as it is; of any other, blanks, control characters and angle brackets are left out,
 * so that it ends neither itself nor the field; and one of which nothing is left is left out.
 */
export function formatMessageIds(ids: readonly string[]): string {
  return ids
    .map((id) => (parseMessageId(`<${id}>`).ok ? id : id.replace(/[\0- <>\u007f]/g, '')))
    .filter((id) => id !== '')
    .map((id) => `<${id}>`)
    .join(' ')
}

/** Where id-left ends that begins at `start`: there itself where none stands. */
function leftEnd(text: string, start: number): number {
  if (text.charAt(start) !== '"') {
    let at = start
    while (isAtextOrDot(text, at)) at += 1
    return isDotAtom(text.slice(start, at)) ? at : start
  }
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character === '"') return at + 1
    if (character === '\\') at += 1
    if (text.charAt(at) < ' ') return start
  }
  return start
}

const isAtextOrDot = (text: string, at: number): boolean => ATEXT_OR_DOT.test(text.charAt(at))

function isDotAtom(text: string): boolean {
  return text.split('.').every((atom) => atom !== '' && atom.search(NOT_ATEXT) === -1)
}

function fault(
  offset: number,
  expected: string,
): { ok: false; error: { rule: string; offset: number; expected: string } } {
  return { ok: false, error: { rule: 'msg-id', offset, expected } }
}
