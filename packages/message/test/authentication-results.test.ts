import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AuthenticationResults,
  formatAuthenticationResults,
  parseAuthenticationResults,
  parseAuthenticationResultsStrict,
} from '../src/index.ts'

/** A property in short. */
const property = (name: string, value: string) => {
  const [ptype = '', ...rest] = name.split('.')
  return { ptype, property: rest.join('.'), value }
}

const result = (method: string, outcome: string, more: Partial<AuthenticationResults['results'][number]> = {}) => ({
  method,
  version: 1,
  result: outcome,
  properties: [],
  comments: [],
  ...more,
})

describe('parseAuthenticationResults', () => {
  it.each<{ value: string } & AuthenticationResults>([
    { value: 'example.org 1; none', authservId: 'example.org', version: 1, results: [] },
    { value: '"a b" (c) 2 (d) ; (e) none (f)', authservId: 'a b', version: 2, results: [] },
    {
      value: 'example.com;\r\n spf=pass smtp.mailfrom=example.net',
      authservId: 'example.com',
      version: 1,
      results: [result('spf', 'pass', { properties: [property('smtp.mailfrom', 'example.net')] })],
    },
    {
      value:
        'example.com; auth=pass (cram-md5) smtp.auth=sender@example.net; spf=pass smtp.mailfrom=example.net; ' +
        'sender-id=pass header.from=example.net',
      authservId: 'example.com',
      version: 1,
      results: [
        result('auth', 'pass', { comments: ['cram-md5'], properties: [property('smtp.auth', 'sender@example.net')] }),
        result('spf', 'pass', { properties: [property('smtp.mailfrom', 'example.net')] }),
        result('sender-id', 'pass', { properties: [property('header.from', 'example.net')] }),
      ],
    },
    {
      value:
        'example.com; dkim=pass reason="good signature" header.i=@mail-router.example.net; ' +
        'dkim=fail (bad (really) signature) reason=bad header.i="a;b"',
      authservId: 'example.com',
      version: 1,
      results: [
        result('dkim', 'pass', {
          reason: 'good signature',
          properties: [property('header.i', '@mail-router.example.net')],
        }),
        result('dkim', 'fail', {
          comments: ['bad (really) signature'],
          reason: 'bad',
          properties: [property('header.i', 'a;b')],
        }),
      ],
    },
    {
      value:
        'foo.example.net (foobar) 1 (baz); dkim (Because I like it) / 1 (One yay) = (wait for it) fail ' +
        "policy (A dot can go here) . (like that) expired (this surprised me) = (as I wasn't expecting it) 1362471462",
      authservId: 'foo.example.net',
      version: 1,
      results: [
        result('dkim', 'fail', {
          comments: [
            'Because I like it',
            'One yay',
            'wait for it',
            'A dot can go here',
            'like that',
            'this surprised me',
            "as I wasn't expecting it",
          ],
          properties: [property('policy.expired', '1362471462')],
        }),
      ],
    },
    {
      value: 'bücher.example; auth=pass smtp.auth="a b"@bücher.example policy.x=a=b@c',
      authservId: 'bücher.example',
      version: 1,
      results: [
        result('auth', 'pass', {
          properties: [property('smtp.auth', '"a b"@bücher.example'), property('policy.x', 'a=b@c')],
        }),
      ],
    },
    {
      value: 'a; -x=pass header.d=bücher.example',
      authservId: 'a',
      version: 1,
      results: [result('-x', 'pass', { properties: [property('header.d', 'bücher.example')] })],
    },
    {
      value: 'a; DKIM/2=Pass',
      authservId: 'a',
      version: 1,
      results: [result('dkim', 'pass', { version: 2 })],
    },
  ])('reads $value (RFC 8601 §2.2, Appendix B)', ({ value, ...results }) => {
    expect(parseAuthenticationResultsStrict(value)).toEqual({ ok: true, value: results })
    expect(parseAuthenticationResults(value)).toEqual(results)
  })

  it.each([
    {
      what: 'no authserv-id, no ptype',
      value:
        'spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=a.example; dkim=none; compauth=pass reason=100 action=none',
      authservId: '',
      results: [
        result('spf', 'pass', {
          comments: ['sender IP is 192.0.2.1'],
          properties: [property('smtp.mailfrom', 'a.example')],
        }),
        result('dkim', 'none'),
        result('compauth', 'pass', { reason: '100', properties: [{ ptype: '', property: 'action', value: 'none' }] }),
      ],
    },
    {
      what: 'what should be quoted',
      value: 'a; dkim=pass header.b=ab/cd= header.s=x (c); iprev=pass policy.iprev=2001:db8::1;',
      authservId: 'a',
      results: [
        result('dkim', 'pass', {
          comments: ['c'],
          properties: [property('header.b', 'ab/cd='), property('header.s', 'x')],
        }),
        result('iprev', 'pass', { properties: [property('policy.iprev', '2001:db8::1')] }),
      ],
    },
    {
      what: 'what is between',
      value: 'a; dkim=pass good , "x" header.d=b; junk (x) here; ; spf=fail reason=x reason=y',
      authservId: 'a',
      results: [
        result('dkim', 'pass', { properties: [property('header.d', 'b')] }),
        result('spf', 'fail', { reason: 'x', properties: [{ ptype: '', property: 'reason', value: 'y' }] }),
      ],
    },
    { what: 'a forgotten semicolon', value: 'a spf=pass', authservId: 'a', results: [result('spf', 'pass')] },
    { what: 'one behind the version', value: 'a 1 spf=pass', authservId: 'a', results: [result('spf', 'pass')] },
    { what: 'more than a version', value: 'a b c; spf=pass', authservId: 'a', results: [result('spf', 'pass')] },
    { what: 'none beside a result', value: 'a; none; spf=pass', authservId: 'a', results: [result('spf', 'pass')] },
    {
      what: 'a name of its own',
      value: 'a; x_y=z_a .b=c d.=e',
      authservId: 'a',
      results: [
        result('x_y', 'z_a', {
          properties: [
            { ptype: '', property: 'b', value: 'c' },
            { ptype: 'd', property: '', value: 'e' },
          ],
        }),
      ],
    },
    { what: 'nothing', value: '', authservId: '', results: [] },
  ])('reads leniently, with $what: $value', ({ value, authservId, results }) => {
    expect(parseAuthenticationResults(value)).toEqual({ authservId, version: 1, results })
    expect(parseAuthenticationResultsStrict(value).ok).toBe(false)
  })

  it.each([
    { value: '', rule: 'authserv-id', offset: 0 },
    { value: 'a', rule: 'authres-payload', offset: 1 },
    { value: 'a;', rule: 'method', offset: 2 },
    { value: 'a x; none', rule: 'authres-version', offset: 2 },
    { value: 'a 1 x; none', rule: 'authres-payload', offset: 4 },
    { value: 'a; none; spf=pass', rule: 'no-result', offset: 7 },
    { value: 'a; spf=pass; none', rule: 'no-result', offset: 11 },
    { value: 'a; spf/x=pass', rule: 'method-version', offset: 7 },
    { value: 'a; spf/=pass', rule: 'method-version', offset: 7 },
    { value: 'a; spf-=pass', rule: 'method', offset: 3 },
    { value: 'a; spf=pass x.y=é/', rule: 'pvalue', offset: 16 },
    { value: 'a; spf=pass reason=é', rule: 'reasonspec', offset: 19 },
    { value: 'a; spf', rule: 'methodspec', offset: 6 },
    { value: 'a; spf=', rule: 'result', offset: 7 },
    { value: 'a; spf=pass x.y', rule: 'propspec', offset: 15 },
    { value: 'a; spf=pass x y.z=1', rule: 'propspec', offset: 12 },
    { value: 'a; spf=pass y=1', rule: 'ptype', offset: 12 },
    { value: 'a; spf=pass x.y_z=1', rule: 'property', offset: 12 },
    { value: 'a; spf=pass x.y=', rule: 'pvalue', offset: 16 },
    { value: 'a; spf=pass x.y=a/b', rule: 'pvalue', offset: 16 },
    { value: 'a; spf=pass x.y=a@b@c', rule: 'pvalue', offset: 16 },
    { value: 'a; spf=pass x.y="a"@', rule: 'pvalue', offset: 16 },
    { value: 'a; spf=pass reason=a@b', rule: 'reasonspec', offset: 19 },
    { value: 'a; spf=pass reason="a"@b', rule: 'propspec', offset: 22 },
  ])('says where "$value" is out of form (RFC 8601 §2.2)', ({ value, rule, offset }) => {
    expect(parseAuthenticationResultsStrict(value)).toEqual({
      ok: false,
      error: { rule, offset, expected: expect.any(String) },
    })
  })

  it('takes anything', () => {
    const pieces = fc.constantFrom(
      'a',
      ';',
      '=',
      '"',
      '(',
      ')',
      '\\',
      '.',
      '@',
      ' ',
      '/',
      '1',
      'none',
      'reason=',
      'x.y=',
      ',',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (words) => {
        const value = words.join('')
        const strict = parseAuthenticationResultsStrict(value)
        const lenient = parseAuthenticationResults(value)
        if (strict.ok) expect(strict.value).toEqual(lenient)
      }),
      { numRuns: 1_000 },
    )
  })

  it.each(['(', ';', '"', 'a=b;', '.', ' x', '=', ',', ' x.y=z', '-', 'none;', '("'])(
    'takes a megabyte of %s',
    (piece) => {
      expect(parseAuthenticationResults(`a; b=c ${piece.repeat(1_000_000 / piece.length)}`).authservId).toBe('a')
    },
  )
})

