/** The command `postroad` as npm installs it from packed packages: nothing of it comes from this workspace. */

import { join } from 'node:path'
import { formatFailure } from '../../checks/src/check.ts'
import { installPacked } from '../../checks/src/packed-project.ts'
import { Repository } from '../../checks/src/repository.ts'

/**
 * Packs and installs what is published, where that was not done yet; gives the program behind the command.
 *
 * @throws Where it cannot be built, packed or installed; the message says what the tools said.
 */
export async function installCommand(root: string): Promise<string> {
  const made = await installPacked(new Repository(root))
  if (!made.ok) throw new Error(made.failures.map(formatFailure).join('\n'))
  return join(made.value.takers.get('postroad') ?? '', 'node_modules/postroad/dist/main.js')
}
