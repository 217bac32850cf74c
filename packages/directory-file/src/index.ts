/**
 * Users, domains and aliases from one TOML file, with passwords as PHC strings.
 *
 * @packageDocumentation
 */

// The directory
export { openFileDirectory } from './file-directory.ts'
export type {
  FileDirectory,
  FileDirectoryEvent,
  FileDirectoryLimits,
  FileDirectoryObserver,
  FileDirectoryOptions,
} from './file-directory.ts'
export { DirectoryFileError } from './problem.ts'
export type { DirectoryFileProblem } from './problem.ts'

// Passwords
export { hashPassword } from './password.ts'
export type { HashAlgorithm } from './password.ts'
