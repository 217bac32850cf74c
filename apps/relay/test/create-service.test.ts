import { describe, expect, it } from 'vitest'
import { openTestParts } from '@postroad/assembly/testing'
import { createService } from '../src/index.ts'

describe('the service relay', () => {
  it('takes work until it is stopped', async () => {
    await using test = await openTestParts()
    const service = await createService(test.config, test.parts)
    expect(service).toMatchObject({ name: 'relay', listening: [] })
    await service.stop({ deadlineMs: 0 })
  })

  it('does not start with a zone that cannot be read', async () => {
    await using test = await openTestParts()
    const resolver = { kind: 'zone', path: `${test.folder}/none` } as const
    const config = { ...test.config, relay: { ...test.config.relay, resolver } }
    await expect(createService(config, test.parts)).rejects.toThrow()
  })
})
