/** What readers of content give out: bytes within the limit, line ends repaired or refused, and nothing behind a fault. */

import { fromLatin1 } from '@postroad/bytes'

/** What came next. */
export type ContentPart =
  /** Valid as long as the input it is a slice of. Never empty. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Once, at the first fault; what follows is read to its end and not given. */
  | { readonly kind: 'fault'; readonly fault: ContentFault }
  | { readonly kind: 'end' }

/** Why content is refused. */
export type ContentFault = 'bare-newline' | 'nul' | 'too-big' | 'line-too-long'

/** Limits and rules for one content. */
export interface ContentRules {
  readonly bareNewlines: 'refuse' | 'repair'
  /** As given out: dot-stuffing removed, repairs counted. */
  readonly maxBytes: number
  /** Without CRLF. */
  readonly maxLineBytes: number
}

export const CRLF: Uint8Array = fromLatin1('\r\n')
/** What a CR that was given lacks. */
export const ONLY_LF: Uint8Array = CRLF.subarray(1)

/** One content as it is given out. */
export class GivenContent {
  readonly #rules: ContentRules
  #sizeBytes = 0
  #refused = false
  /** What repairs the newline just met, to be given before the input goes on. */
  #repair: Uint8Array | undefined

  constructor(rules: ContentRules) {
    this.#rules = rules
  }

  /** Bytes given out so far. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** Nothing more is given. */
  get refused(): boolean {
    return this.#refused
  }

  /** Gives nothing more. */
  refuse(): void {
    this.#refused = true
    this.#repair = undefined
  }

  /** The rest of a repair, which comes before anything else. */
  takeRepair(): ContentPart | undefined {
    if (this.#repair === undefined) return undefined
    const repair = this.#repair
    this.#repair = undefined
    return this.give(repair)
  }

  /** Gives bytes, unless they make it too big. */
  give(bytes: Uint8Array): ContentPart {
    this.#sizeBytes += bytes.length
    return this.#sizeBytes <= this.#rules.maxBytes ? { kind: 'bytes', bytes } : this.fault('too-big')
  }

  /** Gives what stands before a bare CR or LF, and then what repairs it; or refuses it. */
  bareNewline(before: Uint8Array, repair: Uint8Array): ContentPart {
    if (this.#rules.bareNewlines === 'refuse') return this.fault('bare-newline')
    if (before.length === 0) return this.give(repair)
    const part = this.give(before)
    if (part.kind === 'bytes') this.#repair = repair
    return part
  }

  /** Refuses it. */
  fault(fault: ContentFault): ContentPart {
    this.refuse()
    return { kind: 'fault', fault }
  }
}
