/**
 * Takes command lines apart: verb and argument (RFC 5321 §4.1.1), path and parameters (RFC 5321 §4.1.1.11).
 *
 * One pass, no backtracking; what the parts mean is decided elsewhere.
 */

/** A line's first word and what follows the white space behind it. */
export interface CommandLine {
  /** In upper case; `''` for a line that begins with white space, or an empty one. */
  readonly word: string
  /** Without white space at either end. */
  readonly argument: string
}

/** Splits a line; white space at its end is tolerated (RFC 5321 §4.1.1). Never fails. */
export function splitCommandLine(line: string): CommandLine {
  let end = line.length
  while (end > 0 && isBlank(line, end - 1)) end -= 1
  const space = line.indexOf(' ')
  if (space === -1 || space >= end) return { word: line.slice(0, end).toUpperCase(), argument: '' }
  let start = space
  while (isBlank(line, start)) start += 1
  return { word: line.slice(0, space).toUpperCase(), argument: line.slice(start, end) }
}

function isBlank(line: string, index: number): boolean {
  const code = line.charCodeAt(index)
  return code === 0x20 || code === 0x09
}

const SPACE = 0x20
const NO_PARAMETERS: readonly Parameter[] = []

/** One `esmtp-param`: name in upper case, value absent where there was no `=`. */
export interface Parameter {
  readonly name: string
  readonly value: string | undefined
}

/** The argument of MAIL or RCPT. */
export interface PathArgument {
  /** With its angle brackets, not judged yet. */
  readonly path: string
  readonly parameters: readonly Parameter[]
}

/**
 * Splits `FROM:<path> parameters`; `undefined` where it has not this form.
 *
 * White space behind the colon is no part of the grammar and tolerated (RFC 5321 §3.3 warns receivers of such
 * senders). A path without brackets is not.
 */
export function splitPathArgument(argument: string, keyword: 'FROM' | 'TO'): PathArgument | undefined {
  if (argument.slice(0, keyword.length).toUpperCase() !== keyword || argument.charAt(keyword.length) !== ':') {
    return undefined
  }
  let start = keyword.length + 1
  while (argument.charCodeAt(start) === SPACE) start += 1
  const end = endOfPath(argument, start)
  if (end === -1 || (end < argument.length && argument.charCodeAt(end) !== SPACE)) return undefined
  if (end === argument.length) return { path: argument.slice(start), parameters: NO_PARAMETERS }
  const parameters: Parameter[] = []
  for (const word of argument.slice(end).split(' ')) {
    if (word === '') continue
    const equals = word.indexOf('=')
    const name = equals === -1 ? word : word.slice(0, equals)
    const value = equals === -1 ? undefined : word.slice(equals + 1)
    if (!isKeyword(name) || (value !== undefined && !isValue(value))) return undefined
    parameters.push({ name: name.toUpperCase(), value })
  }
  return { path: argument.slice(start, end), parameters }
}

const QUOTE = 0x22
const LESS_THAN = 0x3c
const GREATER_THAN = 0x3e
const BACKSLASH = 0x5c

/** Where the path that begins with `<` at `start` ends, `>` included; a `>` within a quoted string is no end. */
function endOfPath(text: string, start: number): number {
  if (text.charCodeAt(start) !== LESS_THAN) return -1
  let quoted = false
  for (let index = start + 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === BACKSLASH) index += 1
    else if (code === QUOTE) quoted = !quoted
    else if (code === GREATER_THAN && !quoted) return index + 1
  }
  return -1
}

/** `esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")` (RFC 5321 §4.1.2) */
function isKeyword(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9-]*$/.test(text)
}

/** `esmtp-value = 1*(%d33-60 / %d62-126)`, and UTF-8 outside of ASCII (RFC 5321 §4.1.2, RFC 6531 §3.3) */
function isValue(text: string): boolean {
  if (text === '') return false
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code <= 0x20 || code === 0x3d || code === 0x7f) return false
  }
  return true
}
