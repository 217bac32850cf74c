import { describe, expect, it } from 'vitest'
import { checkForm, parseHeader } from '../src/index.ts'
import { bytes } from './texts.ts'

const DATE = 'Date: Fri, 21 Nov 1997 09:55:06 -0600\r\n'
const FROM = 'From: ada@example.org\r\n'
const check = (fields: string): string[] =>
  checkForm(parseHeader(bytes(fields))).map(({ kind, name }) => `${kind} ${name}`)

describe('checkForm', () => {
  it.each([
    { fields: DATE + FROM, faults: [] },
    { fields: `${DATE}From: A: ada@example.org;\r\n`, faults: [] },
    { fields: `${DATE}From: ada@example.org, eve@example.org\r\nSender: ada@example.org\r\n`, faults: [] },
    { fields: `${DATE + FROM}Sender: nobody:;\r\n`, faults: [] },
    { fields: '', faults: ['missing Date', 'missing From'] },
    { fields: DATE + DATE + FROM + FROM, faults: ['doubled Date', 'doubled From'] },
    { fields: `${DATE + FROM}Subject: x\r\nSUBJECT: y\r\n`, faults: ['doubled Subject'] },
    { fields: `Date: now\r\n${FROM}`, faults: ['malformed Date'] },
    { fields: `${DATE}From: Ada\r\n`, faults: ['malformed From'] },
    { fields: `${DATE}From:\r\n`, faults: ['malformed From'] },
    { fields: `${DATE + FROM}Sender: a@example.org, b@example.org\r\n`, faults: ['malformed Sender'] },
    { fields: `${DATE + FROM}Sender: x y\r\n`, faults: ['malformed Sender'] },
    { fields: `${DATE}From: ada@example.org, eve@example.org\r\n`, faults: ['missing Sender'] },
    { fields: `${DATE + FROM}no field\r\n`, faults: ['unreadable '] },
  ])('finds $faults (RFC 5322 §3.6)', ({ fields, faults }) => {
    expect(check(fields)).toEqual(faults)
  })

  it('says what is wrong in a sentence without the message', () => {
    for (const { explain } of checkForm(parseHeader(bytes('From: <script>\r\n')))) expect(explain).toMatch(/^[^<]*\.$/)
  })
})
