/**
 * Authentication-Results (RFC 8601 §2.2; §1.5.2 for text outside ASCII), read.
 *
 * ```abnf
 * authres-payload = [CFWS] authserv-id [ CFWS authres-version ] ( no-result / 1*resinfo ) [CFWS]
 * no-result       = [CFWS] ";" [CFWS] "none"
 * resinfo         = [CFWS] ";" methodspec [ CFWS reasonspec ] [ CFWS 1*propspec ]
 * methodspec      = [CFWS] method [CFWS] "=" [CFWS] result
 * method          = Keyword [ [CFWS] "/" [CFWS] method-version ]
 * reasonspec      = "reason" [CFWS] "=" [CFWS] value
 * propspec        = ptype [CFWS] "." [CFWS] property [CFWS] "=" pvalue
 * pvalue          = [CFWS] ( ( value / [ [ local-part ] "@" ] domain-name ) [CFWS] )
 * ```
 * What such a field says is worth as much as the one who wrote it: believe only those with the own authserv-id, and
 * only where those that came from outside were removed (RFC 8601 §5).
 */

import type { Result } from '@postroad/address'
import { isSpace } from './cfws.ts'
import { isToken, TokenReader } from './token-reader.ts'

/** What one service found out about a message. */
export interface AuthenticationResults {
  /** Who says so, as written; domains are compared without regard to case (RFC 8601 §2.5). Empty where it is missing. */
  readonly authservId: string
  /** The version of the field's form; 1 where it is not given (RFC 8601 §2.2). Others mean nothing we know. */
  readonly version: number
  /** In order; empty: `none`, nothing was checked. */
  readonly results: readonly AuthenticationResult[]
}

/** The result of one method. */
export interface AuthenticationResult {
  /** In lower case: `spf`, `dkim`, `dmarc`, `auth`, `iprev`, `arc` ... */
  readonly method: string
  /** The version of the method; 1 where it is not given (RFC 8601 §2.2). */
  readonly version: number
  /** In lower case: `pass`, `fail`, `none`, `temperror` ... */
  readonly result: string
  /** Why, for people; absent where it is not said. */
  readonly reason?: string
  /** What was looked at, in order. */
  readonly properties: readonly AuthenticationProperty[]
  /** The comments within this result, in order, without their parentheses. */
  readonly comments: readonly string[]
}

/** A property that was looked at. */
export interface AuthenticationProperty {
  /** In lower case: `smtp`, `header`, `body`, `policy`, `dns`. Empty where a writer left it out. */
  readonly ptype: string
  /** In lower case: `mailfrom`, `from`, `d`, `i` ... */
  readonly property: string
  /** Without the quotes around all of it. */
  readonly value: string
}

/**
 * Reads the value of the field leniently, taking anything: what is no result is passed over up to the next semicolon.
 *
 * Some write no authserv-id, no ptype, no quotes, underscores in names: all that is read. A field without an
 * authserv-id cannot be told from what the sender of the message put there.
 */
export function parseAuthenticationResults(value: string): AuthenticationResults {
  return new ResultsReader(value).read()
}

/** Reads the value of the field strictly (RFC 8601 §2.2). */
export function parseAuthenticationResultsStrict(value: string): Result<AuthenticationResults> {
  const reader = new ResultsReader(value)
  const results = reader.read()
  return reader.tokens.result(results, 'authres-payload')
}

/** RFC 5321 §4.1.2: Keyword = Ldh-str. */
const KEYWORD = /^[A-Za-z0-9-]*[A-Za-z0-9]$/
const DIGITS = /^\d{1,9}$/

/** Reads one field. */
class ResultsReader {
  readonly tokens: TokenReader

  constructor(value: string) {
    this.tokens = new TokenReader(value)
  }

  read(): AuthenticationResults {
    const { tokens } = this
    const head = this.#head()
    const results: AuthenticationResult[] = []
    let none = false
    if (tokens.ended) tokens.refuse('authres-payload', tokens.at, '";"')
    while (!tokens.ended) {
      const start = tokens.at
      if (!tokens.literal(';')) tokens.refuse('resinfo', start, '";"')
      if (none) tokens.refuse('no-result', start, 'nothing behind "none"')
      const read = this.#result()
      if (read === 'none') {
        none = true
        if (results.length > 0) tokens.refuse('no-result', start, 'a result')
      } else if (read !== undefined) results.push(read)
    }
    return { ...head, results }
  }

