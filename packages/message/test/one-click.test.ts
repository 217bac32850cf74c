import { describe, expect, it } from 'vitest'
import { LIST_UNSUBSCRIBE_POST, parseHeader, readOneClickUri } from '../src/index.ts'
import { utf8 } from './texts.ts'

const POST = `List-Unsubscribe-Post: ${LIST_UNSUBSCRIBE_POST}\r\n`

describe('readOneClickUri', () => {
  it.each([
    {
      fields: `${POST}List-Unsubscribe: <mailto:a@b.example>, <https://b.example/u?1>\r\n`,
      uri: 'https://b.example/u?1',
    },
    {
      fields: 'List-Unsubscribe-Post: list-unsubscribe=one-click\r\nList-Unsubscribe: <HTTPS://b.example/>',
      uri: 'HTTPS://b.example/',
    },
    { fields: 'List-Unsubscribe: <https://b.example/>\r\n', uri: undefined },
    { fields: POST, uri: undefined },
    { fields: `${POST}List-Unsubscribe: <http://b.example/>\r\n`, uri: undefined },
    { fields: `${POST}List-Unsubscribe: <https://b.example/>, <https://c.example/>\r\n`, uri: undefined },
    { fields: `${POST}${POST}List-Unsubscribe: <https://b.example/>\r\n`, uri: undefined },
    {
      fields: `${POST}List-Unsubscribe: <https://b.example/>\r\nList-Unsubscribe: <https://b.example/>`,
      uri: undefined,
    },
    { fields: 'List-Unsubscribe-Post: yes\r\nList-Unsubscribe: <https://b.example/>\r\n', uri: undefined },
  ])('finds $uri (RFC 8058 §3.1)', ({ fields, uri }) => {
    expect(readOneClickUri(parseHeader(utf8(fields)))).toBe(uri)
  })
})
