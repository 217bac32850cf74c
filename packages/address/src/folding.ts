/** Folds structured text at the spaces between its pieces (RFC 5322 §2.1.1, §2.2.3). */

/** The longest good line, CRLF not counted (RFC 5322 §2.1.1). */
const GOOD_LENGTH = 78
/** The longest line that holds an encoded-word (RFC 2047 §2). */
const GOOD_LENGTH_ENCODED = 76

/** What is never parted; between two pieces stands a space, where a line may end. */
export interface Piece {
  /** Holds more than spaces, so no line holds nothing else. */
  readonly text: string
  /** Is an encoded-word, or stands beside some. */
  readonly encoded: boolean
}

/** The pieces of a text. Of more spaces in a row all but the first belong to the piece behind them. */
export function splitPieces(text: string, encoded: boolean): Piece[] {
  const pieces: Piece[] = []
  let spaces = ''
  for (const word of text.split(' ')) {
    if (word === '') spaces += ' '
    else {
      pieces.push({ text: spaces + word, encoded })
      spaces = ''
    }
  }
  return pieces
}

/**
 * Joins units by spaces, each on one line where it fits into one; folds before a unit, and within one that is too long.
 *
 * @param column How many characters stand before the text; where none do, it does not begin with a fold.
 */
export function foldUnits(units: readonly (readonly Piece[])[], column: number): string {
  let folded = ''
  let length = column
  let encoded = false
  const place = ({ text, encoded: isEncoded }: Piece): void => {
    const gap = folded === '' ? '' : ' '
    const stays = folded === '' && column === 0
    if (stays || length + gap.length + text.length <= goodLength(encoded || isEncoded)) {
      folded += gap + text
      length += gap.length + text.length
      encoded ||= isEncoded
    } else {
      folded += `\r\n ${text}`
      length = 1 + text.length
      encoded = isEncoded
    }
  }
  for (const unit of units) {
    const whole = { text: joinPieces(unit), encoded: unit.some((piece) => piece.encoded) }
    if (whole.text.length < goodLength(whole.encoded)) place(whole)
    else unit.forEach(place)
  }
  return folded
}

/** The pieces with a space between each two. */
export function joinPieces(pieces: readonly Piece[]): string {
  return pieces.map(({ text }) => text).join(' ')
}

function goodLength(encoded: boolean): number {
  return encoded ? GOOD_LENGTH_ENCODED : GOOD_LENGTH
}
