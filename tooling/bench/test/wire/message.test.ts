import { ContentScanner } from '@postroad/message'
import { describe, expect, it } from 'vitest'
import { contentOf, envelopeFor, messageOf } from '../../src/benches/wire/message.ts'

describe('a message', () => {
  it.each([200, 1_024, 10_240, 10_241, 1_048_576, 1_048_577, 3_000_000])(
    'of %i bytes is what its facts say',
    async (sizeBytes) => {
      const scanner = new ContentScanner()
      const content = contentOf(sizeBytes)
      for await (const chunk of content.open()) scanner.push(chunk)
      const { longestLineBytes, ...facts } = scanner.finish()
      expect(content.facts).toMatchObject(facts)
      expect(content.facts.longestLineBytes).toBeGreaterThanOrEqual(longestLineBytes)
    },
  )

  it('is the same as bytes', () => {
    expect(messageOf(10_240)).toHaveLength(10_240)
  })

  it('goes to as many as are asked for', () => {
    expect(envelopeFor(50).recipients).toHaveLength(50)
  })
})
