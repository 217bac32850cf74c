import { expect, it } from 'vitest'
import { allowDescriptors } from '../../src/benches/wire/descriptors.ts'

it('is content with what there is', async () => {
  await expect(allowDescriptors(16)).resolves.toBeUndefined()
})

it('says what to do where there cannot be as many', async () => {
  await expect(allowDescriptors(4e12)).rejects.toThrow('4000000000000 descriptors are needed: run "ulimit -n')
})
