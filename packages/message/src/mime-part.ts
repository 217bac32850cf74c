/**
 * What a walk through a message finds (RFC 2045 §2.4, §2.5; RFC 2046 §5): parts, their bytes, and where they end.
 *
 * Every byte of the message lies in one place: in a part's header section, in the empty line after it, or in one run
 * of bytes. Offsets count bytes from the start of the message; ranges begin at `start` and end before `end`.
 */

import { parseContentType } from './content-type.ts'
import type { ContentType } from './content-type.ts'
import { Header } from './header.ts'
import type { TransferEncoding } from './transfer-encoding.ts'

/**
 * What the body of a part is: `multipart` has body parts between delimiters (RFC 2046 §5.1), `message` is one message
 * with a header section of its own (RFC 2046 §5.2.1, RFC 6532 §3.7), `leaf` is content, its body not looked into.
 */
export type MimePartKind = 'leaf' | 'multipart' | 'message'

/**
 * Why a part is a leaf though it may hold parts:
 *
 * - `no-boundary`: a multipart without a boundary that can be used (RFC 2046 §5.1.1: at least one character; none over
 *   8,192 bytes, none with a control character);
 * - `encoded`: a message in a transfer encoding (against RFC 2046 §5.2.1, as RFC 6532 §3.7 allows): decode its body and
 *   walk through that;
 * - `depth`: as deep as the limit lets a part be;
 * - `parts`: more parts than the limit; all that follows in the message is the body of this one;
 * - `header`: the header section goes over a limit. Its fields are those before that, its body begins with the line
 *   that was too much.
 */
export type UndividedReason = 'no-boundary' | 'encoded' | 'depth' | 'parts' | 'header'

/** A part as it is known when its header section has ended. The message itself is the first. */
export interface MimePart {
  /** Its place among the parts in the order of the text; 0 for the message itself. */
  readonly index: number
  /** `index` of the part it lies in; `undefined` for the message itself. */
  readonly parent: number | undefined
  /** 0 for the message itself; one more for each multipart and each message around it. */
  readonly depth: number
  /**
   * The section that names its body in IMAP (RFC 9051 §6.4.5.1): `1`, `2.1` ... Empty for a message that is a
   * multipart; a multipart that is the body of a message part has that part's. So one path may name two parts.
   */
  readonly path: string
  /** `leaf` too where `undivided` says why a multipart or a message is not looked into. */
  readonly kind: MimePartKind
  /** `undefined` where its parts follow, and where it can have none. */
  readonly undivided: UndividedReason | undefined
  /** Its fields. In one byte memory of its own, so it may be kept. */
  readonly header: Header
  /**
   * What Content-Type says, or means where it is missing: `text/plain; charset=us-ascii` (RFC 2045 §5.2), and
   * `message/rfc822` in a multipart/digest (RFC 2046 §5.1.5).
   */
  readonly contentType: ContentType
  /** What Content-Transfer-Encoding names; `7bit` where absent (RFC 2045 §6.1), `undefined` where it is not known. */
  readonly transferEncoding: TransferEncoding | undefined
  /** Where its first field begins. */
  readonly headerStart: number
  /** Where its last field ends. From here to `bodyStart` is the empty line; nothing where none came. */
  readonly headerEnd: number
  /** Where its body begins, behind the empty line; `headerEnd` where none came. */
  readonly bodyStart: number
}

/**
 * What bytes are: `body` of a leaf; `preamble`, `delimiter` and `epilogue` of a multipart (RFC 2046 §5.1.1).
 *
 * A `delimiter` begins with the line break before it, and ends with its own; a close-delimiter ends before it, and an
 * epilogue begins with it.
 */
export type MimeBytesType = 'body' | 'preamble' | 'delimiter' | 'epilogue'

/** What a walk found, in the order of the text. */
export type MimeEvent =
  | { readonly type: 'part'; readonly part: MimePart }
  | {
      readonly type: MimeBytesType
      /** The leaf or the multipart. */
      readonly part: MimePart
      /** Where these bytes lie in the message. */
      readonly offset: number
      /** At least one. A slice: valid until the next call. */
      readonly bytes: Uint8Array
    }
  | {
      readonly type: 'end'
      readonly part: MimePart
      /** Where its body ends. The line break before a delimiter is the delimiter's (RFC 2046 §5.1.1). */
      readonly bodyEnd: number
      /**
       * What should have ended it did not come (RFC 2046 §5.1.2): for a multipart its close-delimiter, for another part
       * a delimiter of the multipart around it. Never for a message by itself, which ends where its content does.
       */
      readonly cutOff: boolean
    }

/** Bounds of a walk. */
export interface MimeWalkerOptions {
  /**
   * The deepest a part may lie; below, multiparts and messages are leaves. Default 100. Some thousands do no harm; above,
   * what a multipart costs grows with how many boundaries are open around it, and time is not linear any more.
   */
  readonly maxDepth?: number
  /** The most parts, the message itself included; one more takes all that follows. Default 10,000. */
  readonly maxParts?: number
  /** The most bytes of a part's header section, its empty line included. Default 262,144 (256 KiB). */
  readonly maxHeaderBytes?: number
  /** The most fields of a part's header section. Default 1,000. */
  readonly maxHeaderFields?: number
}

/** What a message lies in: nothing, which is as a part that holds one message. */
export const OUTSIDE_PART: MimePart = {
  index: -1,
  parent: undefined,
  depth: -1,
  path: '',
  kind: 'message',
  undivided: undefined,
  header: Header.of([]),
  contentType: parseContentType('message/rfc822'),
  transferEncoding: '7bit',
  headerStart: 0,
  headerEnd: 0,
  bodyStart: 0,
}
