import { describe, expect, it } from 'vitest'
import { openTestParts } from '@postroad/assembly/testing'
import { createService } from '../src/index.ts'

describe('the service msa', () => {
  it('listens where it is told, and stops', async () => {
    await using test = await openTestParts()
    const service = await createService(test.config, test.parts)
    expect(service.name).toBe('msa')
    expect(service.listening).toMatchObject([{ purpose: 'submission', endpoint: { host: '127.0.0.1' } }])
    await service.stop({ deadlineMs: 0 })
    await service.stop({ deadlineMs: 0 })
  })

  it('opens no socket where one of its endpoints cannot be opened', async () => {
    await using test = await openTestParts()
    const listen = [{ host: '127.0.0.1', port: 0 }, { path: `${test.folder}/no/such.sock` }]
    const config = { ...test.config, msa: { ...test.config.msa, listen } }
    await expect(createService(config, test.parts)).rejects.toThrow()
  })
})
