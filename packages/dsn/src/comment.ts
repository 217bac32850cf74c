/** Comments of RFC 822 in the fields of reports (RFC 3464 §2.1.1), left out in one pass. */

/**
 * The text without its comments and the blanks around it. What stands in quotes stays, and so does all of the text from
 * a parenthesis on that is never closed.
 */
export function withoutComments(text: string): string {
  let kept = ''
  let start = 0
  let depth = 0
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character === '\\') at += 1
    else if (character === '"' && depth === 0) quoted = !quoted
    else if (character === '(' && !quoted) {
      if (depth === 0) {
        kept += text.slice(start, at)
        start = at
      }
      depth += 1
    } else if (character === ')' && depth > 0) {
      depth -= 1
      if (depth === 0) start = at + 1
    }
  }
  return (kept + text.slice(start)).trim()
}
