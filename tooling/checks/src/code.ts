/**
 * TypeScript source without what is no code, so that a search finds only code. Every character keeps its place.
 *
 * A small scanner, no parser: it knows comments, strings, templates with their substitutions, and tells a regular
 * expression from a division by what stands before it.
 */

/** A source in two forms, both as long as the original. */
export interface Code {
  /** Comments are blank. */
  readonly withStrings: string
  /** Comments and the content of strings, templates and regular expressions are blank. */
  readonly bare: string
}

/** Blanks comments and strings. */
export function readCode(source: string): Code {
  const withStrings = source.split('')
  const bare = source.split('')
  const blank = (characters: string[], from: number, to: number): void => {
    for (let at = from; at < Math.min(to, source.length); at++) if (characters[at] !== '\n') characters[at] = ' '
  }
  /** For each template we are in: how many braces are open in its substitution. */
  const templates: number[] = []
  /** What was read last, without blanks: decides whether a slash begins a regular expression. */
  let last = ''
  let at = 0
  while (at < source.length) {
    const character = source[at] ?? ''
    const open = templates.at(-1)
    if (source.startsWith('//', at) || (at === 0 && source.startsWith('#!'))) {
      const end = endOf(source, '\n', at)
      blank(withStrings, at, end)
      blank(bare, at, end)
      at = end
    } else if (source.startsWith('/*', at)) {
      const end = endOf(source, '*/', at + 2) + 2
      blank(withStrings, at, end)
      blank(bare, at, end)
      at = end
    } else if (character === "'" || character === '"') {
      const end = endOfQuoted(source, character, at + 1)
      blank(bare, at + 1, end)
      at = end + 1
      last = character
    } else if (character === '`' || (character === '}' && open === 0)) {
      if (character === '}') templates.pop()
      const end = endOfTemplate(source, at + 1)
      blank(bare, at + 1, end)
      if (source.startsWith('${', end)) templates.push(0)
      at = end + (source.startsWith('${', end) ? 2 : 1)
      last = source.startsWith('${', end) ? '{' : '`'
    } else if (character === '/' && beginsRegExp(last)) {
      const end = endOfRegExp(source, at + 1)
      blank(bare, at + 1, end)
      at = end + 1
      last = '/'
    } else {
      if (open !== undefined && character === '{') templates[templates.length - 1] = open + 1
      if (open !== undefined && character === '}') templates[templates.length - 1] = open - 1
      const [word] = /^[A-Za-z0-9_$]+/.exec(source.slice(at, at + 64)) ?? []
      if (word !== undefined) last = word
      else if (character.trim() !== '') last = character
      at += word?.length ?? 1
    }
  }
  return { withStrings: withStrings.join(''), bare: bare.join('') }
}

/** The comments of a source, everything else blank, every character in its place. */
export function commentsOf(source: string): string {
  const { withStrings } = readCode(source)
  return Array.from({ length: source.length }, (_, at) =>
    withStrings[at] === source[at] && source[at] !== '\n' ? ' ' : source[at],
  ).join('')
}

/** After these words comes an expression, not an operator. */
const BEFORE_EXPRESSION: ReadonlySet<string> = new Set(
  'return typeof case in of delete void throw new else do yield await instanceof'.split(' '),
)

function beginsRegExp(last: string): boolean {
  return last === '' || BEFORE_EXPRESSION.has(last) || /^[^A-Za-z0-9_$)\]}'"`/]$/.test(last)
}

function endOf(source: string, mark: string, from: number): number {
  const end = source.indexOf(mark, from)
  return end === -1 ? source.length : end
}

function endOfQuoted(source: string, quote: string, from: number): number {
  let at = from
  while (at < source.length && source[at] !== quote && source[at] !== '\n') at += source[at] === '\\' ? 2 : 1
  return at
}

function endOfTemplate(source: string, from: number): number {
  let at = from
  while (at < source.length && source[at] !== '`' && !source.startsWith('${', at)) at += source[at] === '\\' ? 2 : 1
  return at
}

function endOfRegExp(source: string, from: number): number {
  let at = from
  let inClass = false
  while (at < source.length && source[at] !== '\n' && (inClass || source[at] !== '/')) {
    if (source[at] === '[') inClass = true
    if (source[at] === ']') inClass = false
    at += source[at] === '\\' ? 2 : 1
  }
  return at
}
