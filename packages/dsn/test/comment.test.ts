import { describe, expect, it } from 'vitest'
import { withoutComments } from '../src/comment.ts'

describe('withoutComments (RFC 3464 §2.1.1)', () => {
  it.each([
    { text: 'a', rest: 'a' },
    { text: ' a (b) ', rest: 'a' },
    { text: '(a) b (c (d) e) f', rest: 'b  f' },
    { text: '(a \\) b) c', rest: 'c' },
    { text: '"(a)" b', rest: '"(a)" b' },
    { text: '"\\"(a)" b', rest: '"\\"(a)" b' },
    { text: '(") a', rest: 'a' },
    { text: 'a) b', rest: 'a) b' },
    { text: 'a (b (c)', rest: 'a (b (c)' },
    { text: 'a (b) (c', rest: 'a  (c' },
    { text: '\\', rest: '\\' },
  ])('leaves $rest of $text', ({ text, rest }) => {
    expect(withoutComments(text)).toBe(rest)
  })

  it('takes megabytes of parentheses', () => {
    const text = '('.repeat(2_000_000)
    expect(withoutComments(text)).toBe(text)
    expect(withoutComments(`${text}${')'.repeat(2_000_000)}x`)).toBe('x')
    expect(withoutComments('()'.repeat(1_000_000))).toBe('')
  })
})
