import { describe, expect, it } from 'vitest'
import {
  decodeWords,
  decodeWordsStrict,
  parseAuthenticationResults,
  parseContentType,
  parseContentTypeStrict,
  parseDate,
  parseDateStrict,
  parseKeywords,
  parseListCommands,
  parseMessageId,
  parseMessageIds,
  readAddressValue,
  readDate,
} from '../src/index.ts'

const PIECES = ['=?', '(', ';', '*0*=', ';x*0*=', '=?a?q?', ',(', '("']

// These sizes would not end in hours if a reader looked at what it has seen again and again.
describe.each(PIECES)('ten megabytes of %s', (piece) => {
  const hostile = piece.repeat(10_000_000 / piece.length)

  it('are read', () => {
    expect(decodeWords(hostile).length).toBeGreaterThan(0)
    expect(parseContentType(`a/b;${hostile}`).type).toBe('a')
    expect(readAddressValue(hostile).addresses).toEqual([])
  }, 120_000)
})

describe.each(PIECES)('a megabyte of %s', (piece) => {
  const hostile = piece.repeat(1_000_000 / piece.length)

  it.each<[string, (text: string) => unknown]>([
    ['decodeWordsStrict', (text) => decodeWordsStrict(text, { context: 'phrase' })],
    ['parseContentTypeStrict', (text) => parseContentTypeStrict(`a/b;${text}`)],
    ['parseAuthenticationResults', (text) => parseAuthenticationResults(`a; b=c ${text}`)],
    ['parseDate', (text) => parseDate(`1 Jan 2020 00:00 +0000 ${text}`)],
    ['parseDateStrict', (text) => parseDateStrict(`1 Jan 2020 00:00 +0000 ${text}`)],
    ['readDate', (text) => readDate(text) ?? 'none'],
    ['parseMessageId', (text) => parseMessageId(`<${text}`)],
    ['parseMessageIds', (text) => parseMessageIds(`<${text}>`)],
    ['parseListCommands', (text) => parseListCommands(text)],
    ['parseKeywords', (text) => parseKeywords(text)],
  ])('is read by %s', (_name, read) => {
    expect(read(hostile)).toBeDefined()
  })
})
