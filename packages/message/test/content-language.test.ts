import { describe, expect, it } from 'vitest'
import { parseContentLanguage } from '../src/index.ts'

describe('parseContentLanguage', () => {
  it.each([
    { value: 'de', tags: ['de'] },
    { value: 'mi, en-GB (English), i-mingo', tags: ['mi', 'en-GB', 'i-mingo'] },
    { value: ',, d_e, "fr" ;x=1 en', tags: ['fr', 'x', '1', 'en'] },
    { value: '', tags: [] },
    { value: undefined, tags: [] },
  ])('reads $value', ({ value, tags }) => {
    expect(parseContentLanguage(value)).toEqual(tags)
  })

  it('takes a megabyte of commas and of open comments', () => {
    expect(parseContentLanguage(','.repeat(1_000_000))).toEqual([])
    expect(parseContentLanguage('('.repeat(1_000_000))).toEqual([])
  })
})
