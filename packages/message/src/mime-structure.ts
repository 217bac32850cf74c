/** The parts of a message that is in memory, as a tree (RFC 2046 §5.1), with the places of their bytes. */

import { OUTSIDE_PART } from './mime-part.ts'
import type { MimePart, MimeWalkerOptions } from './mime-part.ts'
import { MimeWalker } from './mime-walker.ts'

/** Bytes of a message, from `start` to before `end`. */
export interface ByteRange {
  /** Counted from the start of the message. */
  readonly start: number
  /** Excluded: `start` where the range is empty. */
  readonly end: number
}

/** A part and the parts in it. */
export interface MimeTree extends MimePart {
  /** Where its body ends; it begins at `bodyStart`. */
  readonly bodyEnd: number
  /** Whether what should have ended it did not come (RFC 2046 §5.1.2): see `MimeEvent`. */
  readonly cutOff: boolean
  /** What stands before the first delimiter of a multipart; empty at `bodyStart` where nothing does. */
  readonly preamble: ByteRange
  /** What stands behind the close-delimiter, its line break included; empty at `bodyEnd` where nothing does. */
  readonly epilogue: ByteRange
  /** The body parts of a multipart, in order; the one message of a message; of a leaf none. */
  readonly children: readonly MimeTree[]
}

/** A tree that grows. */
interface Growing extends MimePart {
  bodyEnd: number
  cutOff: boolean
  preamble: ByteRange
  epilogue: ByteRange
  readonly children: Growing[]
}

/**
 * Reads the parts of a whole message, within the bounds of the walk. Takes any bytes. Headers lie on memory of their
 * own; bodies are to be cut out of `message` by their offsets.
 */
export function readStructure(message: Uint8Array, options: MimeWalkerOptions = {}): MimeTree {
  const walker = new MimeWalker(options)
  const around: Growing[] = []
  const outside = treeOf(OUTSIDE_PART)
  let whole = outside
  let tree = outside
  for (const event of [...walker.push(message), ...walker.finish()]) {
    if (event.type === 'part') {
      const inner = treeOf(event.part)
      if (tree === outside) whole = inner
      else around.push(tree)
      tree.children.push(inner)
      tree = inner
    } else if (event.type === 'end') {
      tree.bodyEnd = event.bodyEnd
      tree.cutOff = event.cutOff
      // An epilogue goes to the end of the body; where no delimiter came at all the preamble does.
      if (tree.epilogue.start === -1) tree.epilogue = { start: event.bodyEnd, end: event.bodyEnd }
      tree = around.pop() ?? outside
    } else if (event.type === 'preamble') tree.preamble = extend(tree.preamble, event.offset, event.bytes)
    else if (event.type === 'epilogue') tree.epilogue = extend(tree.epilogue, event.offset, event.bytes)
  }
  return whole
}

function treeOf(part: MimePart): Growing {
  const preamble = { start: part.bodyStart, end: part.bodyStart }
  return { ...part, bodyEnd: -1, cutOff: false, preamble, epilogue: { start: -1, end: -1 }, children: [] }
}

function extend(range: ByteRange, offset: number, bytes: Uint8Array): ByteRange {
  return { start: range.start === -1 ? offset : range.start, end: offset + bytes.length }
}
