/**
 * Finds citations of RFCs in text: `RFC 5321 §4.1.1.2`, `RFC 5321 Appendix D`, `RFC 5321 erratum 1234`, and lists that
 * share a prefix, also over the end of a comment line: `RFC 5321 §4.1.1.5, §4.1.1.9`.
 */

import { lineAt } from './repository.ts'

/** One place in an RFC that a text names. */
export interface Citation {
  /** `5321`. */
  readonly rfc: string
  /** `4.1.1.2`, `Appendix D`, `erratum 1234`; `undefined` for the RFC as a whole. */
  readonly place: string | undefined
  /** 1-based. */
  readonly line: number
}

/** A citation in a form that the check cannot follow. */
export interface MalformedCitation {
  readonly text: string
  readonly line: number
}

/** Blanks, and the beginning of the next line of a comment, a quotation or a table cell. */
const GAP = String.raw`(?:[ \t]|\r?\n[ \t]*(?:\*(?!\/)|\/\/|#|>|--)?[ \t]*)`
const PLACE = String.raw`(?:§(\d+(?:\.\d+)*)|Appendix${GAP}+([A-Z](?:\.\d+)*)(?![\w.]*\w)|erratum${GAP}+(\d+))`
const FIRST = new RegExp(`^(?:${GAP}*\\|)?${GAP}+${PLACE}`)
const NEXT = new RegExp(`^(?:,|;|(?:,?${GAP}+(?:and|or|to)(?=${GAP})))${GAP}*${PLACE}`)

/** Every citation in a text, in its order. */
export function findCitations(text: string): Citation[] {
  const citations: Citation[] = []
  for (const { index, 0: head, 1: rfc = '' } of text.matchAll(/\bRFC (\d{1,5})\b/g)) {
    let at = index + head.length
    let match = FIRST.exec(text.slice(at, at + 200))
    if (match === null) citations.push({ rfc, place: undefined, line: lineAt(text, index) })
    while (match !== null) {
      const [whole, section, appendix, erratum] = match
      const place = section ?? (appendix === undefined ? `erratum ${erratum}` : `Appendix ${appendix}`)
      citations.push({ rfc, place, line: lineAt(text, at + whole.length - 1) })
      at += whole.length
      match = NEXT.exec(text.slice(at, at + 200))
    }
  }
  return citations
}

/** Citations written another way, which would be overlooked. Without a blank they are also names, so only prose counts. */
export function findMalformed(text: string, prose: string = text): MalformedCitation[] {
  return [
    ...find(prose, /\bRFC-?\d{3,5}\b/g),
    ...find(text, /\bRFC \d{1,5},? (?:[Ss]ection|[Ss]ec\.|§ )\s*\d+/g),
    ...find(text, /\bRFC \d{1,5}, §/g),
  ]
}

function find(text: string, form: RegExp): MalformedCitation[] {
  return [...text.matchAll(form)].map(({ index, 0: found }) => ({ text: found, line: lineAt(text, index) }))
}
