/** Whether this Node can run the services: `node:sqlite` and `await using` need a recent one. */

/** The oldest Node that can, as in `engines` of the manifests. */
const OLDEST = { major: 22, minor: 19 }

/** What is wrong with a version of Node (`process.versions.node`), as a sentence; `undefined` where nothing is. */
export function nodeProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return undefined
  return `needs Node ${OLDEST.major}.${OLDEST.minor} or newer; this is ${version}`
}
