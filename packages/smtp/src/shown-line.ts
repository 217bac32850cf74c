/**
 * What may be told of a line that a client sent: in a log, to an observer, on a terminal.
 *
 * No credentials, however AUTH is misspelt, and nothing that moves a terminal or looks like the end of a line.
 */

import type { Verb } from './command-order.ts'

/** Stands for what is not told. */
export const HIDDEN = '***'

/** Follows the lines of one session, to tell which may be shown. */
export class ShownLines {
  /** The last command was an AUTH that has not succeeded: what is no command may be a response that nobody asked for. */
  #secretMayFollow = false

  /** A line of commands came, `verb`: the command it is, if any. Whether it must be hidden. */
  hides(verb: Verb | undefined): boolean {
    if (verb === undefined && this.#secretMayFollow) return true
    this.#secretMayFollow = verb === 'AUTH'
    return false
  }

  /** The authentication has succeeded: all that follows is commands. */
  authenticated(): void {
    this.#secretMayFollow = false
  }
}

/** A line that need not be hidden, as it may be told. */
export function showLine(line: string): string {
  return /^\s*AUTH/i.test(line) ? showAuth(line) : escapeControls(line)
}

/**
 * Behind AUTH only a mechanism's name is shown (RFC 4422 §3.1: 20 characters at most), in one case, which base64 never
 * is for long: the initial response is a credential, and what stands beside it may be a part of it.
 */
function showAuth(line: string): string {
  const words = line.trim().split(/\s+/, 3)
  const fits = words.every((word, index) => (index === 0 ? /^AUTH$/i.test(word) : index > 1 || MECHANISM.test(word)))
  return fits ? words.map((word, index) => (index > 1 ? HIDDEN : word)).join(' ') : `AUTH ${HIDDEN}`
}

const MECHANISM = /^(?:[A-Z0-9_-]{1,20}|[a-z0-9_-]{1,20})$/

/** Controls of ASCII and Latin-1, separators of lines and paragraphs, marks that turn the direction of writing. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/
const UNSAFE_GLOBALLY = new RegExp(UNSAFE, 'g')

function escapeControls(line: string): string {
  if (!UNSAFE.test(line)) return line
  return line.replace(UNSAFE_GLOBALLY, (character) => {
    const hex = character.charCodeAt(0).toString(16)
    return hex.length > 2 ? `\\u${hex}` : `\\x${hex.padStart(2, '0')}`
  })
}
