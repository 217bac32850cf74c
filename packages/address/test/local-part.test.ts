/** What a local part may mean: subaddresses (RFC 5233) and role names (RFC 2142). */

import { expect, it } from 'vitest'

import { ROLE_NAMES, splitSubaddress } from '../src/index.ts'

it.each([
  { localPart: 'ada+list', separator: undefined, user: 'ada', detail: 'list' },
  { localPart: 'ada+a+b', separator: undefined, user: 'ada', detail: 'a+b' },
  { localPart: 'ada+', separator: undefined, user: 'ada', detail: '' },
  { localPart: 'ada', separator: undefined, user: 'ada', detail: undefined },
  { localPart: '+list', separator: undefined, user: '+list', detail: undefined },
  { localPart: '', separator: undefined, user: '', detail: undefined },
  { localPart: 'ada--list', separator: '--', user: 'ada', detail: 'list' },
  { localPart: 'ada+list', separator: '', user: 'ada+list', detail: undefined },
])('splits $localPart at $separator into $user and $detail', ({ localPart, separator, user, detail }) => {
  expect(splitSubaddress(localPart, separator)).toEqual({ user, detail })
})

it('knows the names of RFC 2142', () => {
  expect(ROLE_NAMES.size).toBe(15)
  expect(ROLE_NAMES.has('postmaster')).toBe(true)
  expect([...ROLE_NAMES].every((name) => name === name.toLowerCase())).toBe(true)
})
