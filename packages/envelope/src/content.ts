/** Content: what follows DATA (RFC 5321 §2.3.9), and what was learned about it while it came in. */

/** Facts about content, learned in the one pass that accepts it; kept with the queue entry, so nobody scans again. */
export interface ContentFacts {
  /** Length in bytes, with CRLF line ends and without dot-stuffing. */
  readonly sizeBytes: number
  /** Length of the header section with the empty line that ends it; equals `sizeBytes` where no empty line came. */
  readonly headerBytes: number
  /** A byte above 127 stands somewhere: 8BITMIME is needed (RFC 6152). */
  readonly eightBit: boolean
  /** A NUL, a bare CR or LF, or a line over 998 bytes stands somewhere: BINARYMIME is needed (RFC 3030 §3). */
  readonly binary: boolean
  /** A byte above 127 stands in the header section (RFC 6532). */
  readonly utf8Header: boolean
  /** The longest line, CRLF not counted. */
  readonly longestLineBytes: number
  /** How many lines begin with a dot, each to be stuffed for DATA (RFC 5321 §4.5.2). */
  readonly dotLines: number
  /** The last line ends with CRLF (empty content: true), so `.` CRLF may follow at once. */
  readonly endsWithCrlf: boolean
}

/** Content that can be read, as often as needed. */
export interface ContentSource {
  /** Of the whole, also where a part is opened. They must be true: senders choose by them how the content is carried. */
  readonly facts: ContentFacts
  /**
   * Reads from the start, or a part: `start` included, `end` excluded, in bytes.
   *
   * A chunk is valid until the next is asked for. Ending the iteration early frees what it holds. Rejects where the
   * store cannot read.
   */
  open(range?: { readonly start: number; readonly end?: number }): AsyncIterable<Uint8Array>
}
