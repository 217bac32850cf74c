/** Lines of a text for people (RFC 5322 §2.1.1): broken at blanks, indented as they began, ended with CRLF. */

/** Room for the quote marks of an answer. */
const GOOD_LENGTH = 72
/** 998 octets (RFC 5322 §2.1.1), each character of a part of text three at most for two UTF-16 units. */
const LONGEST_WORD = 300

/** Breaks each line of the text. Control characters become `?`. */
export function wrapText(text: string): string {
  return text
    .split('\n')
    .flatMap((line) => wrapLine(line.replace(/[\u0000-\u0008\u000a-\u001f\u007f]/g, '?')))
    .map((line) => `${line}\r\n`)
    .join('')
}

function wrapLine(line: string): string[] {
  const indent = line.slice(0, Math.min(20, line.length - line.trimStart().length))
  const lines: string[] = []
  let current = ''
  for (const word of line.trim().split(' ').flatMap(cutWord)) {
    if (current !== '' && indent.length + current.length + 1 + word.length > GOOD_LENGTH) {
      lines.push(indent + current)
      current = ''
    }
    current = current === '' ? word : `${current} ${word}`
  }
  return [...lines, current === '' ? '' : indent + current]
}

function cutWord(word: string): string[] {
  if (word.length <= LONGEST_WORD) return [word]
  const characters = Array.from(word)
  const pieces: string[] = []
  for (let at = 0; at < characters.length; at += LONGEST_WORD / 2) {
    pieces.push(characters.slice(at, at + LONGEST_WORD / 2).join(''))
  }
  return pieces
}
