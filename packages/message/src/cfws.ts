/** Comments and folding white space (RFC 5322 §3.2.2), passed over without recursion. */

/** Where the blanks, line ends and whole comments end that begin at `start`; a comment that never ends is not passed. */
export function skipCfws(text: string, start: number): number {
  let at = start
  for (;;) {
    while (isSpace(text.charCodeAt(at))) at += 1
    if (text.charAt(at) !== '(') return at
    const end = skipComment(text, at)
    if (end === -1) return at
    at = end
  }
}

/** Where the comment ends whose `(` stands at `start`, its `)` included; -1 where it never does. */
export function skipComment(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character === '\\') at += 1
    else if (character === '(') depth += 1
    else if (character === ')') {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  return -1
}

/** Space, tab, CR or LF. */
export function isSpace(code: number): boolean {
  return code === 32 || code === 9 || code === 13 || code === 10
}

/**
 * What no header field may hold today: control characters, which the obsolete forms of comments take, and line ends that
 * fold nothing (RFC 5322 §2.2.3, §3.2.2, §4.1). A line end behind all of it is that of the field.
 */
const FOREIGN = /[\0-\u0008\u000b\u000c\u000e-\u001f\u007f]|\r(?!\n)|(?<!\r)\n|\r\n(?![ \t]|$)/

/** Where the first of what no field may hold stands; -1 where there is none of it. */
export function findForeign(text: string): number {
  return text.search(FOREIGN)
}
