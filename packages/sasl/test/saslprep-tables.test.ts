/** The tables of RFC 3454 as they are written here: whole, and right at their edges. */

import { describe, expect, it } from 'vitest'
import {
  isIn,
  L_CAT,
  MAPPED_TO_NOTHING,
  MAPPED_TO_SPACE,
  PROHIBITED,
  RAND_AL_CAT,
  UNASSIGNED,
} from '../src/saslprep-tables.ts'

describe.each([
  { table: 'A.1', ranges: UNASSIGNED, count: 879_309, first: 0x0221, last: 0xe_fffd, sum: 474_270_927_861 },
  { table: 'B.1', ranges: MAPPED_TO_NOTHING, count: 27, first: 0xad, last: 0xfeff, sum: 1_164_321 },
  { table: 'C.1.2', ranges: MAPPED_TO_SPACE, count: 17, first: 0xa0, last: 0x3000, sum: 133_104 },
  {
    table: 'C.1.2 and C.2.1 to C.9',
    ranges: PROHIBITED,
    count: 139_813,
    first: 0,
    last: 0x10_ffff,
    sum: 138_050_339_182,
  },
  { table: 'D.1', ranges: RAND_AL_CAT, count: 1_044, first: 0x05be, last: 0xfefc, sum: 50_704_970 },
  { table: 'D.2', ranges: L_CAT, count: 229_973, first: 0x41, last: 0x10_fffd, sum: 146_139_639_271 },
])('table $table', ({ ranges, count, first, last, sum }) => {
  it('has the code points of RFC 3454: as many, from its first to its last, of the same sum', () => {
    const found: number[] = []
    for (let codePoint = 0; codePoint <= 0x10_ffff; codePoint += 1) if (isIn(ranges, codePoint)) found.push(codePoint)
    const added = found.reduce((before, codePoint) => before + codePoint, 0)
    expect([found.length, found[0], found.at(-1), added]).toEqual([count, first, last, sum])
  })
})
