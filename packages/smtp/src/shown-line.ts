/**
 * What may be told of a line that a client sent: in a log, to an observer, on a terminal.
 *
 * No credentials, however AUTH is misspelt, and nothing that moves a terminal or looks like the end of a line.
 */

import type { Verb } from './command-order.ts'

/** Stands for what is not told. */
export const HIDDEN = '***'

/** Shows the lines of one session. */
export class ShownLines {
  /** The last command was an AUTH that has not succeeded: what is no command may be a response that nobody asked for. */
  #secretMayFollow = false

  /** A line of commands as it may be told; `verb`: the command it is, if any. */
  show(line: string, verb: Verb | undefined): string {
    if (verb === undefined && this.#secretMayFollow) return HIDDEN
    this.#secretMayFollow = verb === 'AUTH'
    return /^\s*AUTH/i.test(line) ? showAuth(line) : escapeControls(line)
  }

  /** The authentication has succeeded: all that follows is commands. */
  authenticated(): void {
    this.#secretMayFollow = false
  }
}

/**
 * Behind AUTH only a mechanism's name is shown (RFC 4422 §3.1: 20 characters at most), in one case, which base64 never
 * is for long: the initial response is a credential, and what stands beside it may be a part of it.
 */
function showAuth(line: string): string {
  const [word = '', mechanism, ...behind] = line.trim().split(/\s+/, 3)
  if (!/^AUTH$/i.test(word) || (mechanism !== undefined && !MECHANISM.test(mechanism))) return `AUTH ${HIDDEN}`
  return [word, ...(mechanism === undefined ? [] : [mechanism]), ...behind.map(() => HIDDEN)].join(' ')
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
