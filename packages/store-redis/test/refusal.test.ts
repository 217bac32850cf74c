import { expect, it } from 'vitest'
import { codeOf, unavailable } from '../src/refusal.ts'

it.each([
  { error: new Error('READONLY You cannot write against a read only replica.'), code: 'READONLY' },
  { error: new Error('ERR Error running script (call to f_1): @user_script:3: -MISCONF Redis is'), code: 'MISCONF' },
  { error: new Error('Redis is not available'), code: '' },
  { error: 'READONLY text', code: '' },
])('finds the code "$code"', ({ error, code }) => {
  expect(codeOf(error)).toBe(code)
})

it('says why where a name has several addresses and none of them answers', () => {
  const reasons = ['::1', '127.0.0.1'].map((host) => new Error(`connect ECONNREFUSED ${host}:6379`))
  expect(unavailable(new AggregateError(reasons)).message).toBe(
    'Redis is not available: connect ECONNREFUSED ::1:6379; connect ECONNREFUSED 127.0.0.1:6379',
  )
})

it('tells neither a command nor what it had', () => {
  const error = Object.assign(new Error("ERR unknown command 'X', with args beginning with: 'secret'"), {
    command: { name: 'auth', args: ['secret'] },
  })
  const { message, cause } = unavailable(error)
  expect(message).toBe("Redis is not available: ERR unknown command 'X'")
  expect(JSON.stringify({ ...Object(cause) })).not.toContain('secret')
})
