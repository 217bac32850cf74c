/** Charsets by the names mail gives them. */

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decodeCharset, isKnownCharset } from '../src/index.ts'

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))

describe('decodeCharset', () => {
  it.each([
    { charset: ' UTF8 ', given: '\u00c3\u00a9', value: 'é' },
    { charset: 'KOI8-R', given: '\u00c1', value: 'а' },
    { charset: 'iso-8859-1', given: '\u0080\u00e9', value: '\u0080é' },
    { charset: 'Latin1', given: '\u0080', value: '\u0080' },
    { charset: 'windows-1252', given: '\u0080', value: '€' },
    { charset: 'CP1252', given: '\u0080', value: '€' },
    { charset: 'cp-1252', given: '\u0080', value: '€' },
    { charset: 'win1251', given: '\u00e0', value: 'а' },
    { charset: 'iso_8859_15', given: '\u00a4', value: '€' },
    { charset: 'iso88592', given: '\u00b1', value: 'ą' },
    { charset: '8859-1', given: '\u0080', value: '\u0080' },
    { charset: 'us-ascii', given: '\u00c3\u00a9', value: 'é' },
    { charset: 'ANSI_X3.4-1968', given: '\u00e9', value: 'é' },
    { charset: 'ks_c_5601-1987', given: '\u00b0\u00a1', value: '가' },
    { charset: 'cp949', given: '\u00b0\u00a1', value: '가' },
    { charset: 'x-sjis', given: '\u0082\u00a0', value: 'あ' },
    { charset: 'cp932', given: '\u0082\u00a0', value: 'あ' },
    { charset: 'iso-2022-jp', given: '\u001b$B$"\u001b(B', value: 'あ' },
    { charset: 'gb2312', given: '\u00c4\u00e3', value: '你' },
    { charset: 'cp936', given: '\u00c4\u00e3', value: '你' },
    { charset: 'big5', given: '\u00a7A', value: '你' },
    { charset: 'utf-16', given: '\0A', value: 'A' },
    { charset: 'utf-16', given: '\u00fe\u00ff\0A', value: 'A' },
    { charset: 'utf-16', given: '\u00ff\u00feA\0', value: 'A' },
    { charset: 'utf-16', given: '\u00ff', value: '\ufffd' },
    { charset: 'utf-16le', given: 'A\0', value: 'A' },
    { charset: 'utf-8', given: '\u00ff', value: '\ufffd' },
  ])('reads $charset', ({ charset, given, value }) => {
    expect(decodeCharset(charset, bytes(given))).toBe(value)
    expect(isKnownCharset(charset)).toBe(true)
  })

  it.each(['no-such', '', 'x'.repeat(100), 'iso-8859-99', 'cp9999', 'x-unknown', 'replacement'])(
    'does not know "%s"',
    (charset) => {
      expect(decodeCharset(charset, bytes('a'))).toBeUndefined()
      expect(isKnownCharset(charset)).toBe(false)
    },
  )

  it.each([
    { given: 'A+ImIDkQ.', value: 'A≢Α.' },
    { given: 'Hi Mom -+Jjo--!', value: 'Hi Mom -☺-!' },
    { given: '+ZeVnLIqe-', value: '日本語' },
    { given: 'Item 3 is +AKM-1.', value: 'Item 3 is £1.' },
    { given: '1 +- 1', value: '1 + 1' },
    { given: '+2D3eAA-', value: '😀' },
    { given: '+/wH/Ag.', value: '！＂.' },
    { given: '+++8-', value: '\ufbef' },
    { given: '+2D0- a+', value: '\ufffd a' },
    { given: 'a+- +-b', value: 'a+ +b' },
    { given: '\u00e9', value: '\ufffd' },
  ])('reads $given in UTF-7', ({ given, value }) => {
    expect(decodeCharset('unicode-1-1-utf-7', bytes(given))).toBe(value)
  })

  it.each([
    { given: 'This is ~{<:Ky2;S{#,~}Bye.', value: 'This is 己所不欲，Bye.' },
    { given: 'a~~b~\nc', value: 'a~bc' },
    { given: '~{<:\nKy~x', value: '己\nKy~x' },
    { given: 'a~', value: 'a~' },
  ])('reads $given in HZ', ({ given, value }) => {
    expect(decodeCharset('hz-gb-2312', bytes(given))).toBe(value)
  })

  it('reads ISO-2022-KR', () => {
    expect(decodeCharset('iso-2022-kr', bytes('\u001b$)Ca\u000e0! 0!\u000fb\u001bx'))).toBe('a가 가b\u001bx')
  })

  it('takes any bytes in any charset', () => {
    const charsets = fc.constantFrom('utf-7', 'hz', 'iso-2022-kr', 'utf-16', 'us-ascii', 'gbk', 'iso-2022-jp', 'utf-8')
    fc.assert(
      fc.property(charsets, fc.uint8Array({ maxLength: 60 }), (charset, given) => {
        const decoded = decodeCharset(charset, given)
        expect(decoded).toBeTypeOf('string')
        expect(decoded).not.toMatch(/[\ud800-\udfff]/u)
      }),
    )
  })

  it.each(['utf-7', 'hz', 'iso-2022-kr'])('takes a megabyte in %s', (charset) => {
    const given = Buffer.alloc(1_000_000, '+-+~{AA\u000e')
    expect(decodeCharset(charset, given)).toBeTypeOf('string')
  })
})
