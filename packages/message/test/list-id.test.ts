import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatListId, parseListId } from '../src/index.ts'

describe('parseListId', () => {
  it.each([
    {
      value: 'List Header Mailing List <list-header.nisto.com>',
      id: 'list-header.nisto.com',
      description: 'List Header Mailing List',
    },
    { value: '<commonspace-users.list-id.within.com>', id: 'commonspace-users.list-id.within.com' },
    {
      value: '"Lena\'s Personal Joke List"\r\n <lenas-jokes.da39.localhost>',
      id: 'lenas-jokes.da39.localhost',
      description: "Lena's Personal Joke List",
    },
    { value: '=?utf-8?q?Gr=C3=BC=C3=9Fe?=, a < b.\tc >', id: 'b.c', description: 'Grüße, a' },
  ])('reads $value (RFC 2919 §3)', ({ value, id, description }) => {
    expect(parseListId(value)).toEqual({ ok: true, value: description === undefined ? { id } : { id, description } })
  })

  it.each([
    { value: 'a.example', rule: 'list-id-header', offset: 9 },
    { value: '<a.example', rule: 'list-id-header', offset: 10 },
    { value: 'x < >', rule: 'list-id', offset: 3 },
  ])('says where "$value" is none', ({ value, rule, offset }) => {
    expect(parseListId(value)).toEqual({ ok: false, error: { rule, offset, expected: expect.any(String) } })
  })
})

describe('formatListId', () => {
  it('writes what parseListId reads', () => {
    const id = fc.stringMatching(/^[a-z0-9.-]{1,30}$/)
    const description = fc
      .string({ unit: 'binary', maxLength: 80 })
      .map((text) => text.replaceAll(/[\0-\u001f\u007f]/g, ''))
    fc.assert(
      fc.property(id, description, (id, description) => {
        const listId = description === '' ? { id } : { id, description }
        expect(parseListId(formatListId(listId))).toEqual({ ok: true, value: listId })
      }),
    )
    expect(formatListId({ id: 'a <b>\r\nc' })).toBe('<abc>')
  })
})
