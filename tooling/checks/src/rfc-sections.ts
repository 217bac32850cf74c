/** Reads title, section numbers and appendices out of the text of an RFC. Facts only; the text stays where it is. */

import type { RfcEntry } from './rfc.ts'

/** `  4.1.1.  Command Semantics`, with at most a small indent; the heading begins with a letter, a digit or a quote. */
const HEADING = /^( {0,8})(\d{1,2}(?:\.\d{1,3}){0,6})\.?[ \t]{1,8}(?:- )?(["'<(A-Za-z0-9].*)$/
/** A line of a table of contents ends with a page number, mostly after dots. */
const PAGE_NUMBER = /(?:[. ]{2,}|\.)\d{1,3}$/
const APPENDIX = /^\s*(?:Appendix|APPENDIX)\s+([A-Z](?:\.\d{1,2}){0,4})(?:[.:\s-]|$)/
const APPENDIX_SECTION = /^ {0,8}([A-Z](?:\.\d{1,2}){1,4})\.?\s+\S/

/** Reads one RFC. */
export function readRfc(text: string): RfcEntry {
  const lines = text.replaceAll('\f', '\n').split(/\r?\n/)
  const appendices = new Set<string>()
  const candidates = new Set<string>()
  for (const [index, line] of lines.entries()) {
    const [, appendix] = APPENDIX.exec(line) ?? []
    if (appendix !== undefined) appendices.add(appendix)
    const [, indent = '', number, heading = ''] = HEADING.exec(line.trimEnd()) ?? []
    if (number === undefined || number.startsWith('0')) continue
    const inContents = PAGE_NUMBER.test(heading)
    const stands = (lines[index - 1] ?? '').trim() === '' && /^["'<(A-Z]/.test(heading)
    // "  1. First do this" is a list; "   4.1  Something" in an old RFC is a heading.
    if (inContents || (stands && (indent === '' || number.includes('.')))) candidates.add(number)
  }
  for (const line of lines) {
    const [, section = ''] = APPENDIX_SECTION.exec(line) ?? []
    if (appendices.has(section[0] ?? '')) appendices.add(section)
  }
  const title = readTitle(lines)
  return {
    ...(title !== undefined && { title }),
    sections: keepReachable(candidates),
    ...(appendices.size > 0 && { appendices: [...appendices].toSorted(byNumbers) }),
  }
}

/** Drops what only looks like a section: numbers whose parent, or all of whose elder siblings, are missing. */
function keepReachable(candidates: ReadonlySet<string>): string[] {
  const kept = new Set<string>()
  for (const number of [...candidates].toSorted(byNumbers)) {
    const parts = number.split('.')
    const parent = parts.slice(0, -1).join('.')
    const last = Number(parts.at(-1))
    const prefix = parent === '' ? '' : `${parent}.`
    // An RFC may leave a number or two out, no more.
    const elder = last <= 1 || [1, 2].some((step) => kept.has(`${prefix}${last - step}`))
    if ((parent === '' || kept.has(parent)) && elder) kept.add(number)
  }
  return [...kept]
}

/** The centred lines below the block of authors and dates. */
function readTitle(lines: readonly string[]): string | undefined {
  const head = lines.findIndex((line) => /Request for Comments|RFC:? ?#?\d|^RFC \d/i.test(line))
  if (head === -1) return undefined
  let at = head
  while (at < lines.length && (lines[at] ?? '').trim() !== '') at++
  while (at < lines.length && (lines[at] ?? '').trim() === '') at++
  const words: string[] = []
  for (; at < lines.length && (lines[at] ?? '').trim() !== '' && words.length < 4; at++)
    words.push((lines[at] ?? '').trim())
  const title = words.join(' ').replaceAll(/\s+/g, ' ')
  return title.length > 3 && title.length < 160 ? title : undefined
}

function byNumbers(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}