  /** The authserv-id and the version; where a result begins at once, none. */
  #head(): { authservId: string; version: number } {
    const { tokens } = this
    if (tokens.atAttribute()) {
      tokens.refuse('authserv-id', tokens.at, 'an authserv-id')
      return { authservId: '', version: 1 }
    }
    const authservId = tokens.value('authserv-id')
    const version = tokens.ended || tokens.is(';') || tokens.atAttribute() ? 1 : this.#version('authres-version')
    if (!tokens.ended && !tokens.is(';')) {
      tokens.refuse('authres-payload', tokens.at, '";"')
      if (!tokens.atAttribute()) tokens.skipToSemicolon()
    }
    tokens.takeComments()
    return { authservId, version }
  }

  /** Digits; else 1. */
  #version(rule: string): number {
    const { tokens } = this
    const start = tokens.at
    const digits = tokens.token()
    if (DIGITS.test(digits)) return Number(digits)
    tokens.refuse(rule, start, 'digits')
    return 1
  }

  /** What stands up to the next semicolon. */
  #result(): AuthenticationResult | 'none' | undefined {
    const { tokens } = this
    const start = tokens.at
    const method = tokens.token().toLowerCase()
    if (method === 'none' && (tokens.ended || tokens.is(';'))) {
      tokens.takeComments()
      return 'none'
    }
    const version = tokens.literal('/') ? this.#version('method-version') : 1
    this.#keyword('method', method, start)
    if (!tokens.literal('=')) {
      tokens.refuse('methodspec', tokens.at, '"="')
      tokens.skipToSemicolon()
      return undefined
    }
    const resultStart = tokens.at
    const result = tokens.token().toLowerCase()
    this.#keyword('result', result, resultStart)
    const properties: AuthenticationProperty[] = []
    let reason: string | undefined
    while (!tokens.ended && !tokens.is(';')) {
      const at = tokens.at
      const words = this.#name()
      const dot = words.indexOf('.')
      if (words === '') continue
      if (words === 'reason' && reason === undefined && properties.length === 0) {
        reason = this.#value('reasonspec', false)
        continue
      }
      const ptype = words.slice(0, Math.max(0, dot))
      const property = words.slice(dot + 1)
      this.#keyword('ptype', ptype, at)
      this.#keyword('property', property, at)
      properties.push({ ptype, property, value: this.#value('pvalue', true) })
    }
    const read = { method, version, result, properties, comments: tokens.takeComments() }
    return reason === undefined ? read : { ...read, reason }
  }

  #keyword(rule: string, word: string, start: number): void {
    if (!KEYWORD.test(word)) this.tokens.refuse(rule, start, 'a Keyword')
  }

  /** The name before an equals sign, blanks around its dot left out; empty, and behind it, where it is none. */
  #name(): string {
    const { tokens } = this
    const start = tokens.at
    let name = ''
    for (let token = tokens.token(); token !== ''; token = tokens.token()) {
      if (name !== '' && !name.endsWith('.') && !token.startsWith('.')) {
        tokens.refuse('propspec', start, '"."')
        name = ''
      }
      name += token.toLowerCase()
    }
    if (tokens.literal('=')) return name
    tokens.refuse('propspec', tokens.at, '"="')
    if (tokens.is('"')) tokens.quotedString()
    else if (!tokens.ended && !tokens.is(';')) tokens.at += 1
    tokens.skip()
    return ''
  }

  /** A token, a quoted-string or (`address`) a mailbox or domain, which is kept as written. */
  #value(rule: string, address: boolean): string {
    const { tokens } = this
    const { text, at: start } = tokens
    const quoted = tokens.is('"') ? tokens.quotedString() : undefined
    const { at } = tokens
    if (quoted === undefined || (address && tokens.is('@'))) {
      tokens.at = bareEnd(text, at)
      const bare = text.slice(at, tokens.at)
      const right = quoted === undefined ? isToken(bare) || (address && ADDRESS.test(bare)) : DOMAIN.test(bare)
      if (!right) tokens.refuse(rule, start, 'a token or a quoted-string')
    }
    const value = quoted === undefined || tokens.at > at ? text.slice(start, tokens.at) : quoted
    tokens.skip()
    return value
  }
}

/** `@` and a domain. */
const DOMAIN = /^@[A-Za-z0-9._\-\u0080-\uffff]+$/
/** A domain, and what may stand before it: a dot-atom, or nothing, and `@`. */
const ADDRESS = /^(?:[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.\u0080-\uffff]*@)?[A-Za-z0-9._\-\u0080-\uffff]+$/

/** Where what begins at `start` ends: at a blank, a semicolon or a comment. */
function bareEnd(text: string, start: number): number {
  let at = start
  while (at < text.length && !isSpace(text.charCodeAt(at)) && text.charAt(at) !== ';' && text.charAt(at) !== '(')
    at += 1
  return at
}
