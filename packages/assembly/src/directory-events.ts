/** What the directory file reports, as lines. */

import type { FileDirectoryObserver } from '@postroad/directory-file'
import type { Log } from '@postroad/observe'

/** Lines of a directory that is kept in a file. */
export function observeDirectory(log: Log): FileDirectoryObserver {
  return (event) => {
    switch (event.type) {
      case 'directory.loaded': {
        const { path, users, domains, aliases } = event
        return log.info({ event: event.type, path, users, domains, aliases }, 'directory loaded')
      }
      case 'directory.exposed':
        return log.warn(
          { event: event.type, path: event.path, mode: event.mode.toString(8) },
          'others than the owner can read the directory file, and with it the password verifiers',
        )
      case 'directory.overloaded':
        return log.warn({ event: event.type, path: event.path }, 'too many passwords wait to be judged')
    }
  }
}
