import { describe, expect, it } from 'vitest'
import { mailboxOf } from '@postroad/address'
import { checkForm, decodeWords, parseHeader, readFileName } from '@postroad/message'
import { composeMessage, type Draft } from '../src/index.ts'

const DRAFT: Draft = {
  from: mailboxOf('ada@example.org'),
  to: [mailboxOf('bob@example.org'), mailboxOf('carol@example.net')],
  subject: 'Grüße',
  text: 'one\ntwo\r\nthree',
  at: 1_700_000_000_000,
  messageId: '1',
  boundary: 'b0undary',
}

const split = (message: Uint8Array): [string, string] => {
  const text = Buffer.from(message).toString()
  const at = text.indexOf('\r\n\r\n')
  return [text.slice(0, at + 2), text.slice(at + 4)]
}

describe('a composed message', () => {
  it('has the form of RFC 5322 §3.6', () => {
    const [header, body] = split(composeMessage(DRAFT))
    const parsed = parseHeader(Buffer.from(header))
    expect(checkForm(parsed)).toEqual([])
    expect(decodeWords(parsed.first('Subject')?.value ?? '')).toBe('Grüße')
    expect(parsed.first('To')?.value).toBe('bob@example.org, carol@example.net')
    expect(parsed.first('Message-ID')?.value).toBe('<1@example.org>')
    expect(body).toBe('one\r\ntwo\r\nthree\r\n')
  })

  it('says how its text is written', () => {
    expect(split(composeMessage(DRAFT))[0]).toContain('Content-Transfer-Encoding: 7bit')
    const [header] = split(composeMessage({ ...DRAFT, text: 'Grüße' }))
    expect(header).toContain('charset=utf-8')
    expect(header).toContain('Content-Transfer-Encoding: 8bit')
  })

  it('carries attachments in base64 lines of 76 characters (RFC 2045 §6.8)', () => {
    const bytes = new Uint8Array(1_000).fill(7)
    const [header, body] = split(composeMessage({ ...DRAFT, attachments: [{ name: 'a "b".bin', bytes }] }))
    expect(header).toContain('multipart/mixed; boundary="b0undary"')
    const parts = body.split('--b0undary')
    expect(parts).toHaveLength(4)
    expect(parts.at(-1)).toBe('--\r\n')
    const encoded = parts[2]?.slice(parts[2].indexOf('\r\n\r\n') + 4) ?? ''
    expect(Buffer.from(encoded, 'base64')).toEqual(Buffer.from(bytes))
    expect(Math.max(...encoded.split('\r\n').map(({ length }) => length))).toBe(76)
    expect(parts[2]).toContain('filename="a \\"b\\".bin"')
  })

  it.each(['a "b".bin', 'Größe, 2 %.pdf', '報告書'.repeat(30), "it's; x=y.txt"])(
    'keeps the name of the file %s (RFC 2183 §2.3, RFC 2231 §4)',
    (name) => {
      const [, body] = split(composeMessage({ ...DRAFT, attachments: [{ name, bytes: new Uint8Array() }] }))
      const [header = ''] = (body.split('--b0undary\r\n')[2] ?? '').split('\r\n\r\n')
      expect(readFileName(parseHeader(Buffer.from(header)))).toBe(name)
      expect(header).toMatch(/^[\r\n -~]*$/)
    },
  )
})
