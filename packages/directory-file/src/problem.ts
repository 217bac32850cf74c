/** What is wrong with a directory file: everything at once, each with its place. */

/** One thing that is wrong. */
export interface DirectoryFileProblem {
  /** Where: `line 3, column 7` for the syntax of TOML, else the key: `users[2].mailboxes[0]`. Empty: the file itself. */
  readonly place: string
  /** What is wrong there, as a sentence. Never holds a verifier or a password. */
  readonly message: string
}

/** The file cannot be read, or cannot be used. */
export class DirectoryFileError extends Error {
  override readonly name = 'DirectoryFileError'
  /** `DIRECTORY_FILE_UNREADABLE`: the system cannot read it (see `cause`); `DIRECTORY_FILE_INVALID`: its text is wrong. */
  readonly code: 'DIRECTORY_FILE_UNREADABLE' | 'DIRECTORY_FILE_INVALID'
  /** As given to `openFileDirectory`. */
  readonly path: string
  /** One at least. */
  readonly problems: readonly DirectoryFileProblem[]

  constructor(
    code: 'DIRECTORY_FILE_UNREADABLE' | 'DIRECTORY_FILE_INVALID',
    path: string,
    problems: readonly DirectoryFileProblem[],
    options?: ErrorOptions,
  ) {
    const lines = problems.map(({ place, message }) => (place === '' ? message : `${place}: ${message}`))
    super(`${path}: ${lines.join('\n')}`, options)
    this.code = code
    this.path = path
    this.problems = problems
  }
}