describe('formatAuthenticationResults', () => {
  it.each([
    { given: { authservId: 'a.example', results: [] }, value: 'a.example; none' },
    {
      given: { authservId: 'bücher.example', results: [{ method: 'spf', result: 'pass', reason: 'né' }] },
      value: '"bücher.example"; spf=pass reason="né"',
    },
    {
      given: {
        authservId: 'a b',
        version: 2,
        results: [
          {
            method: 'dkim',
            version: 3,
            result: 'pass',
            reason: 'good; (very)',
            comments: ['a (b\r\n'],
            properties: [property('header.d', 'b.example'), property('header.i', '@b.example'), property('.x', 'a/b')],
          },
          { method: 'X_y', result: '-' },
        ],
      },
      value:
        '"a b" 2; dkim/3=pass (a \\(b  ) reason="good; (very)" header.d=b.example header.i=@b.example policy.x="a/b"; x-y=x-x',
    },
    {
      given: {
        authservId: '',
        version: Number.NaN,
        results: [{ method: '', result: 'a', properties: [property('x.y', `${'a'.repeat(1_000)}@b`)] }],
      },
      value: `"" 0; xx=a x.y="${'a'.repeat(1_000)}@b"`,
    },
  ])('writes $value', ({ given, value }) => {
    expect(formatAuthenticationResults(given)).toBe(value)
  })

  it('writes what both readers read (RFC 8601 §2.2)', () => {
    const keyword = fc.stringMatching(/^[a-z](?:[a-z0-9-]{0,8}[a-z0-9])?$/)
    const method = keyword.filter((word) => word !== 'none')
    const text = fc.string({ unit: 'binary', maxLength: 30 }).map((given) => given.replaceAll(/[\0-\u001f\u007f]/g, ''))
    const mailbox = fc.constantFrom('a@b.example', '@b.example', '"a b"@é.example', '"a\\" @b', '"\\" ; (', '"a"@b c')
    const version = fc.integer({ min: 0, max: 999_999_999 })
    const results = fc.record(
      {
        method,
        version,
        result: keyword,
        comments: fc.array(
          text.map((given) => given.trim()),
          { maxLength: 2 },
        ),
        properties: fc.array(fc.record({ ptype: keyword, property: keyword, value: fc.oneof(text, mailbox) })),
        reason: text,
      },
      { requiredKeys: ['method', 'version', 'result', 'comments', 'properties'] },
    )
    fc.assert(
      fc.property(fc.record({ authservId: text, version, results: fc.array(results) }), (given) => {
        const written = formatAuthenticationResults(given)
        expect(parseAuthenticationResultsStrict(written)).toEqual({ ok: true, value: given })
        expect(parseAuthenticationResults(written)).toEqual(given)
      }),
      { numRuns: 500 },
    )
  })
})
