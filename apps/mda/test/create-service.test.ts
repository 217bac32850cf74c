import { connect } from 'node:net'
import { openTestParts } from '@postroad/assembly/testing'
import { LineClient } from '@postroad/smtp-server/testing'
import { describe, expect, it } from 'vitest'
import { createService } from '../src/index.ts'

describe('the service mda', () => {
  it('listens where it is told, and stops', async () => {
    await using test = await openTestParts()
    const service = await createService(test.config, test.parts)
    expect(service.name).toBe('mda')
    expect(service.listening).toMatchObject([{ purpose: 'lmtp', endpoint: { host: '127.0.0.1' } }])
    await service.stop({ deadlineMs: 0 })
    await service.stop({ deadlineMs: 0 })
  })

  it('takes messages of any size: what came in at the door is not refused here', async () => {
    await using test = await openTestParts()
    const service = await createService(test.config, test.parts)
    const [where] = service.listening
    if (where === undefined || !('port' in where.endpoint)) throw new Error('It listens at no port.')
    const client = new LineClient(connect(where.endpoint.port, where.endpoint.host))
    await client.reply()
    const [offer] = await client.talk('LHLO relay.example.org')
    expect(offer?.split('\n')).toContain('250-SIZE')
    await client.talk('QUIT')
    await service.stop({ deadlineMs: 0 })
  })

  it('opens no socket where one of its endpoints cannot be opened', async () => {
    await using test = await openTestParts()
    const listen = [{ host: '127.0.0.1', port: 0 }, { path: `${test.folder}/no/such.sock` }]
    const config = { ...test.config, mda: { ...test.config.mda, listen } }
    await expect(createService(config, test.parts)).rejects.toThrow()
  })
})
