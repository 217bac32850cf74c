import { expect, it } from 'vitest'
import { sourceArguments } from '../../src/benches/wire/smtp-source.ts'

const load = { messages: 1_000, sessions: 10, sizeBytes: 10_240, recipients: 50 }

it('says what smtp-source is to send, and to whom', () => {
  const args = sourceArguments(2_525, { ...load, reused: true }).join(' ')
  expect(args).toContain('-m 1000 -s 10 -l 10240 -r 50 -d')
  expect(args).toMatch(/ 127\.0\.0\.1:2525$/)
})

it('asks for a connection for each message by not asking to keep them', () => {
  expect(sourceArguments(2_525, { ...load, reused: false })).not.toContain('-d')
})
